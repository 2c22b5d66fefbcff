"""The file of the in-memory bus: messages in hand, on the ladder, and dead.

SQLite, so that a second process (`gitploy dead-letters`) may look and revive while the
system runs: it sets a letter's `dead` to none, and the bus takes it up again.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.contracts import Event, Message

from .bus import DeadLetter
from .envelope import parts, read_stored, write_stored
from .handling import Tries

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
    service TEXT, id TEXT, kind TEXT, subject TEXT, message BLOB,
    surprises INTEGER, since TEXT, due TEXT, dead TEXT, at TEXT, revived INTEGER,
    PRIMARY KEY (service, id)
)
"""


@dataclass(frozen=True)
class Kept:
    """A message that its queue still has to handle."""

    service: str
    message: Message[Event]
    tries: Tries
    due: datetime


class MemoryFile:
    """Rows of messages; in memory if there is no path."""

    def __init__(self, path: Path | None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        # A confirmed message must survive `kill -9`, not the loss of power: what
        # was said is in the event store, from where it's published again.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(SCHEMA)
        self._seen = self._data_version()

    def keep(self, kept: Kept) -> None:
        """Write or rewrite a message that has to be handled."""
        since = kept.tries.since.isoformat() if kept.tries.since else None
        self._put(
            kept.service, kept.message, kept.tries.surprises, since,
            kept.due.isoformat(), None, None,
        )  # fmt: skip

    def bury(
        self, service: str, message: Message[Event], reason: str, at: datetime
    ) -> None:
        """Write a message that nobody could handle."""
        self._put(service, message, 0, None, at.isoformat(), reason, at.isoformat())

    def _put(self, service: str, message: Message[Event], *rest: object) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO kept VALUES (?,?,?,?,?,?,?,?,?,?,0)",
            (
                service, message.id, message.data.kind(), message.data.subject,
                write_stored(message), *rest,
            ),
        )  # fmt: skip

    def forget(self, service: str, message_id: str) -> None:
        """It has been handled."""
        self._db.execute(
            "DELETE FROM kept WHERE service = ? AND id = ?", (service, message_id)
        )

    def pending(self) -> Iterator[Kept]:
        """What was still to be handled when the process ended."""
        return self._select("dead IS NULL", ())

    def changed_elsewhere(self) -> list[Kept]:
        """What another process has brought back from the dead since the last look."""
        version = self._data_version()
        if version == self._seen:
            return []
        self._seen = version
        return self.revived()

    def revived(self) -> list[Kept]:
        """What was brought back from the dead; each is handed out once."""
        revived = list(self._select("revived = 1", ()))
        self._db.execute("UPDATE kept SET revived = 0 WHERE revived = 1")
        return revived

    def revive(self, message_id: str | None = None) -> int:
        """Send dead letters (one, or all) back to their queues; how many there were."""
        where, values = ("AND id = ?", (message_id,)) if message_id else ("", ())
        return self._db.execute(
            f"UPDATE kept SET dead = NULL, revived = 1 WHERE dead IS NOT NULL {where}",  # noqa: S608 - a constant
            values,
        ).rowcount

    def dead_letters(self) -> list[DeadLetter]:
        """What nobody could handle, oldest first."""
        rows = self._db.execute(
            "SELECT id, service, kind, subject, dead, at, message FROM kept"
            " WHERE dead IS NOT NULL ORDER BY at"
        )
        return [
            DeadLetter(
                id_, service, kind, subject, reason, datetime.fromisoformat(at),
                *parts(message),
            )
            for id_, service, kind, subject, reason, at, message in rows
        ]  # fmt: skip

    def drop(self, message_id: str, service: str | None = None) -> int:
        """Destroy a dead letter, of one service or of all; how many there were."""
        where, values = ("AND service = ?", (service,)) if service else ("", ())
        return self._db.execute(
            f"DELETE FROM kept WHERE dead IS NOT NULL AND id = ? {where}",  # noqa: S608 - a constant
            (message_id, *values),
        ).rowcount

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _select(self, where: str, values: tuple[str, ...]) -> Iterator[Kept]:
        columns = "service, kind, message, surprises, since, due"
        query = f"SELECT {columns} FROM kept WHERE {where}"  # noqa: S608 - constants
        rows = self._db.execute(query, values).fetchall()
        for service, kind, message, surprises, since, due in rows:
            tries = Tries(surprises, datetime.fromisoformat(since) if since else None)
            stored = read_stored(kind, message)
            yield Kept(service, stored, tries, datetime.fromisoformat(due))

    def _data_version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])
