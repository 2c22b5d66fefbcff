"""Questions to GitHub that are under way: one for each thing, whoever waits for it."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

import structlog

from api_gateway.ports import GitHubAwayError, TokenRefusedError, TokenTooWeakError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

log = structlog.get_logger()


class Looking(Generic[K, T]):
    def __init__(self, what: str) -> None:
        self._what = what
        self._tasks: dict[K, asyncio.Task[T]] = {}

    def once(
        self, key: K, ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> "asyncio.Task[T]":
        """The question that is under way, or a new one."""
        if key not in self._tasks:
            task = asyncio.create_task(ask())
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._answered(key, done))
        return self._tasks[key]

    async def close(self) -> None:
        """Ask no more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _answered(self, key: K, done: "asyncio.Task[T]") -> None:
        del self._tasks[key]
        error = None if done.cancelled() else done.exception()
        if isinstance(error, GitHubAwayError | TokenRefusedError | TokenTooWeakError):
            # What is known holds for its time.
            log.info("github_gave_no_answer", about=self._what, reason=str(error))
        elif error:
            log.error("asking_failed", about=self._what, exc_info=error)
