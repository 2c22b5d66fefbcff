"""Makes all rows again while people read those that are there.

They are made aside, in temporary tables of one connection, and put in the place of the
old ones in one transaction. Whatever ends it before that has changed nothing, and the
database itself removes what was made by then. Replicas follow the log meanwhile.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from sqlalchemy import Connection, MetaData, delete, insert, select

from api_gateway.domain.deadlines import Limits
from shared.store import Store

from .projection import BATCH, Projection, locked_position, move
from .rows import Batch, Rows
from .tables import METADATA, TABLES

#: The same tables under a name that stands for the temporary ones.
ASIDE = "aside"
COPIES = MetaData()
PAIRS = [(table, table.to_metadata(COPIES, schema=ASIDE)) for table in TABLES]


async def rebuild(store: Store, limits: Limits) -> int:
    """Make all rows again from the log; answers how far it went."""
    await Projection(store, limits).prepare()
    connection = await store.run(store.views.engine.connect)
    try:
        return await _Rebuilding(store, limits, connection).run()
    finally:
        await store.run(connection.close)


class _Rebuilding:
    def __init__(self, store: Store, limits: Limits, connection: Connection) -> None:
        self._store = store
        self._rows = Rows(store, limits)
        self._connection = connection

    async def run(self) -> int:
        await self._store.run(self._begin)
        try:
            position = await self._fill(0)
            # The replicas may have gone on since the end of the log was read.
            while not await self._store.run(partial(self._switch, position)):
                position = await self._fill(position)
        finally:
            await self._store.run(self._end)
        return position

    async def _fill(self, position: int) -> int:
        """Write aside what follows a position, to the end of the log."""
        while entries := await self._store.log(position, BATCH):
            batch = await self._rows.batch(entries)
            await self._store.run(partial(self._write, batch))
            position = entries[-1].position
        return position

    def _begin(self) -> None:
        with self._aside() as c:
            METADATA.create_all(c, TABLES, checkfirst=False)

    def _write(self, batch: Batch) -> None:
        with self._aside() as c:
            self._rows.write(c, batch)

    def _switch(self, position: int) -> bool:
        """Put the new rows in the old ones' place, unless those are ahead."""
        with self._live() as c:
            if locked_position(c) > position:
                return False
            for table, copy in PAIRS:
                c.execute(delete(table))
                c.execute(insert(table).from_select(table.c.keys(), select(copy)))
            move(c, position)
        return True

    def _end(self) -> None:
        with self._aside() as c:
            METADATA.drop_all(c, TABLES, checkfirst=False)

    def _aside(self) -> AbstractContextManager[Connection]:
        """A transaction in which the tables are the temporary ones."""
        # What writes only those waits for nobody who writes the others.
        return self._transaction({None: self._temporary}, reads=True)

    def _live(self) -> AbstractContextManager[Connection]:
        """A transaction with the tables that people read, and the copies."""
        ours = self._connection.dialect.default_schema_name
        return self._transaction({None: ours, ASIDE: self._temporary}, reads=False)

    @property
    def _temporary(self) -> str:
        postgres = self._connection.dialect.name == "postgresql"
        return "pg_temp" if postgres else "temp"

    @contextmanager
    def _transaction(
        self, schemas: Mapping[str | None, str | None], *, reads: bool
    ) -> Iterator[Connection]:
        c = self._connection.execution_options(
            schema_translate_map=schemas, reads=reads
        )
        with c.begin():
            yield c
