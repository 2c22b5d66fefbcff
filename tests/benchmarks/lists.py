"""Lists and searches: is the first page of a million as quick as that of a thousand?

The gateway runs as a process of its own; its rows are written directly, as the events
would have made them. Each list is asked for again and again over HTTP; its time is
compared between the two sizes in the same run.
"""

import asyncio
import statistics
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from api_gateway.read_model.tables import DEPLOYMENTS, REPOSITORIES, micros
from shared.contracts import GATEWAY
from shared.store import Database, Tables, utc_now

from .load import per_second
from .processes import running

SIZES = (1_000, 1_000_000)
TIMES, BATCH = 300, 10_000
REPOSITORIES_THERE, PEOPLE, ENVIRONMENTS = 20, 50, 5
TOKEN = "benchmark"
GOAL = 1.5
#: Requests for the rate, and so many askers at once; the second is the baseline.
ASKED, ASKERS = 2_000, 16
NEVER = "0001-01-01T00:00:00Z"
BASE = "/api/v1/repos/octo/shop-1/deployments"
SEARCH = "/api/v1/search/deployments"
#: So many are there of everything even among a thousand: answers are equally long.
PER_PAGE = "per_page=20"
LISTS = {
    "a repository's newest": f"{BASE}?{PER_PAGE}",
    "of an environment": f"{BASE}?{PER_PAGE}&env=env-2",
    "with a status nothing has": f"{BASE}?{PER_PAGE}&status=running",
    "page after page": f"{BASE}?{PER_PAGE}&cursor={{middle}}",
    "search by ref": f"{SEARCH}?{PER_PAGE}&ref=branch-7",
    "search by commit": f"{SEARCH}?{PER_PAGE}&sha={{sha}}",
    "search by person": f"{SEARCH}?{PER_PAGE}&who=person-7",
    "search by time": f"{SEARCH}?{PER_PAGE}&owned=false&from=2020-01-01T00:00:00Z",
}


RATES = (BASE, "/healthz")


def measure(
    amqp_url: str, database_url: str, port: int, directory: Path
) -> Iterator[str]:
    """Lines for people: one for each list."""
    directory.mkdir(parents=True, exist_ok=True)
    environment = {
        "GITPLOY_AMQP_URL": amqp_url,
        "GITPLOY_DATABASE_URL": database_url,
        "GITPLOY_HTTP_PORT": str(port),
        "GITPLOY_API_TOKEN": TOKEN,
        "GITPLOY_GITHUB_TOKEN": "unused",
        "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
        "GITPLOY_LOG_LEVEL": "WARNING",
        "GITPLOY_REQUESTS_PER_MINUTE": "1000000",
    }
    url = f"http://127.0.0.1:{port}"
    times: dict[str, list[list[float]]] = {name: [] for name in LISTS}
    log = directory / "gateway.log"
    with running("api_gateway", environment, log, f"{url}/readyz"):
        for size in SIZES:
            places = fill(database_url, size)
            for name, path in LISTS.items():
                times[name].append(timed(url + path.format_map(places)))
        rates = [per_second(port, [asking(path)] * ASKED, ASKERS) for path in RATES]
        listed, alive = [asyncio.run(rate) for rate in rates]
    yield (
        f"requests per second, {ASKERS} at a time: lists of 30 {listed:.0f}/s, "
        f"/healthz {alive:.0f}/s, ratio {listed / alive:.2f}"
    )
    for name, (few, many) in times.items():
        ratio = p99(many) / p99(few)
        yield (
            f"{name:<26}: p50 {statistics.median(few):>5.1f} and "
            f"{statistics.median(many):>5.1f} ms, p99 {p99(few):>5.1f} and "
            f"{p99(many):>5.1f} ms, ratio {ratio:.2f}"
        )


