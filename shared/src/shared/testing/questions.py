"""What every bus must do with questions and hints. Its tests inherit this."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from shared.contracts import (
    CommitChecksChanged,
    Person,
    PreflightAnswered,
    PreflightAsked,
    Ref,
    Repository,
)
from shared.messaging import Bus, Hearing, Retry

from .waiting import until

ANSWERER = "verifier"
SHOP = Repository(id=1, full_name="octo/shop")
#: Not how long an answer takes: how long a machine that does much else may need.
A_WHILE = timedelta(seconds=60)
#: As much less as tells that nothing was waited for.
AT_ONCE_S = A_WHILE.total_seconds() / 2
#: Long enough to ask in, on such a machine.
A_MOMENT = timedelta(seconds=1)


def a_question(ref: str = "main") -> PreflightAsked:
    """Something that the verifier answers."""
    return PreflightAsked(
        repository=SHOP,
        environment="production",
        ref=Ref(type="branch", name=ref),
        who=Person(id=1, login="octocat"),
    )


def a_hint(digit: str = "a") -> CommitChecksChanged:
    """Something that the verifier hears."""
    return CommitChecksChanged(repository=SHOP, sha=digit * 40)


class Oracle:
    """A service that answers with what it was asked about."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[PreflightAsked] = []
        self.heard: list[CommitChecksChanged] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.error = error

    async def answer(self, question: PreflightAsked) -> PreflightAnswered:
        """The handler of questions."""
        self.asked.append(question)
        await self.hold.wait()
        if self.error:
            raise self.error
        return answer_to(question)

    async def hear(self, hint: CommitChecksChanged) -> None:
        """The handler of hints."""
        self.heard.append(hint)
        if self.error:
            raise self.error

    @property
    def hearing(self) -> Hearing:
        """What it listens to."""
        return {PreflightAsked: self.answer, CommitChecksChanged: self.hear}


def answer_to(question: PreflightAsked) -> PreflightAnswered:
    """What the oracle says."""
    return PreflightAnswered(checks=(), would="deploy", message=question.ref.name)


@asynccontextmanager
async def answering(bus: Bus, *oracles: Oracle) -> AsyncIterator[None]:
    """While it is open, each oracle is a replica of the verifier."""
    tasks = [
        asyncio.create_task(bus.answer(ANSWERER, oracle.hearing)) for oracle in oracles
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def opened(bus: Bus) -> None:
    """Ask for the first time, which opens what asking needs."""
    async with answering(bus, Oracle()):
        assert await bus.ask(a_question("first"), A_WHILE)


class QuestionsConformance:
    """The tests; `bus` is a fixture of the adapter."""

    async def test_who_asks_is_answered(self, bus: Bus) -> None:
        oracle = Oracle()
        async with answering(bus, oracle):
            assert await bus.ask(a_question(), A_WHILE) == answer_to(a_question())
        assert oracle.asked == [a_question()]

    async def test_each_gets_the_answer_to_its_own_question(self, bus: Bus) -> None:
        questions = [a_question(f"branch-{n}") for n in range(50)]
        async with answering(bus, Oracle()):
            answers = await asyncio.gather(*(bus.ask(q, A_WHILE) for q in questions))
        assert answers == [answer_to(q) for q in questions]

    async def test_of_several_replicas_one_answers(self, bus: Bus) -> None:
        oracles = [Oracle(), Oracle()]
        async with answering(bus, *oracles):
            for _ in range(10):
                assert await bus.ask(a_question(), A_WHILE)
        assert sum(len(oracle.asked) for oracle in oracles) == 10

    async def test_where_nobody_answers_in_time_there_is_no_answer(
        self, bus: Bus
    ) -> None:
        oracle = Oracle()
        oracle.hold.clear()
        await opened(bus)
        async with answering(bus, oracle):
            assert await bus.ask(a_question(), A_MOMENT) is None
            oracle.hold.set()
            assert await bus.ask(a_question("next"), A_WHILE)

    async def test_where_nobody_is_there_to_answer_there_is_no_answer(
        self, bus: Bus
    ) -> None:
        await opened(bus)
        assert await bus.ask(a_question(), A_MOMENT) is None

    async def test_what_nobody_waits_for_any_more_is_not_asked(self, bus: Bus) -> None:
        oracle = Oracle()
        await opened(bus)
        assert await bus.ask(a_question("late"), A_MOMENT) is None
        async with answering(bus, oracle):
            assert await bus.ask(a_question("in time"), A_WHILE)
        assert oracle.asked == [a_question("in time")]

    async def test_a_question_waits_for_who_starts_in_time(self, bus: Bus) -> None:
        asking = asyncio.create_task(bus.ask(a_question(), A_WHILE))
        async with answering(bus, Oracle()):
            assert await asking == answer_to(a_question())

    async def test_who_fails_says_at_once_that_there_is_no_answer(
        self, bus: Bus
    ) -> None:
        for error in (ValueError("boom"), Retry(timedelta(minutes=1), "not now")):
            async with answering(bus, Oracle(error)), asyncio.timeout(AT_ONCE_S):
                assert await bus.ask(a_question(), A_WHILE) is None

    async def test_who_stops_answers_what_is_in_hand(self, bus: Bus) -> None:
        oracle = Oracle()
        oracle.hold.clear()
        task = asyncio.create_task(bus.answer(ANSWERER, oracle.hearing))
        asking = asyncio.create_task(bus.ask(a_question(), A_WHILE))
        await until(lambda: len(oracle.asked) == 1)
        task.cancel()
        asyncio.get_running_loop().call_later(0.05, oracle.hold.set)
        await asyncio.wait([task])
        assert await asking == answer_to(a_question())

    async def test_a_hint_is_heard_by_one_replica(self, bus: Bus) -> None:
        oracles = [Oracle(), Oracle()]

        def heard() -> list[CommitChecksChanged]:
            return [hint for oracle in oracles for hint in oracle.heard]

        async with answering(bus, *oracles):
            for digit in "abc":
                await bus.hint(a_hint(digit))
            await until(lambda: len(heard()) == 3)
        assert set(heard()) == {a_hint(digit) for digit in "abc"}

    async def test_a_hint_that_fails_is_heard_once_and_is_no_dead_letter(
        self, bus: Bus
    ) -> None:
        oracle = Oracle(Retry(timedelta(milliseconds=10)))
        async with answering(bus, oracle):
            await bus.hint(a_hint("a"))
            await bus.hint(a_hint("b"))
            await until(lambda: len(oracle.heard) == 2)
        assert await bus.dead_letters() == []
