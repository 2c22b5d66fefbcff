"""Follows the log, keeps the rows up to date, and wakes those who wait for them.

Each replica follows. Whoever comes first applies a batch; the others see that it has
been applied and only tell their own listeners: HTTP requests that wait for an outcome,
and clients of the event stream. The bell wakes the follower after a commit of this
process; for commits of others it looks by itself, often while somebody waits.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from shared.store import Logged, Store

from .feed import Feed
from .projection import BATCH, Projection

POLL_S = 0.25
POLL_WHILE_WAITED_FOR_S = 0.05


class Changes:
    """Tells whether a stream has changed since it was last asked."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """The rows show something new."""
        self._changed.set()

    async def next(self) -> None:
        """Wait for the next change."""
        await self._changed.wait()
        self._changed.clear()


class Follower:
    """This replica's place in the log."""

    def __init__(self, store: Store, projection: Projection, feed: Feed) -> None:
        self.store = store
        self.feed = feed
        self._projection = projection
        self._position: int | None = None
        self._waiting: dict[UUID, set[Changes]] = {}

    async def run(self) -> None:
        """Follow until cancelled. After a failure it goes on where it was."""
        prepared = await self._projection.prepare()
        if self._position is None:
            self._position = prepared
            self.feed.begin(prepared)
        while True:
            heard = self.store.bell.count
            if not await self.step(self._position):
                pause = POLL_WHILE_WAITED_FOR_S if self._waiting else POLL_S
                await self.store.bell.wait(pause, since=heard)

    async def step(self, position: int) -> bool:
        """Apply one batch of the log, and tell of it; whether there was one."""
        entries = await self.store.log(position, BATCH)
        if await self._behind(position, entries):
            return True
        if not entries:
            return False
        self._wake(entries)
        await self.feed.tell(entries)
        self._position = entries[-1].position
        return True

    async def _behind(self, position: int, entries: Sequence[Logged]) -> bool:
        """Whether the rows lack what they had: an older state of them was restored."""
        if entries:
            reached = await self._projection.apply(position, entries)
        else:
            reached = await self._projection.position()
        if reached < position:
            self._position = reached
        return reached < position

    @contextmanager
    def watching(self, stream: UUID) -> Iterator[Changes]:
        """While it is open, changes of the stream are told."""
        changes = Changes()
        watchers = self._waiting.setdefault(stream, set())
        watchers.add(changes)
        try:
            yield changes
        finally:
            watchers.discard(changes)
            if not watchers:
                self._waiting.pop(stream, None)

    def _wake(self, entries: Sequence[Logged]) -> None:
        for stream in {entry.stream for entry in entries} & self._waiting.keys():
            for changes in self._waiting[stream]:
                changes.tell()
