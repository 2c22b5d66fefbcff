"""A service whose database goes away: messages wait at the bus until it is back."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from gitploy.local.backing import Postgres
from shared.contracts import DISPATCHER, CancelRequested, Message
from shared.messaging import RabbitBus
from shared.observability import metrics
from shared.service import Service
from shared.store import Store, Streams
from shared.testing import until
from shared.testing.bus import a_message
from tests.conftest import start_or_skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path / "postgres", fast=True)
    start_or_skip(server.start)
    yield server
    server.kill()


@pytest.fixture
async def bus(amqp_url: str) -> AsyncIterator[RabbitBus]:
    bus = RabbitBus(amqp_url)
    yield bus
    await bus.close()


class Taker:
    """A service that records what it takes."""

    def __init__(self, url: str, bus: RabbitBus) -> None:
        self.store = Store.open(DISPATCHER, url)
        self.streams = Streams[int, CancelRequested](
            self.store, 0, lambda known, _: known + 1
        )
        self.tries = 0
        self.service = Service(
            name=DISPATCHER,
            store=self.store,
            bus=bus,
            subscription={CancelRequested: self.take},
        )

    async def take(self, message: Message[CancelRequested]) -> None:
        self.tries += 1
        await self.streams.take(message.data.deployment_id, message)

    async def recorded(self, message: Message[CancelRequested]) -> bool:
        rows = await self.store.read(message.data.deployment_id)
        return [row.message.id for row in rows] == [message.id]


@asynccontextmanager
async def alive(taker: Taker) -> AsyncIterator[None]:
    async with taker.service.living():
        yield
    taker.store.close()


def outcomes(what: str) -> float:
    counter = metrics.messages_handled.labels("CancelRequested", what)
    return float(counter._value.get())


async def test_while_the_database_is_away_messages_wait_and_none_dies(
    server: Postgres, bus: RabbitBus
) -> None:
    taker = Taker(server.url, bus)
    before = {what: outcomes(what) for what in ("back", "dead")}
    async with alive(taker):
        await bus.publish(a_message(1))
        await until(lambda: taker.tries == 1)
        server.stop()
        messages = [a_message(n) for n in range(2, 7)]
        for message in messages:
            await bus.publish(message)
        await until(lambda: outcomes("back") > before["back"], timeout_s=90)
        server.start()
        for message in messages:
            await until(partial(taker.recorded, message), timeout_s=90)
        assert await bus.dead_letters() == []
    assert outcomes("dead") == before["dead"]
    assert taker.tries <= 3 * len(messages), "nothing was taken while it was away"
