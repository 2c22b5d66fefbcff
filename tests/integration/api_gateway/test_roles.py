"""Who gets what answer to which operation: all operations, all roles, one table.

An operation without a row fails the test, so whoever adds one says who may do it. All
of it is really asked for: what a handler itself refuses is in the table, too.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from api_gateway.ports import GitHubAwayError

from .others import TOKEN
from .people_at_github import (
    ADMIN,
    OPERATOR,
    READER,
    STRANGER,
    WRITER,
    Town,
    active,
    bearer,
    who,
)

#: What stands for "let in": neither 401, 403, nor that the repository is not there.
IN = 200
UNKNOWN = "Gitploy does not know the repository octo/shop."
WANTED = {"type": "branch", "ref": "main", "env": "production"}
#: The columns of the table.
ROLES = (
    "nobody",
    "wrong token",
    "expired token",
    "revoked token",
    "ended session",
    "stranger",
    "reader",
    "writer",
    "admin",
    "system admin",
    "writer's token for reading",
    "token for reading",
    "token for deploying",
    "token of another repository",
    "Gitploy itself",
)
# The kinds of rows. The tokens are of the one who is an administrator of both, if not
# otherwise said.
OUT = (401,) * 5
OPEN = (IN,) * 15
SHOWN = (*OUT, IN, IN, IN, IN, IN, IN, IN, IN, IN, IN)
OWN = (*OUT, IN, IN, IN, IN, IN, 403, 403, IN, 403, IN)
UNLIMITED = (*OUT, IN, IN, IN, IN, IN, 403, 403, 403, 403, IN)
READ = (*OUT, 404, IN, IN, IN, 404, IN, IN, IN, 404, IN)
ANSWERED = (*OUT, 404, IN, IN, IN, 404, 403, 403, IN, 404, IN)
DEPLOYED = (*OUT, 404, 403, IN, IN, 404, 403, 403, IN, 404, IN)
KEPT = (*OUT, 404, 403, 403, IN, 404, 403, 403, 403, 404, IN)
RUN = (*OUT, 403, 403, 403, 403, IN, 403, 403, 403, 403, IN)

REPO = "/api/v1/repos/{namespace}/{name}"
ONE = f"{REPO}/deployments/{{number}}"
ENV = f"{REPO}/environments/{{env}}"
LOCK = f"{REPO}/locks/{{id}}"
TABLE = {
    "GET /deploy.schema.json": OPEN,
    "GET /openapi.json": OPEN,
    "GET /signin": OPEN,
    "GET /signout": OPEN,
    "POST /signout": OPEN,
    "GET /api/v1/user": SHOWN,
    "GET /api/v1/user/rate-limit": SHOWN,
    "GET /api/v1/user/tokens": SHOWN,
    "POST /api/v1/user/tokens": UNLIMITED,
    "DELETE /api/v1/user/tokens/{id}": UNLIMITED,
    "POST /api/v1/sync": OWN,
    "GET /api/v1/license": SHOWN,
    "GET /api/v1/stream/events": SHOWN,
    "GET /api/v1/search/deployments": SHOWN,
    "GET /api/v1/search/reviews": SHOWN,
    "GET /api/v1/audit": RUN,
    "GET /api/v1/users": RUN,
    "PATCH /api/v1/users/{id}": RUN,
    "DELETE /api/v1/users/{id}": RUN,
    "GET /api/v1/repos": SHOWN,
    f"GET {REPO}": READ,
    f"PATCH {REPO}": KEPT,
    f"GET {REPO}/perms": READ,
    f"GET {REPO}/config": READ,
    f"GET {REPO}/dora": READ,
    f"GET {REPO}/branches": READ,
    f"GET {REPO}/branches/{{branch}}": READ,
    f"GET {REPO}/default-branch": READ,
    f"GET {REPO}/tags": READ,
    f"GET {REPO}/tags/{{tag}}": READ,
    f"GET {REPO}/commits": READ,
    f"GET {REPO}/commits/{{sha}}": READ,
    f"GET {REPO}/commits/{{sha}}/statuses": READ,
    "GET /link/{namespace}/{name}/config": READ,
    "GET /link/{namespace}/{name}/config/new": READ,
    f"GET {REPO}/deployments": READ,
    f"POST {REPO}/deployments": DEPLOYED,
    f"GET {ONE}": READ,
    f"PUT {ONE}": DEPLOYED,
    f"GET {ONE}/statuses": READ,
    f"GET {ONE}/events": READ,
    f"GET {ONE}/changes": READ,
    f"GET {ONE}/reviews": READ,
    f"GET {ONE}/review": READ,
    f"PATCH {ONE}/review": ANSWERED,
    f"POST {ONE}/cancel": DEPLOYED,
    f"POST {ONE}/retry": DEPLOYED,
    f"POST {ONE}/rollback": DEPLOYED,
    f"POST {ONE}/sync": DEPLOYED,
    f"POST {ONE}/remote-statuses": DEPLOYED,
    f"GET {REPO}/environments": READ,
    f"GET {ENV}": READ,
    f"GET {ENV}/queue": READ,
    f"GET {ENV}/preflight": READ,
    f"GET {ENV}/dora": READ,
    f"POST {ENV}/promote": DEPLOYED,
    f"POST {ENV}/release": KEPT,
    f"POST {ENV}/resume": DEPLOYED,
    f"GET {REPO}/locks": READ,
    f"POST {REPO}/locks": DEPLOYED,
    f"GET {LOCK}": READ,
    f"PATCH {LOCK}": DEPLOYED,
    f"DELETE {LOCK}": DEPLOYED,
    f"POST {LOCK}/take-over": DEPLOYED,
}
#: What the page about permissions calls each kind of row.
KINDS = {
    "nobody": OPEN,
    "user": SHOWN,
    "user, to change": OWN,
    "user, unlimited": UNLIMITED,
    "read": READ,
    "read, to answer": ANSWERED,
    "write": DEPLOYED,
    "admin": KEPT,
    "system admin": RUN,
}
#: The page that shows the API is for everybody, and no operation of it.
OTHERS = {"GET /", "GET /docs/api", "GET /docs/api.js", "GET /assets/{path}"}


#: What is sent where something has to be.
SENT = {
    "POST /api/v1/user/tokens": {"name": "more", "scope": "read"},
    "PATCH /api/v1/users/{id}": {"admin": True},
    f"PATCH {REPO}": {"active": True},
    f"POST {REPO}/deployments": WANTED,
    f"PATCH {ONE}/review": {"status": "approved"},
    f"POST {ONE}/remote-statuses": {"status": "success", "description": ""},
    f"POST {ENV}/promote": {"from": "staging"},
    f"POST {ENV}/release": {"number": 1, "reason": "It is over."},
    f"POST {REPO}/locks": {"env": "production"},
}
#: What stands behind the path where something has to.
BEHIND = {f"GET {ENV}/preflight": {"type": "branch", "ref": "main"}}


class Nobody:
    """GitHub as pages would show it: away."""

    def __getattr__(self, name: str) -> Any:
        async def away(*_: Any, **__: Any) -> None:
            raise GitHubAwayError("GitHub answers 502")

        return away


@pytest.fixture
async def secrets(tmp_path: Path) -> AsyncIterator[tuple[Town, dict[str, str]]]:
    """Give the test everybody, and what each of them sends."""
    async with active(tmp_path, browsing=Nobody()) as town:
        await town.api.post(
            address(f"{REPO}/deployments"), json=WANTED, headers=bearer(TOKEN)
        )
        known = {
            "stranger": await town.sign_in(STRANGER),
            "reader": await town.sign_in(READER),
            "writer": await town.sign_in(WRITER),
            "admin": await town.sign_in(ADMIN),
            "system admin": await town.sign_in(OPERATOR),
            "ended session": await town.sign_in(ADMIN),
            "Gitploy itself": TOKEN,
            "wrong token": "gitploy_wrong",
            "nobody": "",
        }
        later = (town.clock() + timedelta(seconds=1)).isoformat()
        of = known["admin"]
        known |= {
            "expired token": await town.token(of, expires_at=later),
            "revoked token": await town.token(of, name="revoked"),
            "token for reading": await town.token(of, scope="read"),
            "token for deploying": await town.token(of, scope="deploy"),
            "token of another repository": await town.token(
                of, repository="octo/other"
            ),
            "writer's token for reading": await town.token(
                known["writer"], scope="read"
            ),
        }
        await end(town, of, known["ended session"])
        town.clock.advance(timedelta(seconds=2))
        yield town, known


async def end(town: Town, of: str, session: str) -> None:
    """What was good once is no more."""
    assert await who(town, session) != 401
    cookies = {"__sess__": session}
    await town.api.post("/signout", cookies=cookies, allow_redirects=False)
    tokens = await (await town.get("/user/tokens", of)).json()
    [revoked] = [one["id"] for one in tokens if one["name"] == "revoked"]
    path = f"/api/v1/user/tokens/{revoked}"
    assert (await town.api.delete(path, headers=bearer(of))).status == 200


def operations(town: Town) -> set[str]:
    """All routes that do something."""
    found = set()
    for route in town.service.routes:
        assert isinstance(route, web.RouteDef)
        path = route.path.replace(":[A-Za-z0-9_.-]+", "").replace(":.+", "")
        found.add(f"{route.method} {path}")
    return found - OTHERS


def address(path: str) -> str:
    named = {"{namespace}": "octo", "{name}": "shop", "{env}": "production"}
    for name, value in named.items():
        path = path.replace(name, value)
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def written() -> str:
    """The table as the page about permissions has it."""
    words = {IN: "yes"}
    lines = [
        f"| needs | {' | '.join(ROLES)} |",
        f"|---|{'---|' * len(ROLES)}",
        *(
            f"| {kind} | {' | '.join(str(words.get(c, c)) for c in columns)} |"
            for kind, columns in KINDS.items()
        ),
        "",
        "| needs | operations |",
        "|---|---|",
    ]
    for kind, columns in KINDS.items():
        rows = [
            row.replace(REPO, "…") for row, each in TABLE.items() if each is columns
        ]
        lines.append(f"| {kind} | {', '.join(f'`{row}`' for row in rows)} |")
    return "\n".join(lines)


def test_the_page_about_permissions_has_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs/permissions.md").read_text()
    assert written() in page


async def test_each_operation_has_a_row(secrets: Any) -> None:
    town, _ = secrets
    assert operations(town) == TABLE.keys()


async def asked(town: Town, row: str, secret: str) -> int:
    """How somebody fares who asks for it."""
    method, _, path = row.partition(" ")
    async with town.api.request(
        method,
        address(path),
        json=SENT.get(row),
        params=BEHIND.get(row),
        headers=bearer(secret) | {"Prefer": "wait=0"},
        allow_redirects=False,
    ) as answer:
        if answer.status in {401, 403}:
            return int(answer.status)
        if answer.status == 404 and UNKNOWN in await answer.text():
            return 404
        # What is sent is right: a handler has looked at it.
        assert answer.status != 400, (row, await answer.text())
        return IN


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_gets_the_answer_of_the_table(secrets: Any, role: str) -> None:
    town, known = secrets
    column = ROLES.index(role)
    wanted = {row: expected[column] for row, expected in TABLE.items()}
    assert {row: await asked(town, row, known[role]) for row in TABLE} == wanted
