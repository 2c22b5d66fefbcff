"""Writes the records down, in one SQLite file.

Everything is read from memory. A change is made there at once and waits for the
writer, which commits all that wait as one transaction. Nobody may learn of a change
that a crash could take back, so every answer and every webhook first awaits
`settled()`: that all changes made until then are committed. Handlers change records
without awaiting in between, so no two of them mix.
"""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from github_sandbox.tables import Tables

FIRST_ID = 3_000_000_001

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, id INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bodies (guid TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sequence (last INTEGER NOT NULL);
"""

Change = tuple[str, tuple[Any, ...]]


class Store(Tables):
    """All tables, the sequence that ids come from, and the writer."""

    def __init__(self, path: Path) -> None:
        super().__init__(self._change)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self._thread = ThreadPoolExecutor(1, "sandbox-writer")
        self._changes: list[Change] = []
        self._made = self._committed = 0
        self._writing: asyncio.Task[None] | None = None
        self._last_id = self._load()

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    async def settled(self) -> None:
        """Return when every change made until now is committed."""
        made = self._made
        while self._committed < made:
            if self._writing is None:
                self._writing = asyncio.create_task(self._write())
            await asyncio.shield(self._writing)

    def keep_body(self, guid: str, body: bytes) -> None:
        """Keep what a webhook says on disk only: it is large and rarely read."""
        self._change("INSERT OR IGNORE INTO bodies VALUES (?, ?)", (guid, body))

    def drop_body(self, guid: str) -> None:
        self._change("DELETE FROM bodies WHERE guid = ?", (guid,))

    async def body(self, guid: str) -> bytes:
        await self.settled()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read_body, guid)

    async def close(self) -> None:
        await self.settled()
        self._thread.shutdown()
        self._db.close()

    def _change(self, statement: str, values: tuple[Any, ...]) -> None:
        self._changes.append((statement, values))
        self._made += 1

    async def _write(self) -> None:
        batch, self._changes = self._changes, []
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._commit, batch, self._last_id)
            self._committed += len(batch)
        except sqlite3.Error:
            self._changes = batch + self._changes
            raise
        finally:
            self._writing = None

    def _commit(self, batch: list[Change], last_id: int) -> None:
        with self._db:
            for statement, values in batch:
                self._db.execute(statement, values)
            self._db.execute("UPDATE sequence SET last = ?", (last_id,))

    def _load(self) -> int:
        by_kind = "SELECT body FROM records WHERE kind = ? ORDER BY id"
        for table in self.all():
            rows = self._db.execute(by_kind, (table.kind.__name__,))
            table.load(body for (body,) in rows)
        row = self._db.execute("SELECT last FROM sequence").fetchone()
        if row is None:
            self._db.execute("INSERT INTO sequence VALUES (?)", (FIRST_ID,))
            self._db.commit()
            return FIRST_ID
        return int(row[0])

    def _read_body(self, guid: str) -> bytes:
        row = self._db.execute(
            "SELECT body FROM bodies WHERE guid = ?", (guid,)
        ).fetchone()
        if row is None:
            raise KeyError(guid)
        return bytes(row[0])
