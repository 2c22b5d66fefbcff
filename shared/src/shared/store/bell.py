"""Wakes those who follow the log when something was committed in this process.

It carries nothing and may be missed by nobody: who waits says how many rings it has
heard, so a ring between looking and waiting isn't lost. What other replicas commit
rings no bell here; followers look by themselves from time to time.
"""

import asyncio
from contextlib import suppress


class Bell:
    """Counts commits."""

    def __init__(self) -> None:
        self.count = 0
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits."""
        self.count += 1
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    async def wait(self, timeout_s: float, since: int | None = None) -> int:
        """Wait for a ring after number `since`, at most so many seconds."""
        if since is None or since == self.count:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._rung.wait()
        return self.count
