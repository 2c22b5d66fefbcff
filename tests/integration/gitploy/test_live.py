"""Live events, over connections that break."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.client import reached
from gitploy.failing import FORBIDDEN, UNREACHED, CommandError
from gitploy.live import AWAY, OPEN, PING, events


class FakeGateway:
    """Breaks each connection of the stream after one event, if it lets in at all."""

    def __init__(self) -> None:
        self.asked_after: list[str | None] = []
        #: What it answers, the first time and so on; then 200.
        self.statuses: list[int] = []
        #: What comes before the event, and whether the event comes.
        self.begins = b""
        self.tells = True

    async def events(self, request: web.Request) -> web.StreamResponse:
        last = request.headers.get("Last-Event-ID")
        self.asked_after.append(last)
        status = self.statuses.pop(0) if self.statuses else 200
        if status != 200:
            return web.json_response({"message": "No"}, status=status)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if self.begins:
            await response.write(self.begins)
        if not self.tells:
            self.tells = True
            return response
        number = int(last or 6) + 1
        filler = '"' + "x" * 300_000 + '"'
        text = (
            f'id: {number}\nevent: deployment\ndata: {{"n": {number}, "f": {filler}}}'
        )
        await response.write(f"{text}\n\n".encode())
        assert request.transport
        request.transport.abort()
        return response


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
async def url(fake: FakeGateway) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/api/v1/stream/events", fake.events)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def heard_at(url: str, count: int) -> list[int]:
    heard: list[int] = []
    async with reached(url, "token") as client:
        async for event, document in events(client):
            if event not in {OPEN, AWAY, PING}:
                heard.append(document["n"])
            if len(heard) == count:
                break
    return heard


async def names_at(url: str, count: int) -> list[str]:
    names: list[str] = []
    async with reached(url, "token") as client:
        async for event, _ in events(client):
            names.append(event)
            if len(names) == count:
                break
    return names


async def test_events_go_on_where_they_broke_off(fake: FakeGateway, url: str) -> None:
    assert await heard_at(url, 3) == [7, 8, 9]
    assert fake.asked_after == [None, "7", "8"]


async def test_where_it_begins_is_kept_when_nothing_was_told(
    fake: FakeGateway, url: str
) -> None:
    fake.begins, fake.tells = b"retry: 500\nid: 6\n\nid: 7\nevent: lost", False
    assert await heard_at(url, 1) == [7]
    assert fake.asked_after == [None, "6"]


async def test_it_says_once_that_it_listens_and_before_anything_else(url: str) -> None:
    assert await names_at(url, 3) == [OPEN, "deployment", "deployment"]


async def test_a_gateway_that_is_away_for_a_moment_is_asked_again(
    fake: FakeGateway, url: str
) -> None:
    fake.statuses = [200, 503, 200]
    assert await heard_at(url, 2) == [7, 8]
    assert fake.asked_after == [None, "7", "7"]


async def test_that_it_is_away_is_told_once_and_when_it_is_back(
    fake: FakeGateway, url: str
) -> None:
    fake.statuses = [200, 503, 503, 200]
    assert await names_at(url, 5) == [OPEN, "deployment", AWAY, PING, "deployment"]


async def test_whoever_may_not_listen_any_more_is_told(
    fake: FakeGateway, url: str
) -> None:
    fake.statuses = [200, 401]
    with pytest.raises(CommandError) as ended:
        await heard_at(url, 2)
    assert ended.value.code == FORBIDDEN


async def test_a_gateway_that_is_not_there_at_the_start_is_not_waited_for(
    fake: FakeGateway, url: str
) -> None:
    fake.statuses = [503]
    for away in (url, "http://127.0.0.1:9"):
        with pytest.raises(CommandError) as ended:
            await heard_at(away, 1)
        assert ended.value.code == UNREACHED
