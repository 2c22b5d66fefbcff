"""What Gitploy keeps of people: the tables, for PostgreSQL and SQLite.

None of it can be made again from the log, so none may be dropped. A column that a
later version brings is added to the tables that are there (`create`), so it must do
without a value; what changes otherwise is a new table beside the old one, while
replicas of both versions run.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('api-gateway accounts'))"


class Moment(TypeDecorator[datetime]):
    """A time, kept as microseconds since 1970: both databases compare those alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(
        self, value: Any | None, dialect: Dialect
    ) -> datetime | None:
        del dialect
        return None if value is None else EPOCH + value * MICROSECOND


METADATA = MetaData()
#: SQLite counts by itself only what it calls an integer.
ID = BigInteger().with_variant(Integer, "sqlite")

PEOPLE = Table(
    "people",
    METADATA,
    #: GitHub's number of the user.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("login", String(255), nullable=False),
    #: The login in one case, for looking up.
    Column("login_key", String(255), nullable=False, index=True),
    Column("avatar", Text, nullable=False),
    #: Made an administrator by another; those of the settings are not written down.
    Column("admin", Boolean, nullable=False),
    #: Encrypted, as GitHub gave them.
    Column("github_token", Text),
    Column("github_refresh", Text),
    Column("github_until", Moment),
    #: Since when GitHub takes the token no more.
    Column("refused_at", Moment),
    #: Whoever refreshes the token has until then.
    Column("refreshing_until", Moment),
    #: Until when GitHub answers nothing more in their name.
    Column("limited_until", Moment),
    Column("signed_in_at", Moment),
    Column("active_at", Moment),
    #: When all repositories were last asked for, and when that was last begun.
    Column("synced_at", Moment),
    Column("sync_begun_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
TOKENS = Table(
    "api_tokens",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("user_id", BigInteger, nullable=False, index=True),
    Column("name", String(255), nullable=False),
    Column("scope", String(16), nullable=False),
    #: The only repository that it is for, if there is one.
    Column("repo_id", BigInteger),
    Column("repository", String(255)),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("last_used_at", Moment),
    # Whoever revokes one twice must not end another, which has its number since then.
    sqlite_autoincrement=True,
)
REPOSITORIES = Table(
    "github_repositories",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("full_name", String(255), nullable=False),
    Column("name_key", String(255), nullable=False, index=True),
    Column("description", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
PERMISSIONS = Table(
    "permissions",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("repo_id", BigInteger, nullable=False),
    #: `read`, `write`, `admin`; `none` where GitHub was asked and shows nothing.
    Column("permission", String(16), nullable=False),
    #: When GitHub last said so.
    Column("synced_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("user_id", "repo_id"),
)
AUDIT = Table(
    "audit_entries",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("user_id", BigInteger),
    #: Who it was, as they were called then.
    Column("who", String(255), nullable=False),
    Column("action", String(64), nullable=False),
    Column("repository", String(255), nullable=False),
    #: What it was done to.
    Column("subject", Text, nullable=False),
    Column("details", JSON, nullable=False),
)
ANSWERED = Table(
    "answered_requests",
    METADATA,
    #: The digest of who asked, and of the name that they gave to the request.
    Column("key", String(64), primary_key=True),
    Column("wanted", String(64), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    #: None while it is being done.
    Column("status", Integer),
    Column("headers", Text),
    Column("body", Text),
)
Index("permissions_by_repo", PERMISSIONS.c.repo_id)
Index("audit_by_time", AUDIT.c.at, AUDIT.c.id)


def create(connection: Connection) -> None:
    """Make what is missing; of two replicas that start at once one waits."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(LOCK))
    METADATA.create_all(connection)
    there = inspect(connection)
    for table in METADATA.sorted_tables:
        known = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in known:
                kind = column.type.compile(connection.dialect)
                added = f'ALTER TABLE {table.name} ADD COLUMN "{column.name}" {kind}'
                connection.execute(text(added))


def upsert(connection: Connection, table: Table) -> Any:
    """An insert that can say what to do about a row that is there."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
