"""The bus in memory: as every bus, and nothing is lost when the process dies."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from shared.contracts import SERVICES
from shared.messaging import MemoryBus, MemoryFile, Retry
from shared.testing import FakeClock, until
from shared.testing.bus import TAKER, BusConformance, Taker, a_message, consuming
from shared.testing.questions import QuestionsConformance


def came(taker: Taker, times: int) -> bool:
    return len(taker.taken) == times


class TestMemoryBus(BusConformance, QuestionsConformance):
    @pytest.fixture
    async def bus(self, tmp_path: Path) -> AsyncIterator[MemoryBus]:
        bus = MemoryBus(queues=SERVICES, file=tmp_path / "bus.sqlite")
        yield bus
        await bus.close()


async def test_what_was_in_hand_at_the_end_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "bus.sqlite"
    killed = MemoryBus(queues=SERVICES, file=file)
    await killed.publish(a_message())
    again, taker = MemoryBus(file=file), Taker()
    async with consuming(again, taker):
        await until(lambda: taker.finished == 1)
        await until(lambda: not list(MemoryFile(file).pending()))
    await again.close()
    await killed.close()


async def test_a_surprise_climbs_the_ladder_and_dies_with_its_reason() -> None:
    clock, taker = FakeClock(), Taker([ValueError("boom")] * 5)
    bus = MemoryBus(queues=SERVICES, clock=clock)
    async with consuming(bus, taker):
        await bus.publish(a_message())
        for times in range(2, 6):
            clock.advance(timedelta(minutes=10))
            bus.bring_due(TAKER)
            await until(partial(came, taker, times))
        await until(bus.idle)
        (letter,) = await bus.dead_letters()
        assert letter.reason == "ValueError: boom"
        assert await bus.revive(letter.id) == 1
        await until(lambda: taker.finished == 1)
        assert await bus.dead_letters() == []
    await bus.close()


async def test_another_process_revives_dead_letters(tmp_path: Path) -> None:
    file, clock = tmp_path / "bus.sqlite", FakeClock()
    taker = Taker([Retry(timedelta(seconds=1))] * 2)
    bus = MemoryBus(queues=SERVICES, file=file, clock=clock)
    async with consuming(bus, taker):
        await bus.publish(a_message())
        clock.advance(timedelta(hours=25))
        bus.bring_due(TAKER)
        await until(lambda: len(taker.taken) == 2)
        await until(bus.idle)
        other = MemoryFile(file)
        assert other.revive() == 1
        other.close()
        await until(lambda: taker.finished == 1)
    await bus.close()


async def test_retry_comes_back_after_the_next_greater_rung() -> None:
    clock, taker = FakeClock(), Taker([Retry(timedelta(seconds=30))])
    bus = MemoryBus(queues=SERVICES, clock=clock)
    async with consuming(bus, taker):
        await bus.publish(a_message())
        assert bus.next_due() == clock() + timedelta(minutes=1)
    await bus.close()


async def test_a_repeat_does_not_take_the_place_of_what_waits_on_the_ladder(
    tmp_path: Path,
) -> None:
    file, clock = tmp_path / "bus.sqlite", FakeClock()
    taker = Taker([Retry(timedelta(minutes=1)), Retry(timedelta(minutes=1))])
    bus = MemoryBus(queues=SERVICES, file=file, clock=clock)
    message = a_message()
    async with consuming(bus, taker):
        await bus.publish(message)
        taker.hold.clear()
        await bus.publish(replace(message, asked=True))
        taker.hold.set()
        await until(bus.idle)
    assert [kept.message for kept in MemoryFile(file).pending()] == [message]
    await bus.close()
