"""Nonsense for every place that an operation reads, as the table has it."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import orjson

from api_gateway.routes.operation import Operation, Option

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
