"""The bus in memory with a relay: everything arrives, whatever happens in between."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from shared.contracts import CancelRequested, Message, Repository
from shared.messaging import MemoryBus, MemoryFile, Retry, Subscription
from shared.testing import FakeClock, said, until


def cancel(n: int = 1) -> Message[CancelRequested]:
    return said(
        CancelRequested(
            deployment_id=UUID(int=n),
            repository=Repository(id=1, full_name="o/r"),
            by="deadline",
            code="c",
            reason="r",
        )
    )


class Taker:
    def __init__(self) -> None:
        self.taken: list[Message[CancelRequested]] = []
        self.errors: list[Exception] = []

    async def take(self, message: Message[CancelRequested]) -> None:
        self.taken.append(message)
        if self.errors:
            raise self.errors.pop(0)

    @property
    def subscription(self) -> Subscription:
        return {CancelRequested: self.take}


async def test_a_message_waits_for_its_taker(tmp_path: Path) -> None:
    bus = MemoryBus(queues=["github-dispatcher"], file=tmp_path / "bus.sqlite")
    await bus.publish(cancel())
    taker = Taker()
    consuming = asyncio.create_task(
        bus.consume("github-dispatcher", taker.subscription)
    )
    await until(lambda: len(taker.taken) == 1)
    consuming.cancel()
    await asyncio.wait([consuming])
    await bus.close()


async def test_what_was_in_hand_at_the_end_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "bus.sqlite"
    bus = MemoryBus(queues=["github-dispatcher"], file=file)
    await bus.publish(cancel())
    await bus.close()
    again, taker = MemoryBus(file=file), Taker()
    consuming = asyncio.create_task(
        again.consume("github-dispatcher", taker.subscription)
    )
    await until(lambda: len(taker.taken) == 1)
    await until(lambda: not list(MemoryFile(file).pending()))
    consuming.cancel()
    await asyncio.wait([consuming])
    await again.close()


async def test_a_surprise_climbs_the_ladder_and_dies_with_its_reason() -> None:
    clock, taker = FakeClock(), Taker()
    taker.errors = [ValueError("boom")] * 5
    bus = MemoryBus(clock=clock)
    consuming = asyncio.create_task(
        bus.consume("github-dispatcher", taker.subscription)
    )
    await asyncio.sleep(0)
    await bus.publish(cancel())
    for times in range(2, 6):
        clock.advance(timedelta(minutes=10))
        bus.bring_due("github-dispatcher")
        await until(lambda times=times: len(taker.taken) == times)
    await until(lambda: len(bus.dead_letters()) == 1)
    assert bus.dead_letters()[0].reason == "ValueError: boom"
    consuming.cancel()
    await asyncio.wait([consuming])
    await bus.close()


async def test_retry_comes_back_after_the_next_greater_rung() -> None:
    clock, taker = FakeClock(), Taker()
    taker.errors = [Retry(timedelta(seconds=30))]
    bus = MemoryBus(clock=clock)
    consuming = asyncio.create_task(
        bus.consume("github-dispatcher", taker.subscription)
    )
    await asyncio.sleep(0)
    await bus.publish(cancel())
    assert bus.next_due() == clock() + timedelta(minutes=1)
    consuming.cancel()
    await asyncio.wait([consuming])
    await bus.close()
