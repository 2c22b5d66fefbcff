"""The live events of the API: one for each entry of the log that people can see.

An event's id is its log position, and there is one event for a position: a client that
says which one it had last gets those that follow from the log, none twice, and then
those that come. A client that doesn't keep up is let go; it may come again.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile

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
    StatusUpdated,
)
from shared.store import Logged, Store

from .documents import Document
from .projection import BATCH
from .queries import Changed, Queries

#: What begins or ends to keep people, or pushes, out of an environment.
BARRIER_FACTS = (
    EnvironmentLocked,
    EnvironmentUnlocked,
    AutoDeployHeld,
    AutoDeployResumed,
)
BACKLOG = 1000
HEARTBEAT_S = 30.0


@dataclass(frozen=True)
class Update:
    """One event: what has happened to what, and how that stands now."""

    position: int
    event: str
    document: Document

    @property
    def repo_id(self) -> int | None:
        """The repository that it is about."""
        edges = self.document["edges"]
        about = edges.get("deployment") or self.document
        repo = edges.get("repo") or {}
        found: int | None = about.get("repo_id", repo.get("id"))
        return found


class _Client:
    def __init__(self) -> None:
        self.ended = False
        self._waiting: list[Update] = []
        self._rung = asyncio.Event()

    def offer(self, updates: Sequence[Update]) -> None:
        if len(self._waiting) + len(updates) > BACKLOG:
            self.end()
        else:
            self._waiting.extend(updates)
            self._rung.set()

    def end(self) -> None:
        self.ended = True
        self._rung.set()

    async def take(self) -> list[Update]:
        """What waits; nothing after a while in which nothing came."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                await self._rung.wait()
        self._rung.clear()
        taken, self._waiting = self._waiting, []
        return taken


class Feed:
    """Everybody who listens to this replica."""

    def __init__(self, store: Store, queries: Queries) -> None:
        #: Up to here the clients were told.
        self.position = 0
        self._store = store
        self._queries = queries
        self._clients: set[_Client] = set()

    async def tell(self, entries: Sequence[Logged]) -> None:
        """These entries are in the rows now."""
        fresh = [e for e in entries if e.position > self.position]
        updates = await self._updates(fresh) if self._clients else []
        self.position = max(self.position, entries[-1].position)
        if updates:
            for client in self._clients:
                client.offer(updates)

    async def follow(self, after: int | None) -> AsyncGenerator[list[Update]]:
        """What comes after a position, or from now on; an empty list is a heartbeat."""
        # Another replica may be ahead of this one; a restored log may be behind.
        newest = await self._store.last_position()
        client, start = _Client(), self.position
        self._clients.add(client)
        last = start if after is None else min(after, newest)
        try:
            async for updates in self._missed(last, start):
                yield updates
            while not client.ended:
                taken = await client.take()
                fresh = [update for update in taken if update.position > last]
                # What it had already is no heartbeat.
                if fresh or not taken:
                    yield fresh
        finally:
            self._clients.discard(client)

    def close(self) -> None:
        """Let everybody go."""
        for client in self._clients:
            client.end()

    async def _missed(self, after: int, until: int) -> AsyncIterator[list[Update]]:
        while after < until:
            logged = await self._store.log(after, BATCH)
            entries = list(takewhile(lambda e: e.position <= until, logged))
            if updates := await self._updates(entries):
                yield updates
            after = entries[-1].position if entries else until

    async def _updates(self, entries: Sequence[Logged]) -> list[Update]:
        seen = [e for e in entries if _visible(e)]
        changed = await self._queries.changed(
            {e.stream for e in seen}, {e.position for e in seen}
        )
        updates = ((e.position, *_told(e, changed)) for e in seen)
        return [Update(at, event, found) for at, event, found in updates if found]


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


def _visible(entry: Logged) -> bool:
    data = entry.message.data
    if isinstance(data, BARRIER_FACTS):
        return True
    return type(data) in DEPLOYMENT_FACTS and not isinstance(data, BOOKKEEPING)
