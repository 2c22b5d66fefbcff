"""How SQLite is spoken to: what each connection and each transaction begins with."""

import sqlite3
import time
from functools import partial
from typing import cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

#: So many steps it takes before it is asked again whether it shall go on.
STEPS = 100_000


def prepare(engine: Engine, *, durable: bool) -> None:
    """Have it do what is said with `execution_options`.

    `reads`: a transaction waits for no writer. `within`: and it ends after so many
    seconds.
    """
    event.listen(engine, "connect", partial(_connected, durable))
    event.listen(engine, "begin", _begun)


def _connected(
    durable: bool, connection: DBAPIConnection, _: ConnectionPoolEntry
) -> None:
    # The driver would begin deferred transactions by itself, and two of those that
    # read before they write can't both go on.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _begun(connection: Connection) -> None:
    options = connection.get_execution_options()
    within: float | None = options.get("within")
    is_over = partial(_is_past, time.monotonic() + within) if within else None
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    driver.set_progress_handler(is_over, STEPS)
    connection.exec_driver_sql("BEGIN" if options.get("reads") else "BEGIN IMMEDIATE")


def _is_past(moment: float) -> bool:
    return time.monotonic() > moment
