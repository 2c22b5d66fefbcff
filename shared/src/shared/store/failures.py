"""How a database shows that it does nothing for us now: away, full, read-only.

That is no fault of what was to be recorded, and passes. What the database says about
the data itself isn't among these.
"""

from typing import Final

from eventsourcing import persistence
from sqlalchemy import exc

from .database import DatabaseUnavailableError

STORE_FAILURES: Final[tuple[type[Exception], ...]] = (
    DatabaseUnavailableError,
    persistence.InterfaceError,
    persistence.InternalError,
    persistence.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    exc.OperationalError,
    exc.TimeoutError,
)