def asking(path: str) -> bytes:
    """One whole HTTP request."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}"
    return f"{head}\r\n\r\n".encode()


def timed(url: str) -> list[float]:
    """The milliseconds of each answer, once it is warm."""
    request = urllib.request.Request(  # noqa: S310 - http only
        url, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    told = []
    for _ in range(TIMES + TIMES // 10):
        began = time.perf_counter()
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()
        told.append((time.perf_counter() - began) * 1000)
    return told[TIMES // 10 :]


def p99(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=100)[98]


def fill(database_url: str, size: int) -> Mapping[str, str]:
    """Have so many deployments; answers what is somewhere among them."""
    with closing(Tables(Database(GATEWAY, database_url), "views")) as tables:
        engine = tables.engine
        with engine.begin() as c:
            c.execute(delete(DEPLOYMENTS))
            c.execute(delete(REPOSITORIES))
            c.execute(insert(REPOSITORIES), [*map(repository, repositories())])
        for first in range(1, size + 1, BATCH):
            last = min(first + BATCH, size + 1)
            with engine.begin() as c:
                c.execute(insert(DEPLOYMENTS), [*map(deployment, range(first, last))])
        with engine.begin() as c:
            c.exec_driver_sql("ANALYZE")
            middle = c.scalar(select(func.max(DEPLOYMENTS.c.id))) // 2
    return {"middle": str(middle), "sha": sha_of(size // 2)}


def repositories() -> range:
    return range(1, REPOSITORIES_THERE + 1)


def repository(id_: int) -> dict[str, Any]:
    document = {
        "id": id_, "namespace": "octo", "name": f"shop-{id_}", "description": "",
        "config_path": "deploy.yml", "active": True, "webhook_id": 1,
        "created_at": NEVER, "updated_at": NEVER, "latest_deployed_at": NEVER,
        "owner_id": 1, "owner": person(1), "command": None,
    }  # fmt: skip
    return {
        "id": id_, "stream": UUID(int=id_), "name": f"octo/shop-{id_}",
        "active": True, "due_at": None, "document": document,
    }  # fmt: skip


def deployment(n: int) -> dict[str, Any]:
    """As a row; of every repository, person and environment there are many."""
    repo, who, env = n % REPOSITORIES_THERE + 1, n % PEOPLE, f"env-{n % ENVIRONMENTS}"
    at = utc_now() - timedelta(seconds=2_000_000 - n)
    document = {
        "number": n, "type": "branch", "env": env, "ref": f"branch-{n % 40}",
        "dynamic_payload": None, "status": "success", "uid": n, "sha": sha_of(n),
        "production_environment": True, "is_rollback": False,
        "created_at": at.isoformat(), "updated_at": at.isoformat(), "user_id": who,
        "repo_id": repo, "is_approval_enabled": None, "required_approval_count": None,
        "uuid": str(UUID(int=n)), "phase": "success", "code": None, "message": None,
        "checks": [
            {"code": code, "state": "passed", "message": "All is well.", "url": None}
            for code in ("config", "ref", "up_to_date", "commit_checks", "running")
        ],
        "waits_for": None, "config_digest": "d" * 64, "foreign": False, "source": "api",
        "rollback_of": None, "override": None, "confirmation": None, "sync": None,
        "log_url": "", "user": person(who), "repository": f"octo/shop-{repo}",
    }  # fmt: skip
    return {
        "id": n * 5, "uuid": UUID(int=n), "repo_id": repo, "number": n,
        "foreign": False, "uid": n, "env": env, "env_key": env, "status": "success",
        "phase": "success", "created_at": micros(at), "user_id": who,
        "login": f"person-{who}", "ref": document["ref"], "sha": document["sha"],
        "production": True, "rollback": False, "committed_at": None, "due_at": None,
        "succeeded_at": micros(at), "finished_at": micros(at), "document": document,
    }  # fmt: skip


def person(id_: int) -> dict[str, Any]:
    return {
        "id": id_, "login": f"person-{id_}", "avatar": "", "admin": False,
        "expiry": NEVER, "created_at": NEVER, "updated_at": NEVER, "edges": {},
    }  # fmt: skip


def sha_of(n: int) -> str:
    return f"{n * 2654435761 % 2**64:016x}".ljust(40, "0")
