"""The command as a client of the gateway, which may be away for a moment."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.failing import CommandError
from gitploy.gateway import is_ready, reached
from shared.testing import until

NAME = "demo/shop"


class FakeGateway:
    """Breaks each connection of the stream after one event."""

    def __init__(self) -> None:
        self.asked_after: list[str | None] = []
        self.answer = web.json_response({"active": True})
        self.ready = [503, 200]
        self.locks: list[dict[str, object]] = []
        self.lock_status = 201

    async def events(self, request: web.Request) -> web.StreamResponse:
        last = request.headers.get("Last-Event-ID")
        self.asked_after.append(last)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        number = int(last or 6) + 1
        filler = '"' + "x" * 300_000 + '"'
        text = (
            f'id: {number}\nevent: deployment\ndata: {{"n": {number}, "f": {filler}}}'
        )
        await response.write(f"{text}\n\n".encode())
        assert request.transport
        request.transport.abort()
        return response

    async def change(self, request: web.Request) -> web.Response:
        assert await request.json() == {"active": True}
        assert request.headers["Authorization"] == "Bearer token"
        return self.answer

    async def ever_locked(self, request: web.Request) -> web.Response:
        assert dict(request.query) == {"env": "warehouse", "history": "true"}
        return web.json_response(self.locks)

    async def lock(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer admins"
        self.locks.append(await request.json())
        body = {"message": "the verifier is away"}
        return web.json_response(body, status=self.lock_status)

    async def absent(self, _: web.Request) -> web.Response:
        return web.json_response({"message": "Gone fishing"}, status=404)

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
            web.get("/api/v1/stream/events", fake.events),
            web.patch(f"/api/v1/repos/{NAME}", fake.change),
            web.get(f"/api/v1/repos/{NAME}/locks", fake.ever_locked),
            web.post(f"/api/v1/repos/{NAME}/locks", fake.lock),
            web.get(f"/api/v1/repos/{NAME}/absent", fake.absent),
            web.get("/readyz", fake.readyz),
        ]
    )
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_events_go_on_where_they_broke_off(fake: FakeGateway, url: str) -> None:
    heard: list[int] = []
    async with reached(url, "token") as gateway:
        async for event, document in gateway.events():
            assert event == "deployment"
            heard.append(document["n"])
            if len(heard) == 3:
                break
    assert heard == [7, 8, 9]
    assert fake.asked_after == [None, "7", "8"]


async def test_a_repository_is_made_active(url: str) -> None:
    async with reached(url, "token") as gateway:
        await gateway.activate(NAME)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (422, {"message": "GitHub refuses"}, "GitHub refuses"),
        (202, {"command": {}}, "nothing was answered in time"),
    ],
)
async def test_one_that_can_not_be_made_active_is_said_so(
    fake: FakeGateway, url: str, status: int, body: dict[str, object], said: str
) -> None:
    fake.answer = web.json_response(body, status=status)
    async with reached(url, "token") as gateway:
        with pytest.raises(CommandError, match=f"{NAME} can't be activated: {said}"):
            await gateway.activate(NAME)


async def test_an_environment_is_locked_once(fake: FakeGateway, url: str) -> None:
    async with reached(url, "token") as gateway:
        for _ in range(2):
            await gateway.lock_once(NAME, "warehouse", "Stocktaking", "admins")
    assert fake.locks == [{"env": "warehouse", "reason": "Stocktaking"}]


async def test_one_that_can_not_be_locked_is_said_so(
    fake: FakeGateway, url: str
) -> None:
    fake.lock_status = 422
    async with reached(url, "token") as gateway:
        with pytest.raises(CommandError, match="warehouse can't be locked: the veri"):
            await gateway.lock_once(NAME, "warehouse", "Stocktaking", "admins")


async def test_what_is_there_is_read(fake: FakeGateway, url: str) -> None:
    fake.locks = [{"env": "warehouse"}]
    async with reached(url, "token") as gateway:
        path = f"/repos/{NAME}/locks?env=warehouse&history=true"
        assert await gateway.get(path) == fake.locks
        assert await gateway.get(f"/repos/{NAME}/absent", or_else=None) is None


async def test_what_can_not_be_read_says_why(url: str) -> None:
    async with reached(url, "token") as gateway:
        with pytest.raises(CommandError, match="absent: Gone fishing"):
            await gateway.get(f"/repos/{NAME}/absent")
    async with reached("http://127.0.0.1:9", "token") as gateway:
        with pytest.raises(CommandError, match=r"127.0.0.1:9 gives no answer"):
            await gateway.get("/repos")


async def test_ready_means_that_nothing_is_missing(fake: FakeGateway, url: str) -> None:
    await is_ready(url)
    await until(lambda: not fake.ready)


async def test_what_is_missing_for_too_long_is_said(
    fake: FakeGateway, url: str
) -> None:
    fake.ready = []
    with pytest.raises(CommandError, match="away"):
        await is_ready(url, within_s=0.2)
