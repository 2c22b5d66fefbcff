"""What every bus must do. Each adapter's tests inherit this and make a bus."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from unittest.mock import patch
from uuid import UUID, uuid4

from shared.contracts import CancelRequested, Message, Repository
from shared.messaging import Bus, Retry, Subscription, UnableError, handling

from .messages import said
from .waiting import until

TAKER = "github-dispatcher"


def a_message(n: int = 1) -> Message[CancelRequested]:
    """Something that one service takes."""
    return said(
        CancelRequested(
            deployment_id=UUID(int=n),
            repository=Repository(id=1, full_name="octo/shop"),
            by="deadline",
            code="no_tooling_answered",
            reason="Nobody carried it out.",
        ),
        id=str(uuid4()),
    )


class Taker:
    """A service that takes cancels, and fails as it is told to."""

    def __init__(self, errors: Sequence[Exception] = ()) -> None:
        self.taken: list[Message[CancelRequested]] = []
        self.finished = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self._errors = list(errors)

    async def take(self, message: Message[CancelRequested]) -> None:
        """The handler."""
        self.taken.append(message)
        await self.hold.wait()
        if self._errors:
            raise self._errors.pop(0)
        self.finished += 1

    def fail_next(self, error: Exception) -> None:
        """Once more."""
        self._errors.append(error)

    @property
    def ids(self) -> set[str]:
        """What came."""
        return {message.id for message in self.taken}

    @property
    def subscription(self) -> Subscription:
        """Its routing."""
        return {CancelRequested: self.take}


@asynccontextmanager
async def consuming(bus: Bus, *takers: Taker) -> AsyncIterator[None]:
    """While it is open, each taker is a replica of the dispatcher."""
    tasks = [asyncio.create_task(bus.consume(TAKER, t.subscription)) for t in takers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


class BusConformance:
    """The tests; `bus` is a fixture of the adapter."""

    async def test_what_was_said_before_its_taker_started_waits(self, bus: Bus) -> None:
        message = a_message()
        await bus.publish(message)
        taker = Taker()
        async with consuming(bus, taker):
            await until(lambda: taker.finished == 1)
        assert taker.taken == [message]

    async def test_many_arrive_once_each(self, bus: Bus) -> None:
        messages, taker = [a_message(n) for n in range(100)], Taker()
        async with consuming(bus, taker):
            await asyncio.gather(*(bus.publish(m) for m in messages))
            await until(lambda: taker.finished == len(messages))
        assert taker.ids == {m.id for m in messages}
        assert len(taker.taken) == len(messages)

    async def test_retry_brings_it_again(self, bus: Bus) -> None:
        taker = Taker([Retry(timedelta(milliseconds=10))])
        async with consuming(bus, taker):
            await bus.publish(message := a_message())
            await until(lambda: taker.finished == 1)
        assert taker.taken == [message, message]

    async def test_one_that_asks_is_let_go_instead(self, bus: Bus) -> None:
        taker = Taker([Retry(timedelta(milliseconds=10))])
        asking = said(a_message().data, asked=True)
        async with consuming(bus, taker):
            await bus.publish(asking)
            await bus.publish(after := a_message(2))
            await until(lambda: after.id in taker.ids)
        assert await bus.dead_letters() == []
        assert len(taker.taken) == 2

    async def test_a_surprise_brings_it_again(self, bus: Bus) -> None:
        taker = Taker([ValueError("boom")])
        async with consuming(bus, taker):
            await bus.publish(message := a_message())
            await until(lambda: taker.finished == 1)
        assert taker.taken == [message, message]

    async def test_who_can_handle_nothing_stops_and_loses_nothing(
        self, bus: Bus
    ) -> None:
        async def away() -> None:
            raise ConnectionError("nobody answers")

        taker = Taker([ValueError("boom")] * 3)
        publishing = [asyncio.create_task(bus.publish(a_message(n))) for n in (1, 2)]
        try:
            await bus.consume(TAKER, taker.subscription, away)
        except UnableError as error:
            assert "nobody answers" in str(error)  # noqa: PT017 - pytest isn't a dependency
        assert taker.finished == 0
        assert await bus.dead_letters() == []
        healed = Taker()
        async with consuming(bus, healed):
            await asyncio.gather(*publishing)
            await until(lambda: healed.finished == 2)

    async def test_who_is_able_and_fails_is_brought_the_message_again(
        self, bus: Bus
    ) -> None:
        async def there() -> None: ...

        taker = Taker([ValueError("boom")])
        await asyncio.gather(bus.publish(a_message()))
        task = asyncio.create_task(bus.consume(TAKER, taker.subscription, there))
        await until(lambda: taker.finished == 1)
        task.cancel()
        await asyncio.wait([task])

    async def test_who_stops_finishes_what_is_in_hand(self, bus: Bus) -> None:
        taker = Taker()
        taker.hold.clear()
        task = asyncio.create_task(bus.consume(TAKER, taker.subscription))
        publishing = asyncio.create_task(bus.publish(a_message()))
        await until(lambda: len(taker.taken) == 1)
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, taker.hold.set)
        await asyncio.wait([task, publishing])
        assert taker.finished == 1

    async def test_what_is_not_finished_in_time_is_brought_to_another(
        self, bus: Bus
    ) -> None:
        slow, other = Taker(), Taker()
        slow.hold.clear()
        task = asyncio.create_task(bus.consume(TAKER, slow.subscription))
        publishing = asyncio.create_task(bus.publish(message := a_message()))
        await until(lambda: len(slow.taken) == 1)
        with patch.object(handling, "DRAIN_S", 0.01):
            task.cancel()
            await asyncio.wait([task, publishing])
        assert slow.finished == 0
        async with consuming(bus, other):
            await until(lambda: other.finished == 1)
            # What was given to another is not gone on with.
            slow.hold.set()
            await bus.publish(a_message(2))
            await until(lambda: other.finished == 2)
        assert slow.finished == 0
        assert other.taken[0] == message

    async def test_it_remembers_who_left_a_mark(self, bus: Bus) -> None:
        await bus.remember("verifier")
        assert await bus.remembers("verifier")
        await bus.ready()
