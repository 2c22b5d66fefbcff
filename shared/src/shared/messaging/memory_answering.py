"""Questions and hints inside one process.

They wait in memory for a replica of who hears them, and for no longer than they live.
"""

import asyncio
from asyncio import Future, Queue
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from shared.contracts import HINTS, QUESTIONS, Hint, Question, Unrecorded

from .answering import LIFE, Hearing, hear
from .bus import PREFETCH

#: More than that are never waiting, unless nobody hears.
MOST = 1_000


@dataclass(frozen=True)
class _Said:
    what: Question[Any] | Hint
    within: timedelta
    #: When it expires, by the loop's clock.
    until: float
    answer: "Future[Unrecorded | None]" = field(default_factory=Future)


class Unheard:
    """What is said and not recorded, until somebody hears it."""

    def __init__(self) -> None:
        self._queues: dict[str, Queue[_Said]] = {}

    async def ask(
        self, question: Question[Any], within: timedelta
    ) -> Unrecorded | None:
        """What came back in time, if anything."""
        said = self._say(QUESTIONS[type(question)].answerer, question, within)
        with suppress(TimeoutError):
            async with asyncio.timeout(within.total_seconds()):
                return await said.answer
        return None

    def hint(self, hint: Hint) -> None:
        """Say it to all who are to hear it."""
        for service in HINTS[type(hint)].takers:
            self._say(service, hint, LIFE)

    async def hear(self, service: str, hearing: Hearing) -> None:
        """Hear until cancelled; then finish what is in hand."""
        waiting = self._waiting(service)
        places = asyncio.Semaphore(PREFETCH)
        async with _finishing() as in_hand:
            while True:
                await places.acquire()
                said = await waiting.get()
                task = asyncio.create_task(_hear(hearing, said))
                in_hand.add(task)
                task.add_done_callback(in_hand.discard)
                task.add_done_callback(lambda _: places.release())

    def _say(self, service: str, what: Question[Any] | Hint, lives: timedelta) -> _Said:
        now = asyncio.get_running_loop().time()
        said = _Said(what, lives, now + lives.total_seconds())
        with suppress(asyncio.QueueFull):
            self._waiting(service).put_nowait(said)
        return said

    def _waiting(self, service: str) -> "Queue[_Said]":
        return self._queues.setdefault(service, Queue(MOST))


async def _hear(hearing: Hearing, said: _Said) -> None:
    if asyncio.get_running_loop().time() > said.until:
        return
    answer = await hear(hearing, said.what, said.within)
    if not said.answer.done():
        said.answer.set_result(answer)


@asynccontextmanager
async def _finishing() -> AsyncIterator[set["asyncio.Task[None]"]]:
    in_hand: set[asyncio.Task[None]] = set()
    try:
        yield in_hand
    finally:
        if in_hand:
            await asyncio.wait(set(in_hand))
