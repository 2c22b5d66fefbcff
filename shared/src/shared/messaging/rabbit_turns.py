"""Takes a queue's messages for as long as a connection holds, again and again.

A connection that breaks, or a queue that somebody deletes, ends one turn of the loop;
the next connects and declares again, and what was not acknowledged comes again. Who
can handle nothing now takes no more turns.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aiormq.exceptions import AMQPError

from . import topology
from .bus import PREFETCH, BusUnavailableError
from .handling import UnableError, drain

RECONNECT_S: Final = 1.0

Connect = Callable[[], Awaitable[AbstractConnection]]
#: Deals with one delivery and acknowledges it; the channel is for what it sends.
Deliver = Callable[[AbstractIncomingMessage, AbstractChannel], Awaitable[None]]

log = structlog.get_logger()


class Turns:
    """One replica's share of a queue."""

    def __init__(self, queue: str, connect: Connect, deliver: Deliver) -> None:
        self._queue = queue
        self._connect = connect
        self._deliver = deliver
        self._in_hand: set[asyncio.Task[None]] = set()
        self._unable: UnableError | None = None

    async def run(self) -> None:
        """Take messages until cancelled; then finish those in hand.

        Raises:
            UnableError: A handler could handle nothing; what it had is in the queue.
        """
        while self._unable is None:
            try:
                connection = await self._connect()
                try:
                    await self._take_turn(connection)
                finally:
                    with suppress(AMQPError, OSError):
                        await connection.close()
            except (AMQPError, BusUnavailableError, OSError, RuntimeError) as error:
                log.warning("consumer_lost", queue=self._queue, reason=str(error))
            await asyncio.sleep(0 if self._unable else RECONNECT_S)
        raise self._unable

    async def _take_turn(self, connection: AbstractConnection) -> None:
        """Until the connection breaks, the queue is deleted or we are cancelled."""
        channel = await connection.channel()
        sending = await connection.channel(
            publisher_confirms=True, on_return_raises=True
        )
        ended = asyncio.Event()
        for each in (channel, sending):
            each.close_callbacks.add(lambda *_: ended.set())
        underlying = await channel.get_underlay_channel()
        underlying.on_consumer_cancel_callbacks.add(lambda _: ended.set())
        await topology.declare(channel)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(self._queue)

        async def on_message(delivery: AbstractIncomingMessage) -> None:
            task = asyncio.create_task(self._in_turn(delivery, sending, ended))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

        tag = await queue.consume(on_message)
        log.info("consumer_started", queue=self._queue)
        try:
            await ended.wait()
        finally:
            if not channel.is_closed:
                with suppress(AMQPError):
                    await queue.cancel(tag)
            await drain(self._in_hand)

    async def _in_turn(
        self,
        delivery: AbstractIncomingMessage,
        sending: AbstractChannel,
        ended: asyncio.Event,
    ) -> None:
        try:
            await self._deliver(delivery, sending)
        except UnableError as error:
            self._unable = error
            ended.set()
        except Exception:
            # What is neither acknowledged nor sent on must not stay in hand: with the
            # connection it goes back, and the next declares what is missing.
            log.exception("delivery_lost", queue=self._queue)
            ended.set()
