"""Whose turn it is, and how far the work has come: one small table.

It is no read model of events, but like one it is derived and disposable: without it the
work begins anew, and what was done already changes nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from shared.store import Store

METADATA = MetaData()
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TURNS = Table(
    "turns_v1",
    METADATA,
    Column("work", String(64), primary_key=True),
    #: Microseconds since 1970.
    Column("due_at", BigInteger, nullable=False),
    #: Where the last turn ended, in the work's own measure.
    Column("place", BigInteger, nullable=False),
)
#: Of two replicas that start at once one would fail otherwise.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('status-sync turns'))")


class TurnsTable:
    """The port `Turns`, in the service's own database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._engine = store.views.engine

    async def prepare(self) -> None:
        """Make the table; all work is due now, for nobody else may have been there."""
        due = update(TURNS).values(due_at=self._now())

        def work() -> None:
            with self._engine.begin() as c:
                if c.dialect.name == "postgresql":
                    c.execute(LOCK)
                METADATA.create_all(c)
                c.execute(due)

        await self._store.run(work)

    async def claim(self, work: str, every: timedelta) -> int | None:
        """Take the turn, in one statement: of several replicas one gets it."""
        now = self._now()
        later = now + every // timedelta(microseconds=1)
        mine = TURNS.c.work == work
        taken = update(TURNS).where(mine, TURNS.c.due_at <= now).values(due_at=later)

        def ask() -> int | None:
            with self._engine.begin() as c:
                _begin(c, work, now)
                if not c.execute(taken).rowcount:
                    return None
                return int(c.execute(select(TURNS.c.place).where(mine)).scalar_one())

        return await self._store.run(ask)

    def _now(self) -> int:
        return (self._store.clock() - EPOCH) // timedelta(microseconds=1)

    async def reach(self, work: str, place: int) -> None:
        """The next turn goes on there."""
        moved = update(TURNS).where(TURNS.c.work == work).values(place=place)

        def write() -> None:
            with self._engine.begin() as c:
                c.execute(moved)

        await self._store.run(write)


def _begin(c: Connection, work: str, now: int) -> None:
    """Make the row of work that was never done, and is due."""
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    row = {"work": work, "due_at": now, "place": 0}
    c.execute(dialect.insert(TURNS).values(row).on_conflict_do_nothing())
