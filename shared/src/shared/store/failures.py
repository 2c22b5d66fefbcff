"""How a database shows that it does nothing for us now: away, full, read-only.

That is no fault of what was to be recorded, and passes. What the database says about
the data itself isn't among these.
"""

import sqlite3
from typing import Final

from eventsourcing import persistence
from psycopg.errors import QueryCanceled
from sqlalchemy import exc

from .database import DatabaseUnavailableError, TooLongError

STORE_FAILURES: Final[tuple[type[Exception], ...]] = (
    DatabaseUnavailableError,
    TooLongError,
    persistence.InterfaceError,
    persistence.InternalError,
    persistence.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.OperationalError,
    exc.TimeoutError,
)


def takes_too_long(error: exc.DBAPIError) -> bool:
    """Whether the database has given up because the time for it was over."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    return isinstance(error.orig, QueryCanceled)
