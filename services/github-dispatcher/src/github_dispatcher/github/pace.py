"""The pace of our writes, with writes that can be set aside.

An attempt is recorded before its POST. While that commits, others must not take the
write away that it counts on: its window would be wasted on waiting.
"""

from datetime import datetime

from shared.github import RateLimited, WriteBudget


class PacedWrites(WriteBudget):
    """A budget in which writes can be reserved; whoever writes next uses one up."""

    _reserved = 0

    def reserve(self) -> datetime | None:
        """Set a write aside; or when there will be one."""
        if limited := super().take():
            return limited.retry_at
        self._reserved += 1
        return None

    def release(self) -> None:
        """Give a write back, unused."""
        self._reserved -= 1
        self._full_at -= self._pace

    def take(self) -> RateLimited | None:
        """Use a reserved write up, else one of the budget."""
        if not self._reserved:
            return super().take()
        self._reserved -= 1
        paused = self._paused_until
        return RateLimited(paused) if paused > self._clock() else None
