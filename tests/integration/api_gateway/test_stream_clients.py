"""The clients of the live events: how many, how slow, and how they are sent away."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError, HttpVersion10
from structlog.testing import capture_logs

from api_gateway.read_model import EventId, Feed
from api_gateway.routes import connection
from api_gateway.routes.connection import Connection
from shared.testing import until

from .conftest import World, settings_of, status, world_of
from .live_events import PATIENCE_S, URL, listeners, listening, position
from .others import TOKEN
from .waiting import ANN, as_

HEAD = (
    f"GET {URL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
).encode()
#: Several times what may wait for a client.
STATUSES = 150


@asynccontextmanager
async def limited(path: Path, **settings: Any) -> AsyncIterator[World]:
    async with world_of(settings_of(f"sqlite:///{path}/", **settings)) as world:
        await world.activate()
        yield world


async def test_one_person_has_so_many_streams(tmp_path: Path) -> None:
    async with limited(tmp_path, streams_per_person=2) as world:
        async with listening(world.api), listening(world.api):
            refused = await world.api.get(URL)
            told = await refused.json()
            assert (refused.status, told["code"]) == (429, "rate_limited")
            assert refused.headers["Retry-After"] == "30"
            assert told["message"] == (
                "gitploy has 2 streams of live events open, as many as one person may "
                "(GITPLOY_STREAMS_PER_PERSON): close one, and try again."
            )
            # It is each person's own.
            async with listening(world.api, headers=as_(ANN)):
                pass
        # Those who have left leave their places.
        async with listening(world.api), listening(world.api):
            pass


async def test_the_gateway_has_so_many_streams(tmp_path: Path) -> None:
    async with limited(tmp_path, streams_in_all=1) as world, listening(world.api):
        refused = await world.api.get(URL, headers=as_(ANN))
        told = await refused.json()
        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        assert told["message"] == (
            "1 streams of live events are open, as many as this gateway takes "
            "(GITPLOY_STREAMS_IN_ALL): try again later."
        )


async def test_what_is_refused_takes_no_place(tmp_path: Path) -> None:
    async with limited(tmp_path, streams_per_person=1) as world:
        for _ in range(2):
            bad = await world.api.get(URL, headers={"Last-Event-ID": "x"})
            assert bad.status == 400
        async with listening(world.api):
            pass


async def test_a_quiet_stream_is_kept_alive(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    async with listening(active.api) as events:
        ping = await events.block()
        assert ping == {"id": events.begun["id"], "event": "ping", "data": {}}
        await active.deploy()
        await events.take(3)
        # It says how far the client is, whatever it was told.
        newest = await active.recorded()
        while (ping := await events.block()).get("event") != "ping":
            pass
        assert position(ping) == newest


async def test_proxies_are_told_to_pass_it_on(active: World) -> None:
    async with listening(active.api) as events:
        told = events.response.headers
        assert told["Content-Type"] == "text/event-stream"
        assert told["Cache-Control"] == "no-store, no-transform"
        assert told["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in told
        assert 500 <= int(events.begun["retry"]) <= 5000


async def test_who_speaks_http_1_0_gets_no_chunks(active: World) -> None:
    assert active.api.port
    reader, writer = await asyncio.open_connection("127.0.0.1", active.api.port)
    writer.write(HEAD.replace(b"/1.1", b"/1.0") + b"\r\n")
    async with asyncio.timeout(PATIENCE_S):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"chunked" not in head.lower()
        assert (await reader.readuntil(b"\n\n")).startswith(b"retry: ")
        await active.deploy()
        assert (await reader.readuntil(b"\n\n")).startswith(b"id: ")
    writer.close()
    await writer.wait_closed()


async def test_at_the_stop_all_are_sent_away_at_once(active: World) -> None:
    async with listening(active.api) as events, listening(active.api) as others:
        async with asyncio.timeout(PATIENCE_S):
            for part in active.service.parting:
                part()
            for each in (events, others):
                [told] = await each.rest()
                assert list(told) == ["retry"]
                assert 500 <= int(told["retry"]) <= 5000
        refused = await active.api.get(URL)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
        told = (await refused.json())["message"]
        assert told == "This gateway is stopping: come again."


async def test_a_stream_that_fails_is_cut_off_and_comes_again(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await active.deploy()
    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr(Feed, "missed", None)
        async with listening(active.api, 0) as events:
            with pytest.raises(ClientPayloadError):
                await events.next()
    [why] = said(logs, "listener_failed")
    assert (why["log_level"], why["who"]) == ("error", "gitploy")
    async with listening(active.api, 0) as events:
        assert (await events.next())["event"] == "deployment"


@dataclass
class Deaf:
    """A client over a connection that holds little, and that need not read."""

    socket: socket.socket
    #: How much waited whenever it was told something, and how much that was.
    waited: list[int]
    heard: list[int]
    received: bytes = b""

    async def read_all(self) -> None:
        """What arrived before it was cut off."""
        self.socket.setblocking(False)
        loop = asyncio.get_running_loop()
        with suppress(ConnectionResetError):
            while some := await loop.sock_recv(self.socket, 65536):
                self.received += some

    @property
    def told(self) -> list[str]:
        """The ids of the whole events among it."""
        blocks = self.received.partition(b"\r\n\r\n")[2].split(b"\n\n")[:-1]
        lines = [block.decode().splitlines() for block in blocks]
        return [line[0].removeprefix("id: ") for line in lines if "event:" in line[1]]


@asynccontextmanager
async def deaf(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deaf]:
    waited: list[int] = []
    heard: list[int] = []
    run, hear = Connection.run, Connection.hear

    async def narrow(self: Connection, *args: Any, **kwargs: Any) -> None:
        ours = self._request.transport
        assert ours
        if self._request.version == HttpVersion10:
            found = ours.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        await run(self, *args, **kwargs)

    def noted(self: Connection, frames: bytes, at: EventId) -> None:
        hear(self, frames, at)
        waited.append(self._waiting())
        heard.append(len(frames))

    monkeypatch.setattr(Connection, "run", narrow)
    monkeypatch.setattr(Connection, "hear", noted)
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert world.api.port
        client.connect(("127.0.0.1", world.api.port))
        client.sendall(HEAD.replace(b"/1.1", b"/1.0") + b"\r\n")
        found = Deaf(client, waited, heard)
        await until(lambda: bool(listeners(world.service)))
        yield found


async def test_who_takes_nothing_harms_nobody_and_comes_again(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = str((await (await active.deploy()).json())["uuid"])
    began = await active.recorded()
    monkeypatch.setattr(connection, "STUCK_S", 0.2)
    with capture_logs() as logs:
        async with (
            deaf(active, monkeypatch) as client,
            listening(active.api) as others,
        ):
            for n in range(STATUSES):
                await active.others.say(status(uuid, n + 1, "in_progress"))
            heard = [e["id"] for e in await others.take(STATUSES)]
            dropped = partial(said, logs, "listener_dropped")
            await until(lambda: bool(dropped()))
            await client.read_all()
    [why] = dropped()
    assert (why["who"], why["log_level"]) == ("gitploy", "warning")
    assert "does not take" in why["reason"]
    # Whatever follows what went beyond that, no more of it waits.
    assert max(client.waited) <= connection.BEHIND_BYTES + max(client.heard)
    got = client.told
    assert 0 < len(got) < STATUSES
    assert heard[: len(got)] == got
    async with listening(active.api, got[-1]) as again:
        rest = await again.take(STATUSES - len(got))
    assert heard == got + [e["id"] for e in rest]
    assert position(rest[-1]) == began + STATUSES


def said(logs: Sequence[Any], event: str) -> list[Any]:
    return [each for each in logs if each["event"] == event]


async def test_who_is_slow_catches_up_and_misses_nothing(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever is told is too much for it.
    monkeypatch.setattr(connection, "BEHIND_BYTES", -1)
    uuid = str((await (await active.deploy()).json())["uuid"])
    async with listening(active.api) as slow:
        for n in range(STATUSES):
            await active.others.say(status(uuid, n + 1, "in_progress"))
        told = [position(e) for e in await slow.take(STATUSES)]
    assert told == list(range(told[0], told[0] + STATUSES))
