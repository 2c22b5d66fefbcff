"""What the dispatcher's parts share: its store, its GitHub, and turns.

In this process messages of one stream take turns; between processes the attempt decides
who may write. What has to wait is brought again by the bus.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from github_dispatcher.domain.answers import Limits
from github_dispatcher.ports import GitHub, NoAnswerError
from shared.messaging import Retry
from shared.store import Store

#: The bus rounds a wait up to one of a few; going down in these arrives in time.
WAITS: Final = tuple(timedelta(seconds=s) for s in (600, 60, 10, 1))


class Turns:
    def __init__(self, store: Store, github: GitHub, limits: Limits) -> None:
        self.store = store
        self.clock = store.clock
        self.github = github
        self.limits = limits
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def _turn(self, stream: UUID) -> AsyncIterator[None]:
        """One message of a stream at a time; without GitHub's answer, another time."""
        turn = self._turns.setdefault(stream, asyncio.Lock())
        try:
            async with turn:
                yield
        except NoAnswerError as error:
            raise self._retry(error.after, str(error)) from error

    def _retry(self, after: timedelta, reason: str) -> Retry:
        fitting = (wait for wait in WAITS if wait <= after * 1.1)
        return Retry(next(fitting, WAITS[-1]), reason)
