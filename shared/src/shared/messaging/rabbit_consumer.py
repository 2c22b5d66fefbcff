"""Takes a service's messages from RabbitMQ.

A delivery is acknowledged after its effect is committed, or after it was confirmed on
the ladder or among the dead letters. A connection that breaks, or a queue that somebody
deletes, ends one turn of the loop; the next connects and declares again, and what was
not acknowledged comes again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aiormq.exceptions import AMQPError

from shared.observability import metrics

from . import topology
from .bus import PREFETCH, BusUnavailableError
from .envelope import UnreadableMessageError, read
from .handling import Dead, Done, Later, Subscription, Tries, Verdict, handle

SURPRISES: Final = "gitploy-surprises"
SINCE: Final = "gitploy-since"
REASON: Final = "gitploy-reason"
DIED_AT: Final = "gitploy-died-at"
RECONNECT_S: Final = 1.0
#: Handlers end within this time when the service stops; else the message comes again.
DRAIN_S: Final = 20.0

log = structlog.get_logger()


class Consumer:
    """One replica's share of a service's queue."""

    def __init__(
        self,
        service: str,
        subscription: Subscription,
        connect: Callable[[], Awaitable[AbstractConnection]],
    ) -> None:
        self._service = service
        self._subscription = subscription
        self._connect = connect
        self._in_hand: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take messages until cancelled; then finish those in hand."""
        while True:
            try:
                connection = await self._connect()
                try:
                    await self._take_turn(connection)
                finally:
                    with suppress(AMQPError, OSError):
                        await connection.close()
            except (AMQPError, BusUnavailableError, OSError, RuntimeError) as error:
                log.warning("consumer_lost", service=self._service, reason=str(error))
            await asyncio.sleep(RECONNECT_S)

    async def _take_turn(self, connection: AbstractConnection) -> None:
        """Until the connection breaks, the queue is deleted or we are cancelled."""
        channel = await connection.channel()
        ladder = await connection.channel(
            publisher_confirms=True, on_return_raises=True
        )
        ended = asyncio.Event()
        for each in (channel, ladder):
            each.close_callbacks.add(lambda *_: ended.set())
        underlying = await channel.get_underlay_channel()
        underlying.on_consumer_cancel_callbacks.add(lambda _: ended.set())
        await topology.declare(channel)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(self._service)

        async def on_message(delivery: AbstractIncomingMessage) -> None:
            task = asyncio.create_task(self._deliver(delivery, ladder, ended))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

        tag = await queue.consume(on_message)
        log.info("consumer_started", service=self._service)
        try:
            await ended.wait()
        finally:
            if not channel.is_closed:
                with suppress(AMQPError):
                    await queue.cancel(tag)
            if self._in_hand:
                await asyncio.wait(set(self._in_hand), timeout=DRAIN_S)

    async def _deliver(
        self,
        delivery: AbstractIncomingMessage,
        ladder: AbstractChannel,
        ended: asyncio.Event,
    ) -> None:
        try:
            verdict = await self._verdict(delivery)
            match verdict:
                case Later(rung=rung, tries=tries):
                    queue = topology.later(self._service, rung)
                    await _forward(ladder, delivery, queue, _told(tries))
                case Dead(reason=reason):
                    note = {REASON: reason, DIED_AT: datetime.now(UTC).isoformat()}
                    queue = topology.dead(self._service)
                    await _forward(ladder, delivery, queue, note)
                case Done():
                    pass
            await delivery.ack()
        except Exception:
            # What is neither acknowledged nor on the ladder must not stay in hand:
            # with the connection it goes back, and the next declares what is missing.
            log.exception("delivery_lost", service=self._service)
            ended.set()

    async def _verdict(self, delivery: AbstractIncomingMessage) -> Verdict:
        try:
            message = read(delivery.headers, delivery.body)
        except UnreadableMessageError as error:
            metrics.messages_unreadable.labels(self._service).inc()
            log.error("message_unreadable", service=self._service, reason=str(error))  # noqa: TRY400 - the reason is all there is to say
            return Dead(f"unreadable: {error}")
        if type(message.data) not in self._subscription:
            return Dead(f"{self._service} does not take {message.data.kind()}")
        now = datetime.now(UTC)
        return await handle(self._subscription, message, _tries(delivery), now)


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
