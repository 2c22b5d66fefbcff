"""What operators do by hand, kept beside the service's events: who, what, when, why.

It is no fact of the domain: it moves messages that are facts already.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, text

from .relay_tables import ACTIONS
from .store import Store

A = ACTIONS.c
#: When something was done, and its id.
Place = tuple[datetime, int]
#: Beside it lies what is derived and can be lost; this can't.
DURABLY = text("SET LOCAL synchronous_commit TO on")


@dataclass(frozen=True)
class Action:
    """One thing that somebody did."""

    at: datetime
    #: The account and the machine that it was done from.
    who: str
    action: str
    #: What it was done to.
    subject: str
    reason: str
    #: JSON.
    details: str = "{}"


@dataclass(frozen=True, kw_only=True)
class WantedActions:
    """Which of them somebody looks for; nothing said means all."""

    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None
    action: str | None = None


class Actions:
    """A service's record of them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, action: Action) -> None:
        """Before it is done: a record of something that failed does no harm."""

        def write() -> None:
            with self._store.views.engine.begin() as c:
                add(c, action)

        await self._store.run(write)

    async def all(self) -> list[Action]:
        """Oldest first."""

        def read() -> list[Action]:
            query = select(ACTIONS).order_by(ACTIONS.c.id)
            with self._store.views.reader.connect() as c:
                return [_action(row) for row in c.execute(query)]

        return await self._store.run(read)

    async def newest(
        self, wanted: WantedActions, limit: int, before: Place | None = None
    ) -> list[tuple[int, Action]]:
        """With their ids, the newest first; only what comes after a place there."""
        newest = _matching(wanted).order_by(A.at.desc(), A.id.desc()).limit(limit)
        if before is not None:
            at = before[0].astimezone(UTC)
            newest = newest.where((A.at < at) | ((A.at == at) & (A.id < before[1])))

        def read() -> list[tuple[int, Action]]:
            with self._store.views.reader.connect() as c:
                return [(row.id, _action(row)) for row in c.execute(newest)]

        return await self._store.run(read)


def _matching(wanted: WantedActions) -> Select[Any]:
    statement = select(ACTIONS)
    if wanted.since:
        statement = statement.where(A.at >= wanted.since.astimezone(UTC))
    if wanted.until:
        statement = statement.where(A.at <= wanted.until.astimezone(UTC))
    if wanted.who:
        statement = statement.where(func.lower(A.who) == wanted.who.lower())
    if wanted.action:
        statement = statement.where(A.action == wanted.action)
    return statement


def _action(row: Row[Any]) -> Action:
    told = (row.who, row.action, row.subject, row.reason, row.details)
    return Action(aware(row.at), *told)


def add(connection: Connection, action: Action) -> None:
    """Record it in a transaction that does more, and then waits for the disk."""
    if connection.dialect.name == "postgresql":
        connection.execute(DURABLY)
    row = {**vars(action), "at": action.at.astimezone(UTC)}
    connection.execute(insert(ACTIONS).values(row))


def aware(stored: datetime) -> datetime:
    """A time as it was stored: SQLite forgets that it is UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
