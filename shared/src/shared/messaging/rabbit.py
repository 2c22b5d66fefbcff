"""The bus on RabbitMQ: the only module that publishes to a broker.

Every publish is confirmed by the broker or fails. Connections are opened when they are
needed and given up when they break; whoever publishes tries again, because the relay's
position has not moved.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final, cast

import aio_pika
import aiormq
from aio_pika.abc import AbstractConnection
from aiormq import spec
from aiormq.exceptions import (
    AMQPError,
    ChannelNotFoundEntity,
    DeliveryError,
    PublishError,
)

from shared.contracts import Event, Message

from . import topology
from .bus import BusUnavailableError, DeadLetter, MessageRefusedError
from .envelope import headers
from .handling import Subscription
from .rabbit_consumer import Consumer
from .rabbit_dead import DeadLetters

#: What we send is a few kilobytes; a broker refuses 16 MiB and closes the channel.
MAX_BODY: Final = 8 * 1024 * 1024
HEARTBEAT_S: Final = 10
PERSISTENT: Final = 2
CONNECT_TIMEOUT_S: Final = 5.0
#: Whatever a broken connection raises.
BROKEN: Final = (AMQPError, OSError, TimeoutError, RuntimeError)


class RabbitBus:
    """One broker, as one process sees it."""

    def __init__(self, url: str, *, name: str = "gitploy") -> None:
        self._url = url
        self._name = name
        self._connection: AbstractConnection | None = None
        self._publisher: aiormq.Channel | None = None
        self._opening = asyncio.Lock()

    async def publish(self, message: Message[Event]) -> None:
        """Return once every bound queue has it on disk (law 2)."""
        try:
            await self._send(message)
        except PublishError:
            # Nobody's queue is bound: the broker was wiped under our feet.
            self._publisher = None
            await self._send_or_refuse(message)

    async def _send_or_refuse(self, message: Message[Event]) -> None:
        try:
            await self._send(message)
        except PublishError as error:
            name = type(message.data).__name__
            raise MessageRefusedError(f"no queue takes {name}") from error

    async def _send(self, message: Message[Event]) -> None:
        body = message.data.model_dump_json().encode()
        if len(body) > MAX_BODY:
            raise MessageRefusedError(f"{len(body)} bytes are more than {MAX_BODY}")
        properties = spec.Basic.Properties(
            headers=dict(headers(message)),
            content_type="application/json",
            message_id=message.id,
            delivery_mode=PERSISTENT,
        )
        async with self._speaking():
            channel = await self._open()
            # aio-pika's own publish waits for the socket between two messages, which
            # makes a window of them as slow as one by one. Ours is bounded instead.
            await channel.basic_publish(
                body,
                exchange=topology.EXCHANGE,
                routing_key=type(message.data).__name__,
                properties=properties,
                mandatory=True,
                wait=False,
            )

    async def consume(self, service: str, subscription: Subscription) -> None:
        """Take messages until cancelled; then finish those in hand."""
        await Consumer(service, subscription, self._connect).run()

    async def remembers(self, service: str) -> bool:
        """Whether the mark that this service left is still there."""
        async with self._speaking():
            channel = await (await self._open_connection()).channel()
            try:
                await channel.get_queue(topology.marker(service), ensure=True)
            except ChannelNotFoundEntity:
                return False
            await channel.close()
        return True

    async def remember(self, service: str) -> None:
        """Leave the mark, and the queues that a wiped broker lacks."""
        async with self._speaking():
            channel = await (await self._open_connection()).channel()
            await topology.declare(channel)
            await topology.declare_marker(channel, service)
            await channel.close()

    async def ready(self) -> None:
        """Raises BusUnavailableError with the reason."""
        async with self._speaking():
            await self._open()

    async def dead_letters(self) -> list[DeadLetter]:
        """What nobody could handle, of all services."""
        async with await self._connect() as connection:
            return await DeadLetters(connection).list(datetime.now(UTC))

    async def revive(self, message_id: str | None = None) -> int:
        """Send dead letters (one, or all) back to their queues; how many there were."""
        async with await self._connect() as connection:
            return await DeadLetters(connection).revive(message_id)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._hang_up()

    @asynccontextmanager
    async def _speaking(self) -> AsyncIterator[None]:
        """What breaks ends the connection; the next one who speaks opens another."""
        used = self._connection
        try:
            yield
        except PublishError:
            raise
        except DeliveryError as error:
            raise BusUnavailableError("the broker did not take the message") from error
        except BROKEN as error:
            if used in (None, self._connection):
                await self._hang_up()
            raise BusUnavailableError(_reason(error)) from error

    async def _hang_up(self) -> None:
        """Forget the connection: one that was lost does not always say so."""
        broken, self._connection, self._publisher = self._connection, None, None
        if broken:
            with suppress(*BROKEN):
                await broken.close()

    async def _open(self) -> aiormq.Channel:
        """The channel that publishes: it confirms, and returns what has no queue."""
        async with self._opening:
            if self._publisher is None or self._publisher.is_closed:
                connection = await self._connected()
                channel = await connection.channel(
                    publisher_confirms=True, on_return_raises=True
                )
                await topology.declare(channel)
                underlay = await channel.get_underlay_channel()
                self._publisher = cast("aiormq.Channel", underlay)
            return self._publisher

    async def _open_connection(self) -> AbstractConnection:
        async with self._opening:
            return await self._connected()

    async def _connected(self) -> AbstractConnection:
        if self._connection is None or self._connection.is_closed:
            self._connection = await self._connect()
        return self._connection

    async def _connect(self) -> AbstractConnection:
        try:
            return await aio_pika.connect(
                self._url,
                timeout=CONNECT_TIMEOUT_S,
                heartbeat=HEARTBEAT_S,
                client_properties={"connection_name": self._name},
            )
        except BROKEN as error:
            raise BusUnavailableError(_reason(error)) from error


def _reason(error: BaseException) -> str:
    return f"RabbitMQ: {error or type(error).__name__}"
