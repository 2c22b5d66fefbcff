"""Every operation, as the table has it, is told nonsense in every place that it reads.

What is wrong is answered as documented, and nothing is recorded: no event, no row.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from yarl import URL

from api_gateway.routes.admission import Admission
from api_gateway.routes.operation import Operation

from .conftest import World, world_of
from .nonsense import KINDS, Said
from .others import TOKEN
from .people_at_github import signing_in


@pytest.fixture
async def reached(tmp_path: Path) -> AsyncIterator[tuple[World, list[Operation]]]:
    """Give the test a gateway with a deployment, and all that it can do."""
    known: list[Operation] = []
    route = Admission.route

    def noting(self: Admission, operation: Operation) -> Any:
        known.append(operation)
        return route(self, operation)

    settings = signing_in(
        f"sqlite:///{tmp_path}/",
        github_api_url="http://127.0.0.1:9",
        strangers_per_minute=1e9,
        requests_per_minute=1e9,
    )
    with patch.object(Admission, "route", noting):
        async with world_of(settings) as world:
            await world.activate()
            await world.deploy()
            yield world, known


async def fault(world: World, said: Said) -> str | None:
    """What is wrong with the answer."""
    async with world.api.request(
        said.operation.method,
        URL(said.url, encoded=True),
        allow_redirects=False,
        **said.sent,
    ) as answer:
        # What is answered well may have no end.
        text = await answer.text() if answer.status >= 400 else ""
    if answer.status == said.status and json.loads(text)["code"]:
        return None
    sent = str(said.sent)[:100]
    shown = f"{said.operation.method} {said.url[:150]} {sent}"
    return f"{shown}: {answer.status} {text[:150]}, wanted {said.status}"


async def kept(world: World) -> Any:
    """How much there is of everything."""
    people = await (await world.api.get("/api/v1/users")).json()
    tokens = await (await world.api.get("/api/v1/user/tokens")).json()
    audit = await (await world.api.get("/api/v1/audit?per_page=100")).json()
    return await world.recorded(), people, tokens, len(audit)


async def test_of_what_is_said_twice_one_counts(reached: Any) -> None:
    world, _ = reached
    url = "/api/v1/repos/octo/shop/deployments"
    wrong = await world.api.get(f"{url}?per_page=x&per_page=1")
    assert wrong.status == 400
    assert (await world.api.get(f"{url}?per_page=1&per_page=x")).status == 200
    made = await world.api.post(
        "/api/v1/user/tokens",
        data=b'{"name": "a", "scope": "nothing", "name": "b", "scope": "read"}',
        headers={"Content-Type": "text/xml; charset=utf-16"},
    )
    told = await made.json()
    assert (made.status, told["name"], told["scope"]) == (201, "b", "read")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/v1/repos/\xff\xfe/shop HTTP/1.1", b"400"),
        (b"GET /api/v1/repos/a\x00b/shop HTTP/1.1", b"400"),
        (b"GET /api/v1/user?a=\xff HTTP/1.1", b"400"),
        (b"GET /api/v1/user HTTP/1.1\r\nX-One: a\x00b", b"400"),
        (b"GET /api/v1/user HTTP/1.1\r\nPrefer: wait=\xff\xfe", b"200"),
        (b"GET /api/v1/user HTTP/1.1\r\nCookie: __sess__=\xff; \xfe", b"200"),
        (b"GET /api/v1/user HTTP/1.1\r\nContent-Length: -1", b"400"),
        (b"GET /api/v1/user HTTP/1.1\r\nX-Long: " + b"a" * 10_000, b"400"),
        (b"GET /api/v1/user?" + b"a" * 40_000 + b" HTTP/1.1", b"414"),
        (b"GET /api/v1/user?" + b"a" * 80_000 + b" HTTP/1.1", b"400"),
        (b"\xff\xfe\x00", b"400"),
        (b"GET /signin?code=a&state=b HTTP/1.1\r\nCookie: __signin__=a\xe9", b"400"),
        (b"GET /signin?code=a&state=\xe9 HTTP/1.1", b"400"),
        (b"GET /signout HTTP/1.1\r\nCookie: __sess__=a\xe9", b"302"),
    ],
    ids=str,
)
async def test_what_no_client_sends_is_answered_too(
    reached: Any, head: bytes, status: bytes
) -> None:
    world, _ = reached
    before = await kept(world)
    url = world.api.make_url("")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    known = f"Host: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    writer.write(head + b"\r\n" + known.encode())
    told = await reader.read()
    writer.close()
    assert told.split(b" ", 2)[1] == status
    assert TOKEN.encode() not in told
    assert await kept(world) == before


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_nonsense_is_explained_and_costs_nothing(reached: Any, kind: Any) -> None:
    world, known = reached
    before = await kept(world)
    faults, count = [], 0
    for said in (each for operation in known for each in kind(operation)):
        count += 1
        if why := await fault(world, said):
            faults.append(why)
    assert count > 0
    assert not faults, "\n".join(faults)
    assert await kept(world) == before
