"""The connection on which a process speaks to RabbitMQ.

Every publish is confirmed by the broker or fails. Connections are opened when they are
needed and given up when they break; whoever publishes tries again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, cast

import aio_pika
import aiormq
from aio_pika.abc import AbstractConnection
from aiormq import spec
from aiormq.exceptions import AMQPError, DeliveryError, PublishError

from . import topology
from .bus import BusUnavailableError, MessageRefusedError

#: What we send is a few kilobytes; a broker refuses 16 MiB and closes the channel.
MAX_BODY: Final = 8 * 1024 * 1024
HEARTBEAT_S: Final = 10
CONNECT_TIMEOUT_S: Final = 5.0
#: Whatever a broken connection raises.
BROKEN: Final = (AMQPError, OSError, TimeoutError, RuntimeError)


class Link:
    """One broker, as one process speaks to it."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._connection: AbstractConnection | None = None
        self._publisher: aiormq.Channel | None = None
        self._opening = asyncio.Lock()
        self._publisher_opens: asyncio.Task[aiormq.Channel] | None = None

    async def send(self, name: str, body: bytes, about: spec.Basic.Properties) -> None:
        """Return once every queue that is bound to this name has it.

        Raises:
            BusUnavailableError: It may or may not have arrived.
            MessageRefusedError: It will not arrive as it is.
        """
        if len(body) > MAX_BODY:
            raise MessageRefusedError(f"{len(body)} bytes are more than {MAX_BODY}")
        try:
            await self._send(name, body, about)
        except PublishError:
            # Nobody's queue is bound: the broker was wiped under our feet.
            self._publisher = None
            await self._send_or_refuse(name, body, about)

    async def _send_or_refuse(
        self, name: str, body: bytes, about: spec.Basic.Properties
    ) -> None:
        try:
            await self._send(name, body, about)
        except PublishError as error:
            raise MessageRefusedError(f"no queue takes {name}") from error

    async def _send(self, name: str, body: bytes, about: spec.Basic.Properties) -> None:
        async with self.speaking():
            channel = await self.publisher()
            # aio-pika's own publish waits for the socket between two messages, which
            # makes a window of them as slow as one by one. Ours is bounded instead.
            await channel.basic_publish(
                body,
                exchange=topology.EXCHANGE,
                routing_key=name,
                properties=about,
                mandatory=True,
                wait=False,
            )

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[None]:
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
                await self.hang_up()
            raise BusUnavailableError(_reason(error)) from error

    async def hang_up(self) -> None:
        """Forget the connection: one that was lost does not always say so."""
        if self._publisher_opens:
            self._publisher_opens.cancel()
        broken, self._connection, self._publisher = self._connection, None, None
        if broken:
            with suppress(*BROKEN):
                await broken.close()

    async def publisher(self) -> aiormq.Channel:
        """The channel that publishes: it confirms, and returns what has no queue."""
        if self._publisher and not self._publisher.is_closed:
            return self._publisher
        # At a slow broker it takes longer than anybody waits: who gives up does not
        # make the next begin again.
        opens = self._publisher_opens
        if opens is None or opens.done():
            opens = asyncio.create_task(self._open_publisher())
            opens.add_done_callback(lambda task: task.cancelled() or task.exception())
            self._publisher_opens = opens
        await asyncio.wait([opens])
        if opens.cancelled():
            raise BusUnavailableError("RabbitMQ: the connection was given up")
        return opens.result()

    async def _open_publisher(self) -> aiormq.Channel:
        async with self._opening:
            connection = await self._connected()
            channel = await connection.channel(
                publisher_confirms=True, on_return_raises=True
            )
            await topology.declare(channel)
            underlay = await channel.get_underlay_channel()
            self._publisher = cast("aiormq.Channel", underlay)
            return self._publisher

    async def connection(self) -> AbstractConnection:
        """The connection that is open, or another."""
        async with self._opening:
            return await self._connected()

    async def _connected(self) -> AbstractConnection:
        if self._connection is None or self._connection.is_closed:
            self._connection = await self.connect()
        return self._connection

    async def connect(self) -> AbstractConnection:
        """A new connection, for one user.

        Raises:
            BusUnavailableError: The broker does not let us in, or nobody answers.
        """
        try:
            # Its own `timeout` is Python 3.11's wait_for, which loses a cancellation
            # that comes together with the answer: a service then never stops.
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return await aio_pika.connect(
                    self._url,
                    heartbeat=HEARTBEAT_S,
                    client_properties={"connection_name": self.name},
                )
        except BROKEN as error:
            raise BusUnavailableError(_reason(error)) from error


def _reason(error: BaseException) -> str:
    return f"RabbitMQ: {error or type(error).__name__}"
