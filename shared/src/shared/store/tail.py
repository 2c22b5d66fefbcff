"""The end of the log as this process has committed it, for those who follow closely.

What was just committed need not be read back to be published or shown. Positions are
kept as far as they have no gap: in a gap may lie what another replica has committed.
Who comes to one reads the database, as does who is further behind.
"""

from collections.abc import Sequence
from typing import Final

from .recording import Logged

#: Whoever is further behind than that reads large pages anyway.
KEPT: Final = 1000


class Tail:
    """Added to on one thread, and read on any."""

    def __init__(self) -> None:
        self._rows: list[Logged] = []

    def add(self, rows: Sequence[Logged]) -> None:
        """What was committed after all that was added before."""
        kept = self._rows
        if kept and rows[0].position != kept[-1].position + 1:
            kept = []
        self._rows = [*kept, *rows][-KEPT:]

    @property
    def end(self) -> int:
        """The last position that this process has committed; 0 if there is none."""
        return self._rows[-1].position if self._rows else 0

    def after(self, position: int, limit: int) -> list[Logged]:
        """What follows this position without a gap; nothing if that isn't known."""
        rows = self._rows
        start = position + 1 - rows[0].position if rows else -1
        return rows[start : start + limit] if start >= 0 else []
