"""What streams must do on every database. Its tests inherit this and open a store."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID, uuid4

from shared.contracts import Cause, Event, Fact, Message
from shared.store import Store, Streams, change_both

from .messages import said


class Counted(Event):
    passes_on_asking: ClassVar[bool] = True
    step: int

    @property
    def subject(self) -> str:
        return "counter"


class Noted(Fact):
    text: str


@dataclass(frozen=True)
class Counter:
    total: int = 0
    notes: tuple[str, ...] = ()


def evolve(known: Counter, message: Message[Counted | Noted]) -> Counter:
    match message.data:
        case Counted(step=step):
            return replace(known, total=known.total + step)
        case Noted(text=text):
            return replace(known, notes=(*known.notes, text))


Counters = Streams[Counter, Counted | Noted]
CAUSE = Cause(correlation_id="c")
ID = UUID(int=7)


def counters(store: Store) -> Counters:
    return Streams(store, Counter(), evolve)


def one_more(known: Counter) -> Sequence[Counted]:
    return [Counted(step=1)] if known.total < 5 else []


def as_noted(known: Counter) -> Sequence[Counted]:
    """As much in all as was noted."""
    missing = len(known.notes) - known.total
    return [Counted(step=missing)] if missing > 0 else []


async def follow(store: Store, after: int) -> list[tuple[int, Message[Fact]]]:
    """All that the log has behind a position, page by page."""
    followed: list[tuple[int, Message[Fact]]] = []
    while page := await store.log(after, 500):
        followed += [(row.position, row.message) for row in page]
        after = page[-1].position
    return followed


class StreamsConformance:
    """The tests; `store` is a fixture of the database."""

    async def test_a_copy_of_a_message_changes_nothing(self, store: Store) -> None:
        streams = counters(store)
        message = said(Noted(text="a"))
        await streams.take(ID, message)
        assert (await streams.take(ID, message)).notes == ("a",)
        assert len(await store.read(ID)) == 1

    async def test_a_copy_that_another_replica_took_changes_nothing(
        self, store: Store
    ) -> None:
        message = said(Noted(text="a"))
        ours, theirs = counters(store), counters(store)
        await ours.get(ID)
        await theirs.take(ID, message)
        assert (await ours.take(ID, message)).notes == ("a",)
        assert len(await store.read(ID)) == 1

    async def test_what_follows_from_a_message_is_committed_with_it(
        self, store: Store
    ) -> None:
        streams, message = counters(store), said(Noted(text="a"))
        assert (await streams.foresee(ID, message)).notes == ("a",)
        assert await store.read(ID) == []
        rang = store.bell.count
        for _ in range(2):
            await streams.change(ID, as_noted, message.cause, taking=message)
        first, second = await store.read(ID)
        assert store.bell.count == rang + 1
        assert (first.message, second.message.data) == (message, Counted(step=1))
        assert second.message.revision == 2

    async def test_a_message_from_which_nothing_follows_is_taken_all_the_same(
        self, store: Store
    ) -> None:
        streams, message = counters(store), said(Noted(text="a"))
        for _ in range(2):
            known = await streams.change(ID, lambda _: [], CAUSE, taking=message)
            assert known.notes == ("a",)
        assert [row.message for row in await store.read(ID)] == [message]

    async def test_what_follows_is_decided_again_where_another_replica_was_first(
        self, store: Store
    ) -> None:
        ours, theirs = counters(store), counters(store)
        message = said(Noted(text="a"))
        await ours.foresee(ID, message)
        await theirs.take(ID, message)
        await theirs.change(ID, lambda _: [Counted(step=4)], CAUSE)
        await ours.change(ID, as_noted, CAUSE, taking=message)
        assert len(await store.read(ID)) == 2
        other = said(Noted(text="b"))
        await theirs.take(ID, said(Noted(text="c")))
        known = await ours.change(ID, as_noted, CAUSE, taking=other)
        assert known == Counter(total=4, notes=("a", "c", "b"))

    async def test_a_message_is_taken_with_what_two_streams_say(
        self, store: Store
    ) -> None:
        streams, message, other = counters(store), said(Noted(text="a")), uuid4()

        def both(a: Counter, b: Counter) -> tuple[Sequence[Counted], Sequence[Counted]]:
            return as_noted(a), [] if b.total else [Counted(step=1)]

        rang = store.bell.count
        for _ in range(2):
            await change_both(streams, ID, streams, other, both, CAUSE, taking=message)
        assert store.bell.count == rang + 1
        assert len(await store.read(ID)) == 2
        assert (await streams.get(other)) == Counter(total=1)

    async def test_replicas_that_decide_at_once_decide_in_turn(
        self, store: Store
    ) -> None:
        replicas = [counters(store) for _ in range(4)]
        for replica in replicas:
            await replica.get(ID)
        await asyncio.gather(
            *(r.change(ID, one_more, CAUSE) for r in replicas for _ in range(4))
        )
        assert (await counters(store).get(ID)).total == 5

    async def test_nothing_to_say_is_decided_on_the_newest_state(
        self, store: Store
    ) -> None:
        ours, theirs = counters(store), counters(store)
        await ours.change(ID, lambda _: [Noted(text="seen")], CAUSE)
        await theirs.change(ID, lambda _: [Counted(step=5)], CAUSE)

        def when_five(known: Counter) -> Sequence[Noted]:
            return (
                [Noted(text="five")]
                if known.total == 5 and len(known.notes) < 2
                else []
            )

        assert (await ours.change(ID, when_five, CAUSE)).notes == ("seen", "five")

    async def test_who_asks_is_told_again_what_was_said(self, store: Store) -> None:
        streams = counters(store)
        request = said(Noted(text="please"))
        await streams.take(ID, request)
        await streams.change(ID, one_more, request.cause)
        first = (await streams.messages(ID))[1]
        await streams.take(ID, request)
        assert store.repeats() == []
        await streams.take(ID, replace(request, asked=True))
        (again,) = store.repeats()
        assert (again.id, again.asked) == (first.id, True)
        assert first.causation_id == request.id
        assert first.revision == 2

    async def test_two_streams_change_together_or_not_at_all(
        self, store: Store
    ) -> None:
        streams = counters(store)
        other = uuid4()

        def both(a: Counter, _: Counter) -> tuple[Sequence[Counted], Sequence[Noted]]:
            return [Counted(step=1)], [Noted(text=f"{a.total}")]

        await asyncio.gather(
            *(change_both(streams, ID, streams, other, both, CAUSE) for _ in range(5))
        )
        assert (await streams.get(ID)).total == 5
        assert (await streams.get(other)).notes == ("0", "1", "2", "3", "4")

    async def test_a_commit_rings_the_bell(self, store: Store) -> None:
        heard = store.bell.count
        await counters(store).take(ID, said(Noted(text="a")))
        assert await store.bell.wait(0, since=heard) == heard + 1

    async def test_the_log_is_followed_from_wherever_one_has_come(
        self, store: Store
    ) -> None:
        streams, told = counters(store), [said(Noted(text=t)) for t in "abcdef"]
        for message in told:
            await streams.take(uuid4(), message)
        for start in range(len(told)):
            followed = await follow(store, start)
            assert [m for _, m in followed] == told[start:]
            assert [p for p, _ in followed] == [*range(start + 1, len(told) + 1)]
        assert len(await store.log(0, 2)) == 2
