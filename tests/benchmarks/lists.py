"""Lists and searches: is the first page of a million as quick as that of a thousand?

A gateway runs over each, as a process of its own; the rows are written directly. Each
list is asked for again and again over HTTP, by somebody who sees everything and by
people who see some repositories, now of the one and now of the other: whatever else
the machine does meets both.
"""

import asyncio
import statistics
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography.fernet import Fernet
from psycopg import sql
from yarl import URL

from gitploy.local.kept import free_port

from .load import per_second
from .processes import running
from .rows import fill, token_of

SIZES = (1_000, 1_000_000)
TIMES = 300
TOKEN = "benchmark"
GOAL = 1.5
#: Requests for the rate, and so many askers at once; the second is the baseline.
ASKED, ASKERS = 2_000, 16
REPOS = "/api/v1/repos"
BASE = f"{REPOS}/octo/shop-1/deployments"
SEARCH = "/api/v1/search/deployments"
#: So many are there of everything even among a thousand: answers are equally long.
PER_PAGE = "per_page=20"
EVER = "owned=false&from=2020-01-01T00:00:00Z"
#: Who asks for what; None sees everything and has asked GitHub for nothing.
LISTS: dict[str, tuple[str | None, str]] = {
    "repositories": (None, f"{REPOS}?{PER_PAGE}"),
    "repositories deployed to last": (None, f"{REPOS}?{PER_PAGE}&sort=true"),
    "repositories, who sees half": ("half", f"{REPOS}?per_page=10"),
    "repositories, who sees all": ("all", f"{REPOS}?{PER_PAGE}"),
    "a repository's newest": (None, f"{BASE}?{PER_PAGE}"),
    "the same, who sees one": ("one", f"{BASE}?{PER_PAGE}"),
    "the same, who sees half": ("half", f"{BASE}?{PER_PAGE}"),
    "of an environment": (None, f"{BASE}?{PER_PAGE}&env=env-1"),
    "with a status nothing has": (None, f"{BASE}?{PER_PAGE}&status=running"),
    "page after page": (None, f"{BASE}?{PER_PAGE}&cursor={{middle}}"),
    "search by ref": (None, f"{SEARCH}?{PER_PAGE}&ref=branch-7"),
    "search by commit": (None, f"{SEARCH}?{PER_PAGE}&sha={{sha}}"),
    "search by person": (None, f"{SEARCH}?{PER_PAGE}&who=person-7"),
    "search by time": (None, f"{SEARCH}?{PER_PAGE}&{EVER}"),
    "search by status": (None, f"{SEARCH}?{PER_PAGE}&{EVER}&statuses=failure,canceled"),
    "search of who sees one": ("one", f"{SEARCH}?{PER_PAGE}&{EVER}"),
    "search of who sees half": ("half", f"{SEARCH}?{PER_PAGE}&{EVER}"),
    "the same by ref": ("half", f"{SEARCH}?{PER_PAGE}&ref=branch-7"),
    "the same by a status": ("half", f"{SEARCH}?{PER_PAGE}&{EVER}&statuses=running"),
    "search of who sees quiet ones": ("quiet", f"{SEARCH}?per_page=1&{EVER}"),
    "search of who sees all": ("all", f"{SEARCH}?{PER_PAGE}&{EVER}"),
}
RATES = (BASE, "/healthz")


def measure(amqp_url: str, database_url: str, directory: Path) -> Iterator[str]:
    """Lines for people: one for each list."""
    directory.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                gateway_over(
                    size, amqp_url, own_database(database_url, size), directory
                )
            )
            for size in SIZES
        ]
        for name, (who, path) in LISTS.items():
            few, many = compared(both, path, token_of(who) if who else TOKEN)
            yield (
                f"{name:<30}: p50 {statistics.median(few):>5.1f} and "
                f"{statistics.median(many):>5.1f} ms, p99 {p99(few):>5.1f} and "
                f"{p99(many):>5.1f} ms, ratio {p99(many) / p99(few):.2f}"
            )
        port = both[-1].port
        rates = [per_second(port, [asking(path)] * ASKED, ASKERS) for path in RATES]
        listed, alive = [asyncio.run(rate) for rate in rates]
    yield (
        f"requests per second, {ASKERS} at a time: lists of 30 {listed:.0f}/s, "
        f"/healthz {alive:.0f}/s, ratio {listed / alive:.2f}"
    )


@dataclass(frozen=True)
class Serving:
    """A gateway, and what is somewhere among its deployments."""

    port: int
    places: Mapping[str, str]

    def request(self, path: str, token: str) -> urllib.request.Request:
        url = f"http://127.0.0.1:{self.port}{path.format_map(self.places)}"
        headers = {"Authorization": f"Bearer {token}"}
        return urllib.request.Request(url, headers=headers)


def own_database(server_url: str, size: int) -> str:
    """A database for so many deployments."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        name = sql.Identifier(f"of_{size}")
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    return str(URL(server_url).with_path(f"/of_{size}"))


@contextmanager
def gateway_over(
    size: int, amqp_url: str, database_url: str, directory: Path
) -> Iterator[Serving]:
    """A gateway that knows so many deployments."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "GITPLOY_AMQP_URL": amqp_url,
        "GITPLOY_DATABASE_URL": database_url,
        "GITPLOY_HTTP_PORT": str(port),
        "GITPLOY_API_TOKEN": TOKEN,
        "GITPLOY_GITHUB_TOKEN": "unused",
        "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
        "GITPLOY_LOG_LEVEL": "WARNING",
        "GITPLOY_REQUESTS_PER_MINUTE": "1000000",
        # People have signed in, and GitHub has said what they see.
        "GITPLOY_GITHUB_CLIENT_ID": "unused",
        "GITPLOY_GITHUB_CLIENT_SECRET": "unused",
        "GITPLOY_PUBLIC_URL": url,
        "GITPLOY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    }
    log = directory / f"gateway-{size}.log"
    with running("api_gateway", environment, log, f"{url}/readyz"):
        yield Serving(port, fill(database_url, size))


def compared(
    both: Sequence[Serving], path: str, token: str
) -> tuple[list[float], list[float]]:
    """The milliseconds of each answer of both, once they are warm."""
    requests = [serving.request(path, token) for serving in both]
    told: tuple[list[float], list[float]] = ([], [])
    for _ in range(TIMES + TIMES // 10):
        for request, times in zip(requests, told, strict=True):
            began = time.perf_counter()
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - http only
                answer.read()
            times.append((time.perf_counter() - began) * 1000)
    return told[0][TIMES // 10 :], told[1][TIMES // 10 :]


def asking(path: str) -> bytes:
    """One whole HTTP request."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}"
    return f"{head}\r\n\r\n".encode()


def p99(milliseconds: list[float]) -> float:
    return statistics.quantiles(milliseconds, n=100)[98]
