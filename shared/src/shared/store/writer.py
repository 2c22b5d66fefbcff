"""Group commit: one thread takes all saves that wait and commits them together.

A commit costs about as much for a hundred rows as for one, so while one is under way
the next batch gathers. When a batch fails, each save is tried alone: one that lost a
race for its stream must not take others with it. The library forgets what it was given
when a save fails, so the rows stay here.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from eventsourcing.persistence import StoredEvent

from .recording import Logged, Recorded

MAX_BATCH = 256
#: Commits rows, and answers their positions in the log.
Insert = Callable[[Sequence[StoredEvent]], Sequence[int]]


@dataclass(frozen=True, eq=False)
class Save:
    """Rows that are committed together or not at all."""

    recorded: Sequence[Recorded]
    rows: Sequence[StoredEvent]
    done: "asyncio.Future[None]"


class Writer:
    """The only thread that writes to a service's event table."""

    def __init__(
        self, name: str, insert: Insert, committed: Callable[[Sequence[Logged]], None]
    ) -> None:
        self._insert = insert
        self._committed = committed
        self._waiting: queue.SimpleQueue[Save | None] = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=self._run, name=f"{name}-writer", daemon=True
        )
        self._thread.start()

    def save(
        self, recorded: Sequence[Recorded], rows: Sequence[StoredEvent]
    ) -> "asyncio.Future[None]":
        """Queue rows. The future has the library's error if they were not committed."""
        save = Save(recorded, rows, asyncio.get_running_loop().create_future())
        self._waiting.put(save)
        return save.done

    def close(self) -> None:
        """Commit what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, later, ended = self._gather()
            self._commit(batch)
            for save in later:
                self._commit([save])

    def _gather(self) -> tuple[list[Save], list[Save], bool]:
        """What waits now: one save per stream, the second ones for later, the end."""
        batch: list[Save] = []
        later: list[Save] = []
        streams: set[object] = set()
        save = self._waiting.get()
        while save is not None:
            touched = {row.originator_id for row in save.rows}
            (later if touched & streams else batch).append(save)
            streams |= touched
            if len(batch) + len(later) >= MAX_BATCH or self._waiting.empty():
                return batch, later, False
            save = self._waiting.get()
        return batch, later, True

    def _commit(self, batch: list[Save]) -> None:
        if not batch:
            return
        try:
            positions = self._insert([row for save in batch for row in save.rows])
        except Exception as error:  # noqa: BLE001 - whoever saved is told
            if len(batch) == 1:
                self._tell(batch, error)
                return
            for save in batch:
                self._commit([save])
            return
        recorded = [row for save in batch for row in save.recorded]
        self._tell(
            batch,
            [
                Logged(position, row.originator_id, row.message)
                for position, row in zip(positions, recorded, strict=True)
            ],
        )

    def _tell(self, batch: list[Save], outcome: Sequence[Logged] | Exception) -> None:
        """Wake all who wait with one call: each call is a system call of its own."""
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            batch[0].done.get_loop().call_soon_threadsafe(self._settle, batch, outcome)

    def _settle(self, batch: list[Save], outcome: Sequence[Logged] | Exception) -> None:
        error = outcome if isinstance(outcome, Exception) else None
        if not isinstance(outcome, Exception):
            self._committed(outcome)
        for save in batch:
            if save.done.done():
                continue
            if error is None:
                save.done.set_result(None)
            else:
                save.done.set_exception(error)
