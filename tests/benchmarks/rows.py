"""Many deployments as rows, written directly, as the events would have made them.

The newest thousand are the same however many there are: so answers are equally long,
and only what lies behind them differs.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select

from api_gateway.accounts import tables as people
from api_gateway.accounts.keys import PREFIX, digest
from api_gateway.read_model.tables import DEPLOYMENTS, REPOSITORIES, micros
from shared.contracts import GATEWAY
from shared.store import Database, Tables, utc_now

BATCH = 10_000
#: Everything new, and half of what is old, is in the busy ones, the first by name.
ALL, BUSY, NEW = 2_000, 20, 1_000
PEOPLE, BRANCHES, ENVIRONMENTS, FAILS = 20, 10, 2, 50
NEVER = "0001-01-01T00:00:00Z"
#: Who sees only these.
SEEING = {
    "one": [1],
    "half": range(1, ALL + 1, 2),
    "quiet": range(BUSY, ALL + 1),
    "all": range(1, ALL + 1),
}


def token_of(who: str) -> str:
    return f"{PREFIX}{who}"


def fill(database_url: str, size: int) -> Mapping[str, str]:
    """Have so many deployments; answers what is somewhere among them."""
    database = Database(GATEWAY, database_url)
    with closing(Tables(database, "views")) as tables:
        engine = tables.engine
        with engine.begin() as c:
            for table in (DEPLOYMENTS, REPOSITORIES):
                c.execute(delete(table))
            c.execute(insert(REPOSITORIES), [*map(repository, range(1, ALL + 1))])
            fill_people(c)
        for first in range(1, size + 1, BATCH):
            numbers = range(first, min(first + BATCH, size + 1))
            with engine.begin() as c:
                rows = [deployment(n, size - n) for n in numbers]
                c.execute(insert(DEPLOYMENTS), rows)
        # As autovacuum would have done by and by.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.exec_driver_sql("VACUUM ANALYZE")
            middle = c.scalar(select(func.max(DEPLOYMENTS.c.id))) // 2
    return {"middle": str(middle), "sha": sha_of(size // 2)}


def fill_people(c: Connection) -> None:
    """Have people who see some repositories, each with a token."""
    for table in people.METADATA.sorted_tables:
        c.execute(delete(table))
    now = utc_now()
    # GitHub says so all the time: nobody has to ask it.
    fixed = {"synced_at": now + timedelta(days=1), "created_at": now, "updated_at": now}
    seen = [
        {"id": n, "full_name": name_of(n), "name_key": name_of(n), "description": "",
         "seen_at": now}
        for n in range(1, ALL + 1)
    ]  # fmt: skip
    c.execute(insert(people.REPOSITORIES), seen)
    for id_, (who, ids) in enumerate(SEEING.items(), 1):
        account = {
            "id": id_, "login": who, "login_key": who, "avatar": "", "admin": False,
            "active_at": now, **fixed,
        }  # fmt: skip
        c.execute(insert(people.PEOPLE), account)
        token = {
            "digest": digest(token_of(who)), "user_id": id_, "name": "benchmark",
            "scope": "read", "created_at": now,
        }  # fmt: skip
        c.execute(insert(people.TOKENS), token)
        c.execute(insert(people.PERMISSIONS), permissions(id_, ids, fixed))


def permissions(
    user_id: int, ids: Iterable[int], fixed: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    may = {"user_id": user_id, "permission": "read", **fixed}
    return [may | {"repo_id": id_} for id_ in ids]


def name_of(repo_id: int) -> str:
    return f"octo/{'shop' if repo_id <= BUSY else 'tool'}-{repo_id}"


def repository(id_: int) -> dict[str, Any]:
    namespace, _, name = name_of(id_).partition("/")
    document = {
        "id": id_, "namespace": namespace, "name": name, "description": "",
        "config_path": "deploy.yml", "active": True, "webhook_id": 1,
        "created_at": NEVER, "updated_at": NEVER, "latest_deployed_at": NEVER,
        "owner_id": 1, "owner": person(1), "command": None,
        "auto_deploy_problem": None,
    }  # fmt: skip
    return {
        "id": id_, "stream": UUID(int=id_), "name": name_of(id_), "active": True,
        "deployed_at": 0 if id_ > BUSY else micros(utc_now()), "due_at": None,
        "document": document,
    }  # fmt: skip


def deployment(n: int, age: int) -> dict[str, Any]:
    """As a row; of every person, branch and environment there are many everywhere."""
    repo, turn = repo_of(age), age // (2 * BUSY)
    who, env, ref = turn % PEOPLE, f"env-{turn % ENVIRONMENTS}", turn % BRANCHES
    at = utc_now() - timedelta(minutes=age)
    status = "failure" if age % FAILS == FAILS - 1 else "success"
    document = {
        "number": n, "type": "branch", "env": env, "ref": f"branch-{ref}",
        "dynamic_payload": None, "status": status, "uid": n, "sha": sha_of(n),
        "production_environment": True, "is_rollback": False,
        "created_at": at.isoformat(), "updated_at": at.isoformat(), "user_id": who,
        "repo_id": repo, "is_approval_enabled": None, "required_approval_count": None,
        "uuid": str(UUID(int=n)), "phase": status, "code": None, "message": None,
        "checks": [
            {"code": code, "state": "passed", "message": "All is well.", "url": None}
            for code in ("config", "ref", "up_to_date", "commit_checks", "running")
        ],
        "waits_for": None, "config_digest": "d" * 64, "foreign": False, "source": "api",
        "rollback_of": None, "override": None, "confirmation": None, "sync": None,
        "log_url": "", "user": person(who), "repository": name_of(repo),
    }  # fmt: skip
    return {
        "id": n * 5, "uuid": UUID(int=n), "repo_id": repo, "number": n,
        "foreign": False, "uid": n, "env": env, "env_key": env, "status": status,
        "phase": status, "created_at": micros(at), "user_id": who,
        "login": f"person-{who}", "ref": document["ref"], "sha": document["sha"],
        "production": True, "rollback": False, "due_at": None,
        "committed_at": micros(at - timedelta(hours=1)),
        "succeeded_at": micros(at) if status == "success" else None,
        "finished_at": micros(at), "document": document,
    }  # fmt: skip


def repo_of(age: int) -> int:
    if age < NEW:
        return age % BUSY + 1
    return age // 2 % (BUSY if age % 2 else ALL) + 1


def person(id_: int) -> dict[str, Any]:
    return {
        "id": id_, "login": f"person-{id_}", "avatar": "", "admin": False,
        "expiry": NEVER, "created_at": NEVER, "updated_at": NEVER, "edges": {},
    }  # fmt: skip


def sha_of(n: int) -> str:
    return f"{n * 2654435761 % 2**64:016x}".ljust(40, "0")
