"""Takes a service's messages from RabbitMQ.

A delivery is acknowledged after its effect is committed, or after it was confirmed on
the ladder or among the dead letters.
"""

from datetime import UTC, datetime
from typing import Any, Final

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.observability import metrics

from . import topology
from .envelope import UnreadableMessageError, read
from .handling import (
    Able,
    Back,
    Dead,
    Done,
    Later,
    Subscription,
    Tries,
    UnableError,
    Verdict,
    handle,
)
from .rabbit_turns import Connect, Turns

SURPRISES: Final = "gitploy-surprises"
SINCE: Final = "gitploy-since"
REASON: Final = "gitploy-reason"
DIED_AT: Final = "gitploy-died-at"

log = structlog.get_logger()


class Consumer:
    """One replica's share of a service's queue."""

    def __init__(
        self,
        service: str,
        subscription: Subscription,
        connect: Connect,
        able: Able | None = None,
    ) -> None:
        self._service = service
        self._subscription = subscription
        self._able = able
        self._turns = Turns(service, connect, self._deliver)

    async def run(self) -> None:
        """Take messages until cancelled; then finish those in hand."""
        await self._turns.run()

    async def _deliver(
        self, delivery: AbstractIncomingMessage, ladder: AbstractChannel
    ) -> None:
        verdict = await self._verdict(delivery)
        match verdict:
            case Later(rung=rung, tries=tries):
                queue = topology.later(self._service, rung)
                await _forward(ladder, delivery, queue, _told(tries))
            case Dead(reason=reason):
                note = {REASON: reason, DIED_AT: datetime.now(UTC).isoformat()}
                queue = topology.dead(self._service)
                await _forward(ladder, delivery, queue, note)
            case Back(reason=reason):
                # Unacknowledged it goes back with the connection.
                raise UnableError(reason)
            case Done():
                pass
        await delivery.ack()

    async def _verdict(self, delivery: AbstractIncomingMessage) -> Verdict:
        try:
            message = read(delivery.headers, delivery.body)
        except UnreadableMessageError as error:
            metrics.messages_unreadable.labels(self._service).inc()
            log.error("message_unreadable", service=self._service, reason=str(error))  # noqa: TRY400 - the reason is all there is to say
            return Dead(f"unreadable: {error}")
        if type(message.data) not in self._subscription:
            return Dead(f"{self._service} does not take {message.data.kind()}")
        return await handle(
            self._subscription,
            message,
            _tries(delivery),
            datetime.now(UTC),
            self._able,
        )


async def _forward(
    ladder: AbstractChannel,
    delivery: AbstractIncomingMessage,
    queue: str,
    note: dict[str, Any],
) -> None:
    kept = {k: v for k, v in delivery.headers.items() if not k.startswith("x-")}
    letter = aio_pika.Message(
        delivery.body,
        headers={**kept, **note},
        content_type=delivery.content_type,
        message_id=delivery.message_id,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await ladder.default_exchange.publish(letter, routing_key=queue)


def _told(tries: Tries) -> dict[str, Any]:
    since = {SINCE: tries.since.isoformat()} if tries.since else {}
    return {SURPRISES: tries.surprises, **since}


def _tries(delivery: AbstractIncomingMessage) -> Tries:
    since = delivery.headers.get(SINCE)
    try:
        return Tries(
            surprises=int(str(delivery.headers.get(SURPRISES, 0))),
            since=datetime.fromisoformat(str(since)) if since else None,
        )
    except ValueError:
        # Somebody sent it by hand; it is tried as if it came for the first time.
        return Tries()
