"""What operators do by hand, kept beside the service's events: who, what, when, why.

It is no fact of the domain: it moves messages that are facts already.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from .relay_tables import ACTIONS
from .store import Store


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
                return [
                    Action(
                        aware(row.at),
                        row.who,
                        row.action,
                        row.subject,
                        row.reason,
                        row.details,
                    )
                    for row in c.execute(query)
                ]

        return await self._store.run(read)


def add(connection: Connection, action: Action) -> None:
    """Record it in a transaction that does more."""
    row = {**vars(action), "at": action.at.astimezone(UTC)}
    connection.execute(insert(ACTIONS).values(row))


def aware(stored: datetime) -> datetime:
    """A time as it was stored: SQLite forgets that it is UTC."""
    return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
