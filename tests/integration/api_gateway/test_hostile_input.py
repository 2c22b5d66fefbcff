"""Every operation, as the table has it, is told nonsense in every place that it reads.

What is wrong is answered as documented, and nothing is recorded: no event, no row.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import orjson
import pytest
from yarl import URL

from api_gateway.routes.admission import Admission
from api_gateway.routes.operation import Operation, Option

from .conftest import World, world_of
from .others import TOKEN
from .people_at_github import signing_in

NAMED = {
    "namespace": "octo",
    "name": "shop",
    "number": "1",
    "env": "production",
    "id": "1",
    "branch": "main",
    "tag": "v1",
    "sha": "a" * 40,
}
IN_PATH = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")
#: What is right, by what the operation is about: the wrong is put into it.
RIGHT: dict[str, dict[str, Any]] = {
    "DeployBody": {"type": "branch", "ref": "main", "env": "production"},
    "PreflightQuery": {"type": "branch", "ref": "main"},
    "TokenBody": {"name": "ci", "scope": "read"},
    "RepositoryBody": {"config_path": "other.yml"},
    "ReviewBody": {"status": "approved"},
    "PromoteBody": {"from": "staging"},
    "ReleaseBody": {"number": 1, "reason": "It is over."},
    "LockBody": {"env": "production"},
    "RemoteStatusBody": {"status": "success", "description": ""},
    "UserBody": {"admin": True},
}
NO_JSON = (
    b"{",
    b"{'a': 1}",
    b'{"a":}',
    b'{"a": 1}x',
    b'{"a": NaN}',
    b'{"a": "\xff\xfe"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\n"}',
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"[" * 100_000,
    b'{"a":' * 100_000,
)
NO_OBJECT = (b"[]", b"null", b'"text"', b"1", b"-0", b"1e400", b"true", b"[[{}]]")
NO_NUMBER = (
    "-1",
    "1.0",
    "1e3",
    "0x1",
    "x",
    "%20",
    "+1",
    "%00",
    "1%00",
    "%FF",
    "%EF%BC%91",
    "9" * 30,
    "9" * 5000,
    "2147483648000000000000",
)
NO_NAME = ("%00", "a%00b", "a%07", "%0A", "a%1B%5B0m", "a%7F", "a" * 256)
#: In every member of a body: none is a list of lists.
NO_MEMBER: Sequence[Any] = ([[]], [{}], {"\0": [[]]}, 2**63, -(2**63), 1e308)
LONG = "a" * 2000


@dataclass(frozen=True)
class Said:
    """A request, and the status of its answer."""

    operation: Operation
    url: str
    status: int
    sent: dict[str, Any] = field(default_factory=dict)


def address(operation: Operation, **other: str) -> str:
    """The path, with something else in the place of a name."""
    path = IN_PATH.sub(lambda found: {**NAMED, **other}[found[1]], operation.path)
    asked = RIGHT.get(operation.query.__name__) if operation.query else None
    return f"{path}?{urlencode(asked)}" if asked else path


def names(operation: Operation) -> list[str]:
    return [found[1] for found in IN_PATH.finditer(operation.path)]


def right_body(operation: Operation) -> dict[str, Any]:
    return RIGHT.get(operation.body.__name__, {}) if operation.body else {}


def members(model: Any) -> Iterator[tuple[str, Any]]:
    """The names that a request may use, and what they are."""
    for name, told in model.model_fields.items():
        yield told.alias or name, told


def no_json(operation: Operation) -> Iterator[Said]:
    for data in (*NO_JSON, *NO_OBJECT) if operation.body else ():
        yield Said(operation, address(operation), 400, {"data": data})


def no_members(operation: Operation) -> Iterator[Said]:
    """Each member is something that it can't be, beside others that are right."""
    for name, _ in members(operation.body) if operation.body else ():
        for wrong in NO_MEMBER:
            sent = orjson.dumps(right_body(operation) | {name: wrong})
            yield Said(operation, address(operation), 400, {"data": sent})


