"""Keeps the rows at a position of the log.

A batch of the log and the position after it are one transaction, and the position's row
is locked first: of several replicas that follow the same log one applies each entry.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import OperationalError

from api_gateway.domain.deadlines import Limits
from shared.store import Logged, Store

from .kinds import insert_missing
from .outdated import drop_outdated
from .rows import Rows
from .tables import POSITIONS, VERSION, create

BATCH = 500
OURS = POSITIONS.c.version == VERSION

log = structlog.get_logger()


class Projection:
    """The rows, and how far they have come."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.store = store
        self._rows = Rows(store, limits)

    async def prepare(self) -> int:
        """Make what is missing, drop what is outdated; answers the position."""

        def work() -> int:
            with self.store.views.engine.begin() as c:
                create(c)
                row = {"version": VERSION, "position": 0}
                insert_missing(c, POSITIONS, [row], "version")
                return locked_position(c)

        position = await self.store.run(work)
        await self.store.run(self._drop_outdated)
        return position

    def _drop_outdated(self) -> None:
        try:
            with self.store.views.engine.begin() as c:
                dropped = drop_outdated(c)
        except OperationalError as error:
            # They only take room: no reason not to start.
            log.warning("old_tables_stay", reason=str(error.orig))
            return
        if dropped:
            log.info("old_tables_dropped", tables=dropped)

    async def position(self) -> int:
        """How far the rows have come, whoever brought them there."""
        wanted = select(POSITIONS.c.position).where(OURS)
        return await self.store.views.read(lambda c: c.execute(wanted).scalar_one())

    async def apply(self, start: int, entries: Sequence[Logged]) -> int:
        """Apply what follows `start`; answers the position, whoever moved it there.

        It is less than `start` when the rows have lost something: nothing was applied
        then, and the entries after that position are needed.
        """
        batch = await self._rows.batch(entries)

        def work() -> int:
            with self.store.views.engine.begin() as c:
                position = locked_position(c)
                if not start <= position < entries[-1].position:
                    return position
                self._rows.write(c, batch.after(position))
                move(c, entries[-1].position)
                return entries[-1].position

        return await self.store.run(work)


def locked_position(c: Connection) -> int:
    """Nobody else applies until this transaction ends."""
    statement = select(POSITIONS.c.position).where(OURS).with_for_update()
    position: int = c.execute(statement).scalar_one()
    return position


def move(c: Connection, position: int) -> None:
    """The rows have come so far."""
    c.execute(update(POSITIONS).where(OURS).values(position=position))
