"""Dead letters on RabbitMQ: looked at in their queues, sent back or dropped there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from shared.contracts import SERVICES

from . import topology
from .bus import DeadLetter
from .envelope import PREFIX
from .rabbit_consumer import DIED_AT, REASON


class DeadLetters:
    """The dead letters of all services."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    async def list(self, now: datetime) -> list[DeadLetter]:
        """Oldest first; they stay where they are."""
        found = [
            _letter(service, delivery, now)
            for service in SERVICES
            async for delivery in self._each(service)
        ]
        return sorted(found, key=lambda letter: letter.at)

    async def revive(self, message_id: str | None = None) -> int:
        """Send one, or all, back to their queues; how many there were."""
        revived = 0
        async with self._channel() as channel:
            for service in SERVICES:
                async for delivery in self._each(service):
                    if message_id in (None, delivery.message_id):
                        await _send_back(channel, service, delivery)
                        revived += 1
        return revived

    async def drop(self, message_id: str, service: str | None = None) -> int:
        """Destroy one; of how many services it was."""
        dropped = 0
        for each in (service,) if service else SERVICES:
            async for delivery in self._each(each):
                if message_id == delivery.message_id:
                    await delivery.ack()
                    dropped += 1
        return dropped

    async def _each(self, service: str) -> AsyncIterator[AbstractIncomingMessage]:
        """Each letter that is there now, once; what isn't acknowledged goes back."""
        async with self._channel() as channel:
            queue = await channel.get_queue(topology.dead(service))
            for _ in range(queue.declaration_result.message_count or 0):
                if delivery := await queue.get(fail=False):
                    yield delivery

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        channel = await self._connection.channel(
            publisher_confirms=True, on_return_raises=True
        )
        try:
            await topology.declare(channel)
            yield channel
        finally:
            await channel.close()


async def _send_back(
    channel: AbstractChannel, service: str, delivery: AbstractIncomingMessage
) -> None:
    ours = {k: v for k, v in delivery.headers.items() if k.startswith(PREFIX)}
    letter = aio_pika.Message(
        delivery.body,
        headers=ours,
        content_type=delivery.content_type,
        message_id=delivery.message_id or "",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await channel.default_exchange.publish(letter, routing_key=service)
    await delivery.ack()


def _letter(
    service: str, delivery: AbstractIncomingMessage, now: datetime
) -> DeadLetter:
    found: Mapping[str, Any] = delivery.headers
    return DeadLetter(
        id=delivery.message_id or "",
        service=service,
        kind=str(found.get(f"{PREFIX}type", "unknown")),
        subject=str(found.get(f"{PREFIX}subject", "")),
        reason=str(found.get(REASON, "delivered too often")),
        at=_died_at(found) or now,
        headers=found,
        body=delivery.body,
    )


def _died_at(found: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(found.get(DIED_AT)))
    except ValueError:
        # The broker itself put it there, or somebody by hand.
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
