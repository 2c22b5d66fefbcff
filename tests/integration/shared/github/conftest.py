"""A stand-in for GitHub's network side: it says what a test tells it to, once each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.github import GitHubClient, Timeouts, TokenAuth, WriteBudget

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2030, 1, 1, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class GitHub:
    """Answers the n-th request with the n-th reply, and remembers what was asked."""

    replies: list[Reply] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def says(self, status: int, body: Any = None, **headers: str) -> "GitHub":
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def reply(_: web.Request) -> web.Response:
            return web.Response(status=status, body=raw, headers=named)

        self.replies.append(reply)
        return self

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(
            Seen(
                request.method,
                request.raw_path.partition("?")[0],
                dict(request.query),
                headers,
                body,
            )
        )
        return await self.replies.pop(0)(request)

    @property
    def paths(self) -> list[str]:
        return [f"{seen.method} {seen.path}" for seen in self.seen]


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    stand_in = GitHub()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stand_in.handle)
    async with TestServer(app) as server:
        stand_in.url = str(server.make_url("/api/v3"))
        yield stand_in


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def clock() -> Clock:
    return Clock()


Connect = Callable[..., GitHubClient]


@pytest.fixture
def connect(github: GitHub, session: aiohttp.ClientSession, clock: Clock) -> Connect:
    """Make a client of the stand-in, with whatever a test wants to be different."""

    def make(**different: Any) -> GitHubClient:
        usual: dict[str, Any] = {
            "api_url": github.url,
            "graphql_url": github.url.replace("/v3", "/graphql"),
            "auth": TokenAuth("secret-token"),
            "clock": clock,
            "budget": WriteBudget(clock=clock),
            "timeouts": Timeouts(read=5, write=5),
        }
        return GitHubClient(session, **(usual | different))

    return make


@pytest.fixture
def client(connect: Connect) -> GitHubClient:
    return connect()
