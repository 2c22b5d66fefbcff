"""Who gets what answer to which operation: all operations, all roles, one table.

An operation without a row fails the test, so whoever adds one says who may do it.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import web

from api_gateway.routes.operation import Operation

from .others import TOKEN
from .people_at_github import (
    ADMIN,
    OPERATOR,
    READER,
    STRANGER,
    WRITER,
    Town,
    bearer,
    folder,
    signing_in,
    town_of,
)

#: What stands for "let in": no handler answers so.
IN = 299
#: The columns of the table.
ROLES = (
    "nobody",
    "wrong token",
    "expired token",
    "stranger",
    "reader",
    "writer",
    "admin",
    "system admin",
    "token for reading",
    "token for deploying",
    "token of another repository",
    "Gitploy itself",
)
# The kinds of rows. The tokens are of the one who is an administrator of both.
OPEN = (IN,) * 12
SHOWN = (401, 401, 401, IN, IN, IN, IN, IN, IN, IN, IN, IN)
OWN = (401, 401, 401, IN, IN, IN, IN, IN, 403, IN, 403, IN)
READ = (401, 401, 401, 404, IN, IN, IN, 404, IN, IN, 404, IN)
ANSWERED = (401, 401, 401, 404, IN, IN, IN, 404, 403, IN, 404, IN)
DEPLOYED = (401, 401, 401, 404, 403, IN, IN, 404, 403, IN, 404, IN)
KEPT = (401, 401, 401, 404, 403, 403, IN, 404, 403, 403, 404, IN)
RUN = (401, 401, 401, 403, 403, 403, 403, IN, 403, 403, 403, IN)

REPO = "/api/v1/repos/{namespace}/{name}"
ONE = f"{REPO}/deployments/{{number}}"
ENV = f"{REPO}/environments/{{env}}"
LOCK = f"{REPO}/locks/{{id}}"
TABLE = {
    "GET /deploy.schema.json": OPEN,
    "HEAD /slack": OPEN,
    "GET /openapi.json": OPEN,
    "GET /signin": OPEN,
    "GET /signout": OPEN,
    "POST /signout": OPEN,
    "GET /api/v1/user": SHOWN,
    "GET /api/v1/user/rate-limit": SHOWN,
    "GET /api/v1/user/tokens": SHOWN,
    "POST /api/v1/user/tokens": OWN,
    "DELETE /api/v1/user/tokens/{id}": OWN,
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
    "read": READ,
    "read, to answer": ANSWERED,
    "write": DEPLOYED,
    "admin": KEPT,
    "system admin": RUN,
}
#: The page that shows the API is for everybody, and no operation of it.
OTHERS = {"GET /", "GET /docs/api", "GET /docs/api.js", "GET /assets/{path}"}


async def _in(_: Operation, __: web.Request) -> web.Response:
    return web.Response(status=IN)


@pytest.fixture
async def secrets(tmp_path: Path) -> AsyncIterator[tuple[Town, dict[str, str]]]:
    """Give the test everybody, and what each of them sends."""
    async with town_of(signing_in(folder(tmp_path))) as town:
        known = {
            "stranger": await town.sign_in(STRANGER),
            "reader": await town.sign_in(READER),
            "writer": await town.sign_in(WRITER),
            "admin": await town.sign_in(ADMIN),
            "system admin": await town.sign_in(OPERATOR),
            "Gitploy itself": TOKEN,
            "wrong token": "gitploy_wrong",
            "nobody": "",
        }
        await town.get("/repos/octo/shop", known["admin"])
        later = (town.clock() + timedelta(seconds=1)).isoformat()
        of = known["admin"]
        known |= {
            "expired token": await town.token(of, expires_at=later),
            "token for reading": await town.token(of, scope="read"),
            "token for deploying": await town.token(of, scope="deploy"),
            "token of another repository": await town.token(
                of, repository="octo/other"
            ),
        }
        town.clock.advance(timedelta(seconds=2))
        yield town, known


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


@pytest.mark.parametrize("role", ROLES)
async def test_everybody_gets_the_answer_of_the_table(secrets: Any, role: str) -> None:
    town, known = secrets
    column = ROLES.index(role)
    wanted = {row: expected[column] for row, expected in TABLE.items()}
    found = {}
    with patch.object(Operation, "answer", _in):
        for row in TABLE:
            method, _, path = row.partition(" ")
            answer = await town.api.request(
                method, address(path), headers=bearer(known[role])
            )
            found[row] = answer.status
    assert found == wanted
