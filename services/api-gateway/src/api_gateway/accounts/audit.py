"""What people did that is no event of a deployment's: an entry each, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from api_gateway.domain.acts import ActsWanted

from .tables import AUDIT

A = AUDIT.c

SIGNED_IN: Final = "signed_in"
SIGN_IN_REFUSED: Final = "sign_in_refused"
MEMBERSHIP_ENDED: Final = "membership_ended"
SIGNED_OUT: Final = "signed_out"
TOKEN_MADE: Final = "token_made"  # noqa: S105 - a name of an action
TOKEN_REVOKED: Final = "token_revoked"  # noqa: S105 - a name of an action
ADMIN_CHANGED: Final = "admin_changed"
USER_DELETED: Final = "user_deleted"
AUDIT_EXPORTED: Final = "audit_exported"


@dataclass(frozen=True, kw_only=True)
class Entry:
    at: datetime
    user_id: int | None
    who: str
    action: str
    #: What it was done to.
    subject: str = ""
    repository: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    #: The place in the table, once it is there.
    id: int | None = None


def add(c: Connection, entry: Entry) -> None:
    """Keep it, in the transaction of what it tells."""
    row = vars(entry) | {"details": dict(entry.details)}
    del row["id"]
    c.execute(insert(AUDIT).values(row))


def newest(
    c: Connection,
    wanted: ActsWanted,
    limit: int,
    before: tuple[datetime, int] | None = None,
) -> Sequence[Entry]:
    """What was done last comes first; only what comes after a place in this order."""
    statement = select(AUDIT).order_by(A.at.desc(), A.id.desc()).limit(limit)
    if before is not None:
        earlier = (A.at == before[0]) & (A.id < before[1])
        statement = statement.where((A.at < before[0]) | earlier)
    if wanted.since:
        statement = statement.where(A.at >= wanted.since)
    if wanted.until:
        statement = statement.where(A.at <= wanted.until)
    if wanted.who:
        statement = statement.where(func.lower(A.who) == wanted.who.lower())
    if wanted.repository:
        same = func.lower(A.repository) == wanted.repository.lower()
        statement = statement.where(same)
    if wanted.action:
        statement = statement.where(A.action == wanted.action)
    return [Entry(**row._mapping) for row in c.execute(statement)]  # noqa: SLF001
