"""What a system that runs here is asked at its start."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.client import Client, reached
from gitploy.failing import CommandError
from gitploy.local.gateway import activate, is_ready, lock_once
from shared.testing import until

NAME = "demo/shop"


class FakeGateway:
    def __init__(self) -> None:
        self.answer = web.json_response({"active": True})
        self.ready = [503, 200]
        self.locks: list[dict[str, object]] = []
        self.lock_status = 201

    async def change(self, request: web.Request) -> web.Response:
        assert await request.json() == {"active": True}
        assert request.headers["Authorization"] == "Bearer token"
        assert request.headers["Prefer"] == "wait=60"
        return self.answer

    async def ever_locked(self, request: web.Request) -> web.Response:
        assert dict(request.query) == {"env": "warehouse", "history": "true"}
        return web.json_response(self.locks)

    async def lock(self, request: web.Request) -> web.Response:
        self.locks.append(await request.json())
        body = {"message": "the verifier is away"}
        return web.json_response(body, status=self.lock_status)

    async def readyz(self, _: web.Request) -> web.Response:
        status = self.ready.pop(0) if self.ready else 503
        return web.json_response({"missing": {"bus": "away"}}, status=status)


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def url(fake: FakeGateway) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(
        [
            web.patch(f"/api/v1/repos/{NAME}", fake.change),
            web.get(f"/api/v1/repos/{NAME}/locks", fake.ever_locked),
            web.post(f"/api/v1/repos/{NAME}/locks", fake.lock),
            web.get("/readyz", fake.readyz),
        ]
    )
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def client(url: str) -> AsyncIterator[Client]:
    async with reached(url, "token") as client:
        yield client


async def test_a_repository_is_made_active(client: Client) -> None:
    await activate(client, NAME)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (422, {"message": "GitHub refuses"}, "GitHub refuses."),
        (202, {"active": False}, "nothing was answered in time"),
    ],
)
async def test_one_that_can_not_be_made_active_is_said_so(
    fake: FakeGateway, client: Client, status: int, body: dict[str, object], said: str
) -> None:
    fake.answer = web.json_response(body, status=status)
    with pytest.raises(CommandError, match=said):
        await activate(client, NAME)


async def test_an_environment_is_locked_once(fake: FakeGateway, client: Client) -> None:
    for _ in range(2):
        await lock_once(client, NAME, "warehouse", "Stocktaking")
    assert fake.locks == [{"env": "warehouse", "reason": "Stocktaking"}]


async def test_one_that_can_not_be_locked_is_said_so(
    fake: FakeGateway, client: Client
) -> None:
    fake.lock_status = 422
    with pytest.raises(CommandError, match="the verifier is away"):
        await lock_once(client, NAME, "warehouse", "Stocktaking")


async def test_ready_means_that_nothing_is_missing(fake: FakeGateway, url: str) -> None:
    await is_ready(url)
    await until(lambda: not fake.ready)


async def test_what_is_missing_for_too_long_is_said(
    fake: FakeGateway, url: str
) -> None:
    fake.ready = []
    with pytest.raises(CommandError, match="away"):
        await is_ready(url, within_s=0.2)
