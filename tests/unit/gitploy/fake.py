"""A gateway that answers from a table, and commands that are run against it."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gitploy.client import MISSING, Client, Reply
from gitploy.main import app
from gitploy.refusals import refusal

URL = "http://127.0.0.1:8080"
NAME = "demo/shop"
REPO = f"/repos/{NAME}"


@dataclass
class Asked:
    method: str
    path: str
    body: Any
    query: Mapping[str, Any]


@dataclass
class FakeGateway:
    #: By method and path: a document, or a status with one; or these, in turn.
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    #: Whether each list goes on.
    more: bool = False
    #: The address and the token that it was reached with.
    reached: tuple[str, str] = ("", "")

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    @asynccontextmanager
    async def reach(self, url: str, token: str) -> AsyncIterator[Client]:
        self.reached = url, token
        yield FakeClient(self)


class FakeClient(Client):
    def __init__(self, gateway: FakeGateway) -> None:
        self.url = URL
        self.gateway = gateway

    async def _reply(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        or_else: Any = MISSING,
        **_: Any,
    ) -> Reply:
        given = {name: v for name, v in (query or {}).items() if v not in (None, False)}
        self.gateway.asked.append(Asked(method, path, body, given))
        told = self.gateway.answers.get(f"{method} {path}", (404, {"message": "None"}))
        if isinstance(told, Iterator):
            told = next(told)
        status, document = told if isinstance(told, tuple) else (200, told)
        if status == 404 and or_else is not MISSING:
            return Reply(or_else)
        if status >= 300:
            raise refusal(f"{URL}/api/v1{path}", status, document, "")
        return Reply(document, {"page": "2"} if self.gateway.more else None)


def run(
    gateway: FakeGateway, *words: str, env: Mapping[str, str] = {}, said: str = ""
) -> Result:
    """Run a command as somebody who has named the gateway in the environment."""
    told = {"GITPLOY_SERVER_HOST": URL, "GITPLOY_TOKEN": "t0ken", **env}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gitploy.client.reached", gateway.reach)
        return CliRunner().invoke(app, list(words), env=told, input=said)


def told(result: Result) -> Any:
    """The JSON that a command has printed."""
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
