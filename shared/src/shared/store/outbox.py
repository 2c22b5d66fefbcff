"""The event table as the outbox: what was said, in order, from a stored position.

Several replicas may want to publish; for each window one of them holds the turn, so
the position moves only over what was confirmed. The position is ours and not the
library's, because after a lost broker it has to go back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zlib import crc32

from sqlalchemy import Connection, Update, delete, insert, select, text, update

from shared.contracts import Event, Message

from .actions import Action, add, aware
from .recording import Logged
from .relay_tables import METADATA, PARKED, POSITIONS
from .store import Store

#: The turn and the position in one question.
TURN = text(
    "SELECT pg_try_advisory_xact_lock(:key), position FROM relay_position"
    " WHERE service = :service"
)


@dataclass(frozen=True)
class Said:
    """An event of ours at its place in the log."""

    position: int
    message: Message[Event]


@dataclass(frozen=True)
class Parked:
    """An event that the broker itself refuses."""

    position: int
    message_id: str
    kind: str
    reason: str
    at: datetime


#: Publishes a window; answers how many of it, from the front, were confirmed.
Publish = Callable[[Sequence[Said]], Awaitable[int]]


class Outbox:
    """A service's position in its own log."""

    def __init__(self, store: Store, window: int = 500) -> None:
        self.store = store
        self._window = window
        self._engine = store.views.engine
        self._reader = store.views.reader
        self._name = store.service
        self._connection: Connection | None = None
        #: Whether the last window may have left something of ours.
        self.left = True

    async def prepare(self) -> None:
        """Make the tables and the row."""

        def create() -> None:
            with self._engine.begin() as c:
                if c.dialect.name == "postgresql":
                    c.execute(
                        text("SELECT pg_advisory_xact_lock(:k)"), {"k": self._key}
                    )
                METADATA.create_all(c)
                if self._position(c) is None:
                    c.execute(
                        insert(POSITIONS).values(service=self.store.service, position=0)
                    )

        await self.store.run(create)

    async def position(self) -> int:
        """Everything up to here is at the broker."""

        def read() -> int:
            with self._reader.connect() as c:
                return self._position(c) or 0

        return await self.store.run(read)

    async def next_window(self, publish: Publish) -> int | None:
        """Publish what comes next; how far it got, or none if it's another's turn."""
        position = await self.store.run(self._take_turn)
        if position is None:
            return None
        new = position
        try:
            logged = await self.store.log(position, self._window)
            new = await self._publish(position, logged, publish)
        finally:
            await asyncio.shield(self.store.run(lambda: self._end_turn(position, new)))
        end = max(self.store.committed, logged[-1].position if logged else 0)
        self.left = new < end or len(logged) == self._window
        return new - position

    async def _publish(
        self, position: int, logged: Sequence[Logged], publish: Publish
    ) -> int:
        if not logged:
            return position
        said = self._said(logged)
        confirmed = await publish(said) if said else 0
        if confirmed == len(said):
            return logged[-1].position
        return said[confirmed].position - 1

    def _said(self, logged: Sequence[Logged]) -> list[Said]:
        return [
            Said(row.position, cast("Message[Event]", row.message))
            for row in logged
            if self.store.is_said(row.message)
        ]

    async def waiting_since(self) -> datetime | None:
        """When the oldest event was said that is not at the broker yet."""
        waiting = self._said(await self.store.log(await self.position(), self._window))
        return waiting[0].message.time if waiting else None

    async def rewind(self, since: datetime, by: Action | None = None) -> int:
        """Go back to the first event at or after a time; answers the position then.

        It never goes forward: what waits further back is not passed over. What was
        parked since gets another chance.
        """
        wanted = await self.position_before(since)

        def move() -> int:
            with self._engine.begin() as c:
                c.execute(self._moved(wanted).where(POSITIONS.c.position > wanted))
                position = self._position(c) or 0
                c.execute(delete(PARKED).where(PARKED.c.position > position))
                if by:
                    add(c, by)
                return position

        return await self.store.run(move)

    async def park(self, said: Said, reason: str) -> None:
        """Remember an event that the broker refuses, so that others can pass it."""
        known = select(PARKED.c.position).where(PARKED.c.position == said.position)

        def write() -> None:
            with self._engine.begin() as c:
                if c.scalar(known) is not None:
                    # Parked before a crash, or before the relay went back.
                    return
                c.execute(
                    insert(PARKED).values(
                        position=said.position,
                        message_id=said.message.id,
                        kind=said.message.data.kind(),
                        reason=reason,
                        at=self.store.clock(),
                    )
                )

        await self.store.run(write)

    async def parked(self) -> list[Parked]:
        """What the broker refuses, oldest first."""

        def read() -> list[Parked]:
            query = select(PARKED).order_by(PARKED.c.position)
            with self._reader.connect() as c:
                return [
                    Parked(
                        row.position,
                        row.message_id,
                        row.kind,
                        row.reason,
                        aware(row.at),
                    )
                    for row in c.execute(query)
                ]

        return await self.store.run(read)

    @property
    def _key(self) -> int:
        return crc32(f"gitploy relay {self.store.service}".encode())

    def _moved(self, position: int) -> Update:
        return (
            update(POSITIONS)
            .where(POSITIONS.c.service == self.store.service)
            .values(position=position)
        )

    def _position(self, connection: Connection) -> int | None:
        wanted = POSITIONS.c.service == self.store.service
        return connection.scalar(select(POSITIONS.c.position).where(wanted))

    def _take_turn(self) -> int | None:
        """Our position; none while another publishes."""
        connection = self._connected()
        if connection.dialect.name == "postgresql":
            row = connection.execute(TURN, {"key": self._key, "service": self._name})
            ours, position = row.one()
            if not ours:
                connection.rollback()
                return None
        else:
            position = self._position(connection) or 0
            # One process per file: there is nobody to keep out, and an open
            # transaction would keep the read models from being written.
            connection.rollback()
        return int(position)

    def _end_turn(self, old: int, new: int) -> None:
        connection = self._connected()
        if new != old:
            # Somebody may have gone back meanwhile, and that must hold.
            unmoved = POSITIONS.c.position == old
            connection.execute(self._moved(new).where(unmoved))
        connection.commit()

    def _connected(self) -> Connection:
        """A connection of its own: the turn is the transaction that is open on it."""
        if self._connection is not None and self._connection.invalidated:
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self.store.views.connect_for_good()
        return self._connection

    async def position_before(self, since: datetime) -> int:
        """The position before the first event at or after a time.

        Times of what we said grow with positions, so halving finds the place.
        """
        last = await self.store.last_position()
        low, high = 0, last
        while low < high:
            middle = (low + high) // 2
            found = await self.store.log(middle, self._window, until=last)
            said = self._said(found)
            if said and said[0].message.time < since:
                low = said[0].position
            else:
                high = middle
        return low
