"""One async door to a service's events: its streams and its log.

The log is the outbox: what is committed here is published from here (`Outbox`), and
what is derived from it is derived again from here. Reads run on a bounded pool of
threads, writes on one thread of their own; nothing blocks the event loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, Mapper
from eventsourcing.utils import Environment
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from shared.contracts import Event, Fact, Message

from .bell import Bell
from .database import POOL_SIZE, Database, TooLongError
from .failures import takes_too_long
from .recording import Logged, MessageMapper, Recorded, read_message
from .tail import Tail
from .writer import Insert, Writer

#: How long the pool tries before whoever asks next makes it try again.
RECONNECT_S = 2.0

T = TypeVar("T")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


class _Events(Application[UUID]):
    """The library's application with our mapper."""

    #: Its table is `store_events`.
    name = "store"

    def __init__(self, database: Database) -> None:
        self._postgres = database.scheme == "postgresql"
        self._extra = database.extra
        super().__init__(database.library_settings())

    def construct_factory(self, env: Environment) -> InfrastructureFactory:
        factory = super().construct_factory(env)
        if self._postgres:
            # The library's settings have no place for these. Ignoring what an operator
            # asked for, like `sslmode`, or pausing for minutes between two attempts at
            # a database that is back would be worse than this reach.
            pool = cast("Any", factory).datastore.pool
            pool.kwargs.update(self._extra)
            pool.reconnect_timeout = RECONNECT_S
        return factory

    def construct_mapper(self) -> Mapper[UUID]:
        return self.factory.mapper(mapper_class=MessageMapper)


class Store:
    """The events of one service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        with database.prepared():
            self._events = _Events(database)
        self.service = database.service
        self.clock = clock
        #: Rings after each commit.
        self.bell = Bell()
        #: Rings when there is something to publish.
        self.said = Bell()
        #: What is derived from the events.
        self.views = Tables(database, "views")
        self.run = self.views.run
        self._recorder = self._events.recorder
        self._mapper = self._events.mapper
        insert = cast("Insert", self._recorder.insert_events)
        self._writer = Writer(self.service, insert, self._committed)
        self._tail = Tail()
        self._repeats: list[Message[Event]] = []

    @classmethod
    def open(cls, service: str, url: str, *, clock: Clock = utc_now) -> "Store":
        """Open, and create what is missing.

        Raises:
            DatabaseUrlError: The URL can't be understood.
        """
        return cls(Database(service, url), clock)

    async def read(self, stream: UUID, after: int = 0) -> list[Recorded]:
        """The messages of a stream, from the version after `after`."""

        def select() -> list[Recorded]:
            rows = self._recorder.select_events(stream, gt=after)
            return [cast("Recorded", self._mapper.to_domain_event(r)) for r in rows]

        return await self.run(select)

    async def append(self, rows: Sequence[Recorded]) -> None:
        """Commit rows together, whatever becomes of who waits for it.

        Raises:
            eventsourcing.persistence.IntegrityError: Somebody else wrote at that place.
        """
        stored = [self._mapper.to_stored_event(row) for row in rows]
        await asyncio.shield(self._writer.save(rows, stored))

    def is_said(self, message: Message[Fact]) -> bool:
        """Whether it is for the relay: an event of our own."""
        return message.source == self.service and isinstance(message.data, Event)

    def _committed(self, rows: Sequence[Logged]) -> None:
        self._tail.add(rows)
        self.bell.ring()
        if any(self.is_said(row.message) for row in rows):
            self.said.ring()

    async def log(
        self,
        after: int,
        limit: int = 500,
        *,
        until: int | None = None,
        kinds: Sequence[str] = (),
    ) -> list[Logged]:
        """Everything the service took and said, in the order of the commits.

        It may be less than there is, but never nothing where there is something.

        Args:
            after: Begin behind this position.
            limit: So many at most.
            until: End with this position.
            kinds: Only these; all if there are none.
        """
        if until is None and not kinds and (rows := self._tail.after(after, limit)):
            return rows

        def select() -> list[Logged]:
            found = self._recorder.select_notifications(
                after, limit, until, kinds, inclusive_of_start=False
            )
            return [
                Logged(
                    row.id,
                    cast("UUID", row.originator_id),
                    read_message(row.topic, row.state),
                )
                for row in found
            ]

        return await self.run(select)

    @property
    def committed(self) -> int:
        """The last position that this process has committed; 0 if there is none."""
        return self._tail.end

    async def last_position(self) -> int:
        """The newest position in the log, 0 when it is empty."""
        return await self.run(self._recorder.max_notification_id) or 0

    def say_again(self, messages: Iterable[Message[Event]]) -> None:
        """Publish once more what was said before. Losing it costs only time."""
        self._repeats.extend(messages)
        self.said.ring()

    def repeats(self) -> list[Message[Event]]:
        """What is to be said again; each is handed out once."""
        repeats, self._repeats = self._repeats, []
        return repeats

    async def ready(self) -> None:
        """Raises whatever the database raises."""
        await self.run(self._recorder.max_notification_id)

    def close(self) -> None:
        """Commit what waits, then let go of files and connections."""
        self._writer.close()
        # The events are read on these threads: SQLite crashes under who still reads.
        self.views.close()
        self._events.close()


class Tables:
    """SQLAlchemy tables beside the events, and threads to use them on."""

    def __init__(self, database: Database, part: str, *, durable: bool = False) -> None:
        self.engine = database.engine(part, durable=durable)
        #: For reading only.
        self.reader = database.reader(self.engine)
        # An in-memory database has one connection, which two threads can't share.
        threads = 1 if database.scheme == "memory" else POOL_SIZE
        self._pool = ThreadPoolExecutor(threads, f"{database.service}-{part}")
        self._kept: list[Connection] = []

    async def run(self, work: Callable[[], T]) -> T:
        """Do blocking work on one of the store's threads."""
        return await asyncio.wrap_future(self._submit(work))

    async def read(self, look: Callable[[Connection], T]) -> T:
        """Look something up on one of the store's threads.

        Raises:
            TooLongError: It is not found in time.
        """

        def read() -> T:
            try:
                with self.reader.connect() as connection:
                    return look(connection)
            except OperationalError as error:
                if takes_too_long(error):
                    raise TooLongError from error
                raise

        return await self.run(read)

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        return self._pool.submit(work)

    def connect_for_good(self) -> Connection:
        """A connection for one user, closed with the store."""
        connection = self.engine.connect()
        self._kept.append(connection)
        return connection

    async def ready(self) -> None:
        """Raises whatever the database raises."""

        def ask() -> None:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))

        await self.run(ask)

    def close(self) -> None:
        """Finish what runs, then let go."""
        self._pool.shutdown(wait=True)
        for connection in self._kept:
            connection.close()
        self.reader.dispose()
        self.engine.dispose()
