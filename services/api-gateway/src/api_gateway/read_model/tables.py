"""The tables, one definition for PostgreSQL and SQLite.

Their names end with the schema's version: while replicas of two versions run side by
side, each fills and reads its own. Bump `VERSION` with any change of a table or of the
documents in it; the new tables fill themselves from the log.

A deployment's id is the log position of its DeployRequested, a status's that of its
StatusUpdated, a review's that of its ReviewAsked, so a rebuild gives the same ids.
Times are microseconds since 1970.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)

VERSION = 10
#: Others may make longer ones at GitHub; an index takes no more than it can.
MAX_REF = 255
METADATA = MetaData()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCK = "SELECT pg_advisory_xact_lock(hashtext('api-gateway read model'))"


def _name(kind: str) -> str:
    return f"{kind}_v{VERSION}"


def micros(time: datetime) -> int:
    """A time as the tables keep it."""
    return (time - EPOCH) // timedelta(microseconds=1)


def moment(stored: int) -> datetime:
    """The time that the tables keep."""
    return EPOCH + timedelta(microseconds=stored)


def span_of(micros: int) -> int:
    """So short that 4 to the power of it is longer: what is alike is found together."""
    return (max(micros, 0).bit_length() + 1) // 2


DEPLOYMENTS = Table(
    _name("deployments"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("uuid", Uuid, nullable=False, unique=True),
    Column("repo_id", BigInteger, nullable=False),
    #: None of what somebody else made at GitHub.
    Column("number", Integer),
    Column("foreign", Boolean, nullable=False),
    #: GitHub's id, once there is one.
    Column("uid", BigInteger),
    Column("env", String(255), nullable=False),
    #: In one case: GitHub does not tell `Production` from `production`.
    Column("env_key", String, nullable=False),
    Column("status", String(16), nullable=False),
    Column("phase", String(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    #: When something was told of it last, and how long after its beginning (`span_of`).
    Column("told_at", BigInteger),
    Column("span", Integer),
    #: GitHub's id of who wants it, and the login in one case.
    Column("user_id", BigInteger, nullable=False),
    Column("login", String(255), nullable=False),
    Column("ref", String(MAX_REF), nullable=False),
    #: Empty until it was found out.
    Column("sha", String(64), nullable=False),
    Column("production", Boolean, nullable=False),
    Column("rollback", Boolean, nullable=False),
    Column("committed_at", BigInteger),
    Column("due_at", BigInteger, index=True),
    #: When the tool said that it has succeeded: the last that did is live.
    Column("succeeded_at", BigInteger),
    #: When the tool said that it has succeeded or failed.
    Column("finished_at", BigInteger),
    Column("document", JSON, nullable=False),
    UniqueConstraint("repo_id", "number"),
)
STATUSES = Table(
    _name("statuses"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("deployment", Uuid, nullable=False),
    Column("github_status_id", BigInteger, nullable=False),
    Column("document", JSON, nullable=False),
    UniqueConstraint("deployment", "github_status_id"),
)
REVIEWS = Table(
    _name("reviews"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("deployment", Uuid, nullable=False),
    #: GitHub's id of the reviewer.
    Column("user_id", BigInteger, nullable=False),
    #: Whether the reviewer has not answered yet.
    Column("pending", Boolean, nullable=False),
    Column("document", JSON, nullable=False),
    UniqueConstraint("deployment", "user_id"),
)
REPOSITORIES = Table(
    _name("repositories"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Uuid, nullable=False, unique=True),
    #: `owner/name` in lower case: GitHub's names know no case.
    Column("name", String(255), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    #: When something was asked for there last; 0: never.
    Column("deployed_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, index=True),
    Column("document", JSON, nullable=False),
)
LOCKS = Table(
    _name("locks"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Uuid, nullable=False, unique=True),
    Column("repo_id", BigInteger, nullable=False),
    Column("env_key", String, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    #: Where the verifier's stream last told of it.
    Column("revision", BigInteger, nullable=False),
    Column("due_at", BigInteger, index=True),
    Column("document", JSON, nullable=False),
)
HOLDS = Table(
    _name("holds"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Uuid, nullable=False, unique=True),
    Column("repo_id", BigInteger, nullable=False),
    Column("env_key", String, nullable=False),
    #: The rollback's: the newest one of an environment counts.
    Column("number", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("due_at", BigInteger, index=True),
    Column("document", JSON, nullable=False),
)
REMOTE_STATUSES = Table(
    _name("remote_statuses"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Uuid, nullable=False, unique=True),
    Column("due_at", BigInteger, index=True),
    Column("document", JSON, nullable=False),
)
#: What people did, for the audit.
ACTS = Table(
    _name("acts"),
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("who_key", String(255), nullable=False),
    Column("action", String(32), nullable=False),
    Column("stream", Uuid, nullable=False),
    #: None where the fact does not say it: the deployment of its stream does.
    Column("repo_id", BigInteger),
    Column("document", JSON, nullable=False),
)
POSITIONS = Table(
    "positions",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)
D = DEPLOYMENTS.c
Index(_name("deployments_by_repo"), D.repo_id, D.id)
Index(_name("deployments_by_env"), D.repo_id, D.env_key, D.id)
Index(_name("deployments_by_uid"), D.repo_id, D.uid)
Index(_name("deployments_live"), D.repo_id, D.env_key, D.succeeded_at)
Index(_name("deployments_finished"), D.repo_id, D.env_key, D.finished_at)
#: For looking at what was going on at a time (`Past`).
Index(_name("deployments_by_span"), D.repo_id, D.env_key, D.span, D.created_at)
Index(_name("deployments_by_status"), D.repo_id, D.status, D.id)
#: For searches, which go from the newest on, through all repositories or in each.
NEWEST = (D.created_at, D.id)
Index(_name("deployments_by_time"), *NEWEST)
Index(_name("deployments_by_status_time"), D.status, *NEWEST)
Index(_name("deployments_by_login"), D.login, *NEWEST)
Index(_name("deployments_by_ref"), D.ref, *NEWEST)
Index(_name("deployments_by_user"), D.user_id, *NEWEST)
Index(_name("deployments_by_repo_time"), D.repo_id, *NEWEST)
Index(_name("deployments_by_repo_status_time"), D.repo_id, D.status, *NEWEST)
Index(_name("deployments_by_repo_login"), D.repo_id, D.login, *NEWEST)
Index(_name("deployments_by_repo_ref"), D.repo_id, D.ref, *NEWEST)
Index(_name("deployments_by_sha"), D.sha)
#: Those for which something is still to be done are few.
OPEN = D.due_at.is_not(None)
Index(
    _name("deployments_open"),
    D.repo_id,
    D.env_key,
    postgresql_where=OPEN,
    sqlite_where=OPEN,
)
PENDING = REVIEWS.c.pending.is_(True)
Index(
    _name("reviews_pending"),
    REVIEWS.c.user_id,
    postgresql_where=PENDING,
    sqlite_where=PENDING,
)
Index(_name("locks_by_repo"), LOCKS.c.repo_id, LOCKS.c.id)
Index(_name("holds_by_repo"), HOLDS.c.repo_id, HOLDS.c.env_key)
Index(_name("acts_by_time"), ACTS.c.at, ACTS.c.id)
#: Those that are made from the log.
TABLES = (
    DEPLOYMENTS,
    STATUSES,
    REVIEWS,
    REPOSITORIES,
    LOCKS,
    HOLDS,
    REMOTE_STATUSES,
    ACTS,
)


def create(connection: Connection) -> None:
    """Make what is missing; of two replicas that start at once one waits."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(LOCK))
    METADATA.create_all(connection)