def no_text(operation: Operation) -> Iterator[Said]:
    """Nothing that is not printed, in any member; a number of any length is none."""
    for name, _ in members(operation.body) if operation.body else ():
        for wrong in ("a\0b", "\0", "\x1b[0m\0"):
            sent = right_body(operation) | {name: wrong}
            yield Said(operation, address(operation), 400, {"json": sent})
        text = json.dumps(right_body(operation) | {name: "?"})
        huge = text.replace('"?"', "9" * 5000).encode()
        yield Said(operation, address(operation), 400, {"data": huge})


def too_much(operation: Operation) -> Iterator[Said]:
    if operation.body:
        large = orjson.dumps(right_body(operation) | {"more": "a" * 1024 * 1024})
        yield Said(operation, address(operation), 413, {"data": BytesIO(large)})


def no_numbers_in_path(operation: Operation) -> Iterator[Said]:
    for name in {"number", "id"}.intersection(names(operation)):
        for wrong in NO_NUMBER:
            url = address(operation, **{name: wrong})
            yield Said(operation, url, 400, {"json": right_body(operation)})


def no_names_in_path(operation: Operation) -> Iterator[Said]:
    for name in {"env", "branch", "tag", "sha"}.intersection(names(operation)):
        for wrong in NO_NAME:
            url = address(operation, **{name: wrong})
            # A line's end is in the pattern of no path.
            status = 404 if wrong == "%0A" and name in {"branch", "tag"} else 400
            yield Said(operation, url, status, {"json": right_body(operation)})
    for name in {"namespace", "name"}.intersection(names(operation)):
        for wrong in (*NO_NAME, "%FF", "a%2Fb", "..%2F.."):
            url = address(operation, **{name: wrong})
            yield Said(operation, url, 404, {"json": right_body(operation)})


def no_parameters(operation: Operation) -> Iterator[Said]:
    if operation.query is None:
        return
    right = RIGHT.get(operation.query.__name__, {})
    for name, told in members(operation.query):
        wrong = ["%00", "a%00"]
        if told.annotation is int:
            wrong += NO_NUMBER
        for text in wrong:
            others = urlencode({k: v for k, v in right.items() if k != name})
            path = address(operation).partition("?")[0]
            url = f"{path}?{name}={text}&{others}"
            yield Said(operation, url, 400)


def no_pages(operation: Operation) -> Iterator[Said]:
    if operation.query and "per_page" in operation.query.model_fields:
        for text in ("page=2147483647", "page=1001&per_page=100"):
            yield Said(operation, f"{address(operation)}?{text}", 400)


def no_headers(operation: Operation) -> Iterator[Said]:
    wrong = []
    if Option.REPEAT in operation.options:
        wrong += [("Idempotency-Key", text) for text in ("", "a b", "\xe9", "a" * 256)]
    if Option.RESUME in operation.options:
        wrong += [("Last-Event-ID", text) for text in ("-1", "x", "9" * 30, "\xb2")]
    for name, text in wrong:
        sent = {"headers": {name: text}, "json": right_body(operation)}
        yield Said(operation, address(operation), 400, sent)


def unknown_people(operation: Operation) -> Iterator[Said]:
    """Whoever does not say who they are is told nothing about the rest."""
    if not operation.path.startswith(("/api/", "/link/")):
        return
    for text in ("", "Bearer", "Bearer \xff\xfe", "Bearer " + "a" * 7000, "Basic eA=="):
        sent = {"headers": {"Authorization": text}, "data": b"{"}
        yield Said(operation, address(operation), 401, sent)
    sent = {"headers": {"Authorization": "", "Cookie": '__sess__="\xff\\000'}}
    yield Said(operation, address(operation), 401, sent)


KINDS = (
    no_json,
    no_members,
    no_text,
    too_much,
    no_numbers_in_path,
    no_names_in_path,
    no_parameters,
    no_pages,
    no_headers,
    unknown_people,
)


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
