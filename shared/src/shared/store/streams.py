"""Aggregates: a fold over the messages of a stream, and two verbs.

* `take(id, message)` records what somebody told us; a second copy changes nothing.
* `change(id, decide, cause)` commits what `decide` says about the newest state. When
  somebody else got there first, it loads again and decides again (law 4).

Who concludes something from a message at once needs no commit for each: `foresee` shows
the state with the message, and `change` takes it together with what is concluded.

The version check `(stream, version)` of the event table settles every race between
processes, so neither verb needs a lock, and both may be called again after a crash.
Inside a process those of one stream take turns, because losing races costs time.

The folded state is kept. A commit on a kept state that is out of date fails, so using
it is safe wherever something is committed; where `decide` says nothing, nothing would
notice, so it is asked again on the fresh state. That makes the busiest path, a status
of a deployment that is known, one commit and no read.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar, cast
from uuid import UUID
from weakref import WeakValueDictionary

from eventsourcing.persistence import IntegrityError

from shared.contracts import Cause, Event, Fact, Message

from .identifiers import new_id
from .recording import Recorded
from .store import Store

S = TypeVar("S")
S2 = TypeVar("S2")
F = TypeVar("F", bound=Fact)
F2 = TypeVar("F2", bound=Fact)
KEPT = 8192


@dataclass
class _Known(Generic[S]):
    """A stream as far as it was read."""

    state: S
    version: int = 0
    ids: set[str] = field(default_factory=set)


class Streams(Generic[S, F]):
    """All aggregates of one kind: state `S`, folded from messages of facts `F`."""

    def __init__(
        self, store: Store, initial: S, evolve: Callable[[S, Message[F]], S]
    ) -> None:
        self.store = store
        self._initial = initial
        self._evolve = evolve
        self._kept: OrderedDict[UUID, _Known[S]] = OrderedDict()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def get(self, stream: UUID) -> S:
        """The state, with all that any replica has committed."""
        async with self.turn(stream):
            return (await self.refresh(stream)).state

    async def messages(self, stream: UUID) -> list[Message[F]]:
        """Everything that was taken and said, from the beginning."""
        rows = await self.store.read(stream)
        return [cast("Message[F]", row.message) for row in rows]

    async def foresee(self, stream: UUID, message: Message[F]) -> S:
        """The state with a message that is still to be taken."""
        async with self.turn(stream):
            return self.with_taken(await self.known(stream, fresh=False), message)

    async def take(self, stream: UUID, message: Message[F]) -> S:
        """Record a message; a copy changes nothing. One that asks is answered again."""
        async with self.turn(stream):
            known = self._kept.get(stream) or await self.refresh(stream)
            while message.id not in known.ids:
                rows = self.rows(stream, [], message.cause, message)
                if await self.commit(rows):
                    self.file(stream, rows)
                else:
                    await self.refresh(stream, beaten=True)
                known = self._kept[stream]
            if message.asked:
                self.store.say_again(await self._said(stream))
            return known.state

    async def change(
        self,
        stream: UUID,
        decide: Callable[[S], Sequence[F]],
        cause: Cause,
        *,
        taking: Message[F] | None = None,
    ) -> S:
        """Commit what `decide` says about the newest state; it must be pure.

        Args:
            stream: Which one.
            decide: Says what follows from the state.
            cause: Why now.
            taking: A message that is taken in the same commit.
        """
        async with self.turn(stream):
            fresh = stream not in self._kept
            known = self._kept.get(stream) or await self.refresh(stream)
            while True:
                facts = decide(self.with_taken(known, taking))
                rows = self.rows(stream, facts, cause, taking)
                if not rows and fresh:
                    return known.state
                if rows and await self.commit(rows):
                    self.file(stream, rows)
                    return self._kept[stream].state
                known = await self.refresh(stream, beaten=bool(rows))
                fresh = True

    # What `change_both` needs of each of its two, too.

    def turn(self, stream: UUID) -> asyncio.Lock:
        """Inside this process, one at a time."""
        return self._turns.setdefault(stream, asyncio.Lock())

    async def known(self, stream: UUID, *, fresh: bool) -> _Known[S]:
        """What is kept of a stream, or all that there is."""
        kept = None if fresh else self._kept.get(stream)
        return kept or await self.refresh(stream)

    async def refresh(self, stream: UUID, *, beaten: bool = False) -> _Known[S]:
        """Read what is new; `beaten` says that there must be something."""
        known = self._kept.get(stream) or _Known(self._initial)
        rows = await self.store.read(stream, known.version)
        if beaten and not rows:
            raise RuntimeError(
                f"stream {stream} refuses version {known.version + 1}, and has no more "
                "than that: the event table has a constraint that we do not know"
            )
        self._kept[stream] = known
        self.file(stream, rows)
        return known

    def file(self, stream: UUID, rows: Iterable[Recorded]) -> None:
        """Fold committed rows into what is kept."""
        known = self._kept[stream]
        for row in rows:
            message = cast("Message[F]", row.message)
            known.state = self._evolve(known.state, message)
            known.version = row.originator_version
            known.ids.add(message.id)
        self._kept.move_to_end(stream)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def with_taken(self, known: _Known[S], taking: Message[F] | None) -> S:
        """The state, with a message that is still to be taken."""
        if taking is None or taking.id in known.ids:
            return known.state
        return self._evolve(known.state, taking)

    def rows(
        self,
        stream: UUID,
        facts: Sequence[Fact],
        cause: Cause,
        taking: Message[F] | None = None,
    ) -> Sequence[Recorded]:
        """A message that is new and new facts, at the end of what is known."""
        known = self._kept[stream]
        start, taken = known.version + 1, []
        if taking and taking.id not in known.ids:
            taken = [Recorded(stream, start, replace(taking, asked=False))]
        said = [
            Recorded(stream, version, self._say(version, fact, cause))
            for version, fact in enumerate(facts, start + len(taken))
        ]
        return [*taken, *said]

    async def commit(self, rows: Sequence[Recorded]) -> bool:
        """Whether they could be written at their places."""
        if not rows:
            return True
        try:
            await self.store.append(rows)
        except IntegrityError:
            return False
        return True

    def _say(self, version: int, fact: Fact, cause: Cause) -> Message[Fact]:
        return Message(
            id=new_id(),
            source=self.store.service,
            time=self.store.clock(),
            correlation_id=cause.correlation_id,
            causation_id=cause.causation_id,
            revision=version,
            data=fact,
        )

    async def _said(self, stream: UUID) -> list[Message[Event]]:
        return [
            replace(cast("Message[Event]", m), asked=m.data.passes_on_asking)
            for m in await self.messages(stream)
            if m.source == self.store.service and isinstance(m.data, Event)
        ]


async def change_both(
    one: Streams[S, F],
    one_id: UUID,
    two: Streams[S2, F2],
    two_id: UUID,
    decide: Callable[[S, S2], tuple[Sequence[F], Sequence[F2]]],
    cause: Cause,
    *,
    taking: Message[F] | None = None,
) -> tuple[S, S2]:
    """Commit what `decide` says about two streams of one store, together or not.

    A message that is `taking` goes to the first of them.
    """
    async with AsyncExitStack() as turns:
        for lock in (one.turn(one_id), two.turn(two_id)):
            await turns.enter_async_context(lock)
        fresh = False
        while True:
            a = await one.known(one_id, fresh=fresh)
            b = await two.known(two_id, fresh=fresh)
            facts = decide(one.with_taken(a, taking), b.state)
            rows = one.rows(one_id, facts[0], cause, taking)
            rows2 = two.rows(two_id, facts[1], cause)
            # Only a commit in both streams proves that both were up to date.
            if (fresh or (rows and rows2)) and await one.commit([*rows, *rows2]):
                one.file(one_id, rows)
                two.file(two_id, rows2)
                return a.state, b.state
            fresh = True
