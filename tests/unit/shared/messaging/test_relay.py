"""The relay moves on only over what arrived, and heals a broker that was wiped."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.contracts import CancelRequested, Cause, Event, Message, Route
from shared.messaging import (
    BusUnavailableError,
    MemoryBus,
    MessageRefusedError,
    Relay,
)
from shared.messaging.relay import POLL_S
from shared.store import Outbox, Store, Streams
from shared.testing import FakeClock
from shared.testing.bus import a_message


class Broker(MemoryBus):
    """A bus that hears, forgets and refuses as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []
        self.refuses: set[str] = set()
        self.down_after = 1_000
        self.marks: set[str] = set()

    async def publish(self, message: Message[Event]) -> None:
        if message.id in self.refuses:
            raise MessageRefusedError("too large")
        if len(self.heard) >= self.down_after:
            raise BusUnavailableError("down")
        self.heard.append(message.id)

    async def remembers(self, service: str) -> bool:
        return service in self.marks

    async def remember(self, service: str) -> None:
        self.marks.add(service)


class Gateway:
    """A service that says cancels."""

    def __init__(self, url: str = "memory://") -> None:
        self.clock = FakeClock()
        self.store = Store.open("api-gateway", url, clock=self.clock)
        self.bus = Broker()
        self.relay = Relay(self.store, self.bus)
        self.streams = Streams[int, CancelRequested](
            self.store, 0, lambda known, _: known + 1
        )

    async def say(self, n: int) -> str:
        cause = Cause(correlation_id="c")
        fact = a_message(n).data
        await self.streams.change(UUID(int=n), lambda _: [fact], cause)
        return (await self.streams.messages(UUID(int=n)))[-1].id


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    await gateway.relay.outbox.prepare()
    yield gateway
    gateway.store.close()


async def test_what_was_said_arrives_in_order(gateway: Gateway) -> None:
    ids = [await gateway.say(n) for n in range(5)]
    await gateway.relay.flush()
    assert gateway.bus.heard == ids
    await gateway.relay.flush()
    assert gateway.bus.heard == ids


async def test_it_looks_again_only_where_something_is_left(gateway: Gateway) -> None:
    gateway.relay.outbox = Outbox(gateway.store, window=3)
    for n in (1, 2, 3, 4):
        await gateway.say(n)
    assert [await gateway.relay.step() for _ in "ab"] == [0, POLL_S]
    assert len(gateway.bus.heard) == 4
    await gateway.say(5)
    gateway.bus.refuses = {await gateway.say(6)}
    assert await gateway.relay.step() == 0
    gateway.bus.refuses.clear()
    gateway.relay.finish()
    assert [await gateway.relay.step() for _ in "ab"] == [0, POLL_S]
    assert len(gateway.bus.heard) == 6


async def test_what_was_left_before_a_restart_is_sent_without_a_pause(
    tmp_path: Path,
) -> None:
    gateway = Gateway(f"sqlite:///{tmp_path}/")
    for n in (1, 2, 3):
        await gateway.say(n)
    gateway.store.close()
    again = Gateway(f"sqlite:///{tmp_path}/")
    again.relay.outbox = Outbox(again.store, window=2)
    await again.relay.outbox.prepare()
    assert [await again.relay.step() for _ in "ab"] == [0, POLL_S]
    assert len(again.bus.heard) == 3
    again.store.close()


async def test_a_broker_that_goes_away_loses_nothing(gateway: Gateway) -> None:
    ids = [await gateway.say(n) for n in range(5)]
    gateway.bus.down_after = 2
    with pytest.raises(BusUnavailableError):
        await gateway.relay.flush()
    gateway.bus.down_after = 1_000
    await gateway.relay.flush()
    assert gateway.bus.heard == ids


async def test_a_wiped_broker_is_told_again_what_a_day_has_said(
    gateway: Gateway,
) -> None:
    await gateway.relay.look_for_mark()
    await gateway.say(1)
    gateway.clock.advance(timedelta(hours=25))
    recent = [await gateway.say(n) for n in (2, 3)]
    await gateway.relay.flush()
    gateway.bus.marks.clear()
    gateway.bus.heard.clear()
    await gateway.relay.look_for_mark()
    await gateway.relay.flush()
    assert gateway.bus.heard == recent


async def test_an_event_that_the_broker_refuses_for_good_is_passed_by_others(
    gateway: Gateway,
) -> None:
    first, refused, last = [await gateway.say(n) for n in range(3)]
    gateway.bus.refuses = {refused}
    for _ in range(6):
        await gateway.relay.flush_once()
    assert gateway.bus.heard[0] == first
    assert last in gateway.bus.heard
    assert [p.message_id for p in await gateway.relay.outbox.parked()] == [refused]


async def test_an_event_that_nobody_takes_is_passed_over(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = {CancelRequested: Route("api-gateway", ())}
    monkeypatch.setattr("shared.messaging.relay.ROUTES", nobody)
    await gateway.say(1)
    await gateway.relay.flush()
    assert gateway.bus.heard == []
    assert await gateway.relay.outbox.position() == 1


async def test_what_was_asked_for_is_said_once_more(gateway: Gateway) -> None:
    (message,) = [a_message()]
    gateway.store.say_again([message])
    await gateway.relay.flush()
    await gateway.relay.flush()
    assert gateway.bus.heard == [message.id]


async def test_an_event_is_parked_once_however_often_it_is_refused(
    gateway: Gateway,
) -> None:
    refused = await gateway.say(1)
    gateway.bus.refuses = {refused}
    for _ in range(6):
        await gateway.relay.flush_once()
    await gateway.relay.outbox.rewind(gateway.clock() - timedelta(days=1))
    for _ in range(2):
        await gateway.relay.flush_once()
    assert len(await gateway.relay.outbox.parked()) == 1
    last = await gateway.say(2)
    await gateway.relay.flush()
    assert gateway.bus.heard == [last]
