"""The live events of the API: one for each entry of the log that people can see.

An event's id is its place in the log. Whoever listens reads what they missed from the
log, page by page as they take it, and is told what comes from where they have arrived:
nothing lies between the two, so nothing is lost and nothing comes twice. The log has
one order, that of the commits; what is read up to a position stays as it was read.
"""

import asyncio
from collections.abc import Collection, Sequence
from enum import Enum
from typing import Final, Protocol

from api_gateway.domain.facts import (
    BOOKKEEPING,
    DEPLOYMENT_FACTS,
    ReviewAsked,
    ReviewSubmitted,
)
from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    EnvironmentLocked,
    EnvironmentUnlocked,
    Fact,
    StatusUpdated,
)
from shared.store import Logged, Store

from .documents import Document
from .queries import Changed, Queries
from .updates import EventId, Update

#: What begins or ends to keep people, or pushes, out of an environment.
BARRIER_FACTS = (
    EnvironmentLocked,
    EnvironmentUnlocked,
    AutoDeployHeld,
    AutoDeployResumed,
)
SEEN: Final[frozenset[type[Fact]]] = DEPLOYMENT_FACTS.difference(BOOKKEEPING).union(
    BARRIER_FACTS
)
KINDS: Final = sorted(fact.kind() for fact in SEEN)
#: Whoever missed more of the log than this had better look at everything again.
KEPT: Final = 10_000
#: So many events are in memory for one who catches up, and for so many at once.
PAGE: Final = 100
AT_ONCE: Final = 2


class Lost(Enum):
    """Why the log does not tell what came after an id."""

    TOO_OLD = "too_old"
    UNKNOWN = "unknown"


class Audience(Protocol):
    """Those who have arrived at the feed's position."""

    def __len__(self) -> int:
        """How many they are."""

    async def expect(self, updates: Sequence[Update]) -> None:
        """See who may be told of these."""

    def hear(self, updates: Sequence[Update], at: EventId) -> None:
        """Tell them, and that this is where they are then."""


class Feed:
    """What this replica tells.

    Args:
        store: The log.
        queries: The rows that follow from it.
    """

    def __init__(self, store: Store, queries: Queries) -> None:
        #: Up to here the audience was told.
        self.position = 0
        self.audience: Audience | None = None
        self._store = store
        self._queries = queries
        # Those who catch up must not keep the others waiting for the database.
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._begun = asyncio.Event()

    def begin(self, position: int) -> None:
        """The rows were here when this replica began to follow the log."""
        self.position = position
        self._begun.set()

    async def begun(self) -> None:
        """Wait until it is known where one arrives."""
        # Who came earlier would be taken for one who has heard all up to there.
        await self._begun.wait()

    async def tell(self, entries: Sequence[Logged]) -> None:
        """These entries are in the rows now."""
        fresh = [e for e in entries if e.position > self.position]
        if not fresh:
            return
        updates: Sequence[Update] = ()
        if self.audience and (updates := await self._updates(fresh)):
            await self.audience.expect(updates)
        # From here on nothing is awaited: nobody arrives in between.
        at = EventId.of(fresh[-1])
        self.position = at.position
        if self.audience:
            self.audience.hear(updates, at)

    async def newest(self) -> EventId:
        """Where one begins who missed nothing."""
        return await self._entry(self.position) or EventId(self.position)

    async def lost(self, last: EventId) -> Lost | None:
        """Whether the log does not tell what came after an event, and why."""
        # Another replica may be ahead of this one.
        newest = await self._store.last_position()
        if last.position > newest:
            return Lost.UNKNOWN
        if last.position < newest - KEPT:
            return Lost.TOO_OLD
        if last.mark and await self._entry(last.position) != last:
            return Lost.UNKNOWN
        return None

    async def missed(
        self, after: int, readable: Collection[int] | None
    ) -> tuple[Sequence[Update], int]:
        """A page of what came after a position, and the position where it ends.

        Args:
            after: Where whoever asks is.
            readable: The repositories that they may read; none: all.
        """
        async with self._turns:
            until = self.position
            entries = await self._store.log(after, PAGE, until=until, kinds=KINDS)
            updates = await self._updates(entries, readable)
        return updates, entries[-1].position if len(entries) == PAGE else until

    async def _entry(self, position: int) -> EventId | None:
        found = await self._store.log(position - 1, 1, until=position)
        return EventId.of(found[0]) if found else None

    async def _updates(
        self, entries: Sequence[Logged], readable: Collection[int] | None = None
    ) -> Sequence[Update]:
        seen = [e for e in entries if type(e.message.data) in SEEN]
        if not seen:
            return ()
        changed = await self._queries.changed(
            {e.stream for e in seen}, {e.position for e in seen}, readable
        )
        updates = ((e, *_told(e, changed)) for e in seen)
        return [
            Update(EventId.of(entry), event, found)
            for entry, event, found in updates
            if found
        ]


def _told(entry: Logged, changed: Changed) -> tuple[str, Document | None]:
    match entry.message.data:
        case StatusUpdated():
            return "deployment_status", changed.statuses.get(entry.position)
        case ReviewAsked(reviewer=who) | ReviewSubmitted(reviewer=who):
            return "review", changed.reviews.get((entry.stream, who.id))
        case EnvironmentLocked() | EnvironmentUnlocked():
            return "lock", changed.barriers.get(entry.stream)
        case AutoDeployHeld() | AutoDeployResumed():
            return "hold", changed.barriers.get(entry.stream)
        case _:
            return "deployment", changed.deployments.get(entry.stream)
