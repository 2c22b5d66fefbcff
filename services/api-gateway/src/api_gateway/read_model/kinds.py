"""One kind of stream, and the row that its state is.

A row is made from the folded state of its stream. That state may be ahead of the log's
entries and does no harm then: it doesn't depend on the order of the messages, so those
that come yet change nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Table, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.contracts import Fact
from shared.store import Logged

from .folds import Folds

S = TypeVar("S")
F = TypeVar("F", bound=Fact)
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[S, F]):
    table: Table
    #: The column that holds the stream's id.
    stream: str
    facts: Collection[type[Fact]]
    #: The facts that make the row: the first one's place in the log is the row's id.
    #: Where there are none the row says its id itself.
    made_by: Collection[type[Fact]]
    folds: Folds[S, F]
    #: None for a state that has no row, or not yet.
    row: Callable[[S], Row | None]

    async def states(self, entries: Sequence[Logged]) -> Mapping[UUID, S]:
        """The states of the streams in these entries, with the entries."""
        return await self.folds.after(
            e for e in entries if type(e.message.data) in self.facts
        )

    def write(
        self, c: Connection, entries: Sequence[Logged], states: Mapping[UUID, S]
    ) -> None:
        """Make the rows that these entries make, and bring the others up to date."""
        rows = {s: row for s, state in states.items() if (row := self.row(state))}
        made = self._make(c, entries, rows)
        for stream, row in rows.items():
            if stream not in made:
                ours = self.table.c[self.stream] == stream
                c.execute(update(self.table).where(ours).values(row))

    def _make(
        self, c: Connection, entries: Sequence[Logged], rows: Mapping[UUID, Row]
    ) -> Collection[UUID]:
        if not self.made_by:
            insert_missing(c, self.table, list(rows.values()), self.stream)
            return ()
        at = {
            e.stream: e.position
            for e in reversed(entries)
            if type(e.message.data) in self.made_by and e.stream in rows
        }
        new = [rows[stream] | {"id": position} for stream, position in at.items()]
        insert_missing(c, self.table, new, self.stream)
        return at.keys()


def insert_missing(c: Connection, table: Table, rows: Sequence[Row], *key: str) -> None:
    """Insert the rows whose key isn't there yet."""
    if not rows:
        return
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    c.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=key), rows)
