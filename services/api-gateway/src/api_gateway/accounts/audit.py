"""What people did that is no event of a deployment's: an entry each, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert

from .tables import AUDIT

SIGNED_IN: Final = "signed_in"
SIGN_IN_REFUSED: Final = "sign_in_refused"
SIGNED_OUT: Final = "signed_out"
AUTHORIZATION_REVOKED: Final = "authorization_revoked"
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


def add(c: Connection, entry: Entry) -> None:
    """Keep it, in the transaction of what it tells."""
    c.execute(insert(AUDIT).values(vars(entry) | {"details": dict(entry.details)}))
