"""People: everybody who has signed in or was looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    String,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from .ports import Profile
from .records import Page
from .tables import PEOPLE, PERMISSIONS, SESSIONS, TOKENS, upsert

P = PEOPLE.c
#: So many are looked after in one turn.
MOST = 100
#: Nothing that GitHub gave.
NO_GRANT = {
    "github_token": None,
    "github_refresh": None,
    "github_until": None,
    "refreshing_until": None,
}


@dataclass(frozen=True)
class Account:
    """Somebody."""

    id: int
    login: str
    avatar: str
    #: Made an administrator by another; the settings may name more.
    admin: bool
    github_until: datetime | None
    refused_at: datetime | None
    signed_in_at: datetime | None
    active_at: datetime | None
    synced_at: datetime | None
    sync_begun_at: datetime | None
    created_at: datetime
    updated_at: datetime


COLUMNS = [P[name] for name in Account.__dataclass_fields__]


def account_of(row: Row[Any]) -> Account:
    """The person in a row that has at least the columns of one."""
    return Account(*(row._mapping[column] for column in COLUMNS))  # noqa: SLF001


def find(c: Connection, user_id: int) -> Account | None:
    row = c.execute(select(*COLUMNS).where(P.id == user_id)).first()
    return account_of(row) if row else None


def known(c: Connection, contains: str, page: Page) -> Sequence[Account]:
    """Those with this in their logins, by login."""
    wanted = select(*COLUMNS).where(
        P.login_key.contains(contains.casefold(), autoescape=True)
    )
    rows = c.execute(page.of(wanted.order_by(P.login_key, P.id)))
    return [account_of(row) for row in rows]


def put(c: Connection, who: Profile, now: datetime) -> None:
    """Remember somebody as GitHub tells of them now."""
    # A login belongs to one person at a time; whoever had it has another by now.
    theirs = P.login_key == who.login.casefold(), P.id != who.id
    former = literal("renamed-").concat(cast(P.id, String))
    c.execute(update(PEOPLE).where(*theirs).values(login=former, login_key=former))
    row = {"login": who.login, "login_key": who.login.casefold()}
    if who.avatar:
        row["avatar"] = who.avatar
    new = {"id": who.id, "avatar": "", "admin": False, "created_at": now} | row
    statement = upsert(c, PEOPLE).values(**new, updated_at=now)
    changes = row | {"updated_at": now}
    c.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def change(c: Connection, user_id: int, **values: Any) -> bool:
    """Whether there is such a person."""
    found = c.execute(update(PEOPLE).where(P.id == user_id).values(**values))
    return found.rowcount == 1


def remove(c: Connection, user_id: int) -> None:
    """Forget somebody, and whatever proves that they are it."""
    for table in (SESSIONS, TOKENS, PERMISSIONS):
        c.execute(delete(table).where(table.c.user_id == user_id))
    c.execute(delete(PEOPLE).where(P.id == user_id))


def limit(c: Connection, user_id: int, now: datetime) -> datetime | None:
    """Until when GitHub answers nothing more in somebody's name, if it does not now."""
    theirs = P.id == user_id, P.limited_until > now
    return c.scalar(select(P.limited_until).where(*theirs))


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Whose turn it is to be looked after: who was there, and was not lately."""

    there_since: datetime
    synced_before: datetime
    begun_before: datetime


def due(c: Connection, turn: Turn) -> Sequence[int]:
    """Those whose turn it is, some at a time: who was not tried for longest is first.

    So nobody waits behind those with whom it always fails.
    """
    wanted = select(P.id).where(
        P.active_at >= turn.there_since,
        P.refused_at.is_(None),
        func.coalesce(P.synced_at, P.created_at) < turn.synced_before,
        or_(P.sync_begun_at.is_(None), P.sync_begun_at < turn.begun_before),
    )
    return c.scalars(wanted.order_by(P.sync_begun_at.nulls_first()).limit(MOST)).all()
