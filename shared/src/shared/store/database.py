"""Where a service keeps its data, as one URL says it.

`postgresql://user:password@host/name?sslmode=…` gives each service a schema of its own
in that database; `sqlite:///directory/` gives it files there, one for the events, one
for what is derived from them, and one for each other part; `memory://` is for tests.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.json import set_json_loads
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from . import sqlite

#: What the library's pool is given one by one; all else reaches it as `extra`.
LIBRARY_KEYS = ("dbname", "host", "port", "user", "password")
POOL_SIZE = 4
CONNECT_TIMEOUT_S = 5
#: What takes longer to be found is given up: others need the database, too.
READ_WITHIN_S = 5
#: JSON is read as it is written, by the quickest there is.
ADAPTERS = AdaptersMap(psycopg.adapters)
set_json_loads(orjson.loads, ADAPTERS)


class DatabaseUrlError(ValueError):
    """The URL can't be understood."""


class TooLongError(Exception):
    """What was to be read was not found in time."""


class DatabaseUnavailableError(Exception):
    """The database doesn't answer, or lets us not in. It may later."""


@dataclass(frozen=True)
class Database:
    """One service's place in the database that the URL names."""

    service: str
    url: str

    def __post_init__(self) -> None:
        if self.scheme not in ("postgresql", "sqlite", "memory"):
            raise DatabaseUrlError(
                f"GITPLOY_DATABASE_URL begins with {self.scheme!r}: "
                "it must begin with postgresql:// or sqlite:///"
            )

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @property
    def schema(self) -> str:
        """The service's schema in PostgreSQL."""
        return self.service.replace("-", "_")

    @property
    def directory(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def conninfo(self) -> Mapping[str, str]:
        try:
            known = {k: str(v) for k, v in conninfo_to_dict(self.url).items()}
        except psycopg.ProgrammingError as error:
            raise _not_understood() from error
        if not known.get("port", "5432").isdecimal():
            raise _not_understood()
        return known

    @property
    def extra(self) -> Mapping[str, str]:
        """What the URL says beyond the library's settings: `sslmode` and the like."""
        if self.scheme != "postgresql":
            return {}
        return {k: v for k, v in self.conninfo.items() if k not in LIBRARY_KEYS}

    def prepare(self) -> None:
        """Make the schema or the directory: the library does not.

        Raises:
            DatabaseUrlError: The URL can't be understood.
            DatabaseUnavailableError: The database doesn't answer.
        """
        with self.prepared():
            pass

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Prepare it, and be the only one who makes tables to the end of the block.

        Of two replicas that start at once one would fail otherwise, whatever
        `IF NOT EXISTS` promises.
        """
        if self.scheme == "sqlite":
            self.directory.mkdir(parents=True, exist_ok=True)
        if self.scheme != "postgresql":
            yield
            return
        with self._connect() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('gitploy schema'))")
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')
            yield

    def _connect(self) -> psycopg.Connection:
        timeout = {"connect_timeout": str(CONNECT_TIMEOUT_S)}
        conninfo = make_conninfo("", **timeout | dict(self.conninfo))
        try:
            return psycopg.connect(conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailableError(_one_line(error)) from error

    def library_settings(self) -> dict[str, str]:
        """The environment of the eventsourcing application."""
        if self.scheme == "memory":
            return {"PERSISTENCE_MODULE": "eventsourcing.popo"}
        if self.scheme == "sqlite":
            return {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(self.directory / f"{self.service}.sqlite"),
            }
        known = self.conninfo
        return {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": known.get("dbname", ""),
            "POSTGRES_HOST": known.get("host", ""),
            "POSTGRES_PORT": known.get("port", "5432"),
            "POSTGRES_USER": known.get("user", ""),
            "POSTGRES_PASSWORD": known.get("password", ""),
            "POSTGRES_SCHEMA": self.schema,
            "POSTGRES_POOL_SIZE": str(POOL_SIZE),
            "POSTGRES_MAX_OVERFLOW": str(POOL_SIZE),
            # The library tries ten times; with its usual half minute for each, whoever
            # asks a database that is away would hang for five.
            "POSTGRES_CONNECT_TIMEOUT": "1",
            "POSTGRES_LOCK_TIMEOUT": "5",
            # Its insert function takes no table lock: a relay would pass over gaps.
            "POSTGRES_ENABLE_DB_FUNCTIONS": "n",
        }

    def engine(self, part: str, *, durable: bool = False) -> Engine:
        """The engine for a part of what is kept beside the events.

        Args:
            part: Names the part's file, where there are files.
            durable: A commit outlives a power cut. What is derived can do without:
                what such a cut takes away is the newest, and is derived again.
        """
        if self.scheme == "postgresql":
            options = [] if durable else ["synchronous_commit=off"]
            # One more than there are threads: the relay keeps one.
            return self._postgres_engine(options, max_overflow=1)
        if self.scheme == "sqlite":
            path = self.directory / f"{self.service}-{part}.sqlite"
            url = URL.create("sqlite", database=str(path))
            engine = create_engine(url, json_deserializer=orjson.loads)
        else:
            engine = create_engine(
                "sqlite://",
                poolclass=StaticPool,
                connect_args={"check_same_thread": False},
            )
        sqlite.prepare(engine, durable=durable)
        return engine

    def reader(self, engine: Engine) -> Engine:
        """The same for reading only: it waits for no writer, and not for long.

        A statement of PostgreSQL's sees what is committed when it begins, in a
        transaction or not; so there is none to begin and to end.
        """
        if self.scheme == "postgresql":
            reader = self._postgres_engine(
                [f"statement_timeout={READ_WITHIN_S}s"],
                isolation_level="AUTOCOMMIT",
                max_overflow=0,
            )
        else:
            reader = engine.execution_options(reads=True, within=READ_WITHIN_S)
        # The database ends one statement; many short ones together are ended here.
        event.listen(reader, "engine_connect", _begin_reading)
        event.listen(reader, "before_cursor_execute", _go_on_reading)
        return reader

    def _postgres_engine(self, options: Sequence[str], **pool: Any) -> Engine:
        every = [f"search_path={self.schema}", *options]
        conninfo = make_conninfo(
            self.url,
            options=" ".join(f"-c {option}" for option in every),
            connect_timeout=CONNECT_TIMEOUT_S,
        )
        try:
            url = make_url("postgresql+psycopg://")
        except ArgumentError as error:
            raise DatabaseUrlError(f"GITPLOY_DATABASE_URL: {error}") from error
        return create_engine(
            url,
            creator=lambda: psycopg.connect(conninfo, context=ADAPTERS),
            pool_size=POOL_SIZE,
            pool_pre_ping=True,
            **pool,
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _not_understood() -> DatabaseUrlError:
    """What is wrong is not quoted: it may be a part of the password."""
    return DatabaseUrlError(
        "GITPLOY_DATABASE_URL can't be understood: it must be like "
        "postgresql://user:password@host:5432/name, "
        "with / @ : % in the password written as %2F %40 %3A %25"
    )


def _begin_reading(connection: Connection) -> None:
    connection.info["until"] = time.monotonic() + READ_WITHIN_S


def _go_on_reading(connection: Connection, *_: object) -> None:
    if time.monotonic() > connection.info["until"]:
        raise TooLongError
