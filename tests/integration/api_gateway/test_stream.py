"""The live events: resumed by their ids without loss or repetition."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse

from api_gateway.read_model import feed

from .conftest import World, status
from .environments import held

URL = "/api/v1/stream/events"
ROLLBACK = "6f1c0b9e-52a6-4b7c-9d3e-0a1b2c3d4e5f"


@dataclass
class Events:
    """A client of the stream."""

    response: ClientResponse

    async def next(self) -> dict[str, Any]:
        """The next event."""
        lines: dict[str, Any] = {}
        async with asyncio.timeout(10):
            while line := (await self.response.content.readline()).decode().rstrip():
                name, _, value = line.partition(": ")
                lines[name] = json.loads(value) if name == "data" else value
        return lines

    async def take(self, count: int) -> list[dict[str, Any]]:
        return [await self.next() for _ in range(count)]


@asynccontextmanager
async def listening(world: World, last: int | None = None) -> AsyncIterator[Events]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with world.api.get(URL, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Events(response)


async def history(world: World) -> str:
    """One deployment from the request to the success."""
    uuid = str((await (await world.deploy()).json())["uuid"])
    await world.others.say(status(uuid, 1, "in_progress"))
    await world.others.say(status(uuid, 2, "success"))
    await world.until_phase(1, "success")
    return uuid


async def test_everything_that_people_see_is_told(active: World) -> None:
    async with listening(active) as events:
        await history(active)
        told = await events.take(5)
    assert [e["event"] for e in told] == ["deployment"] * 3 + ["deployment_status"] * 2
    last = told[-1]["data"]
    assert (last["status"], last["edges"]["deployment"]["phase"]) == (
        "success",
        "success",
    )
    assert last["id"] == int(told[-1]["id"])
    assert told[0]["data"]["number"] == 1
    assert told[0]["data"]["edges"]["repo"]["name"] == "shop"


async def test_locks_and_holds_are_told(active: World) -> None:
    locks = "/api/v1/repos/octo/shop/locks"
    async with listening(active) as events:
        await active.api.post(locks, json={"env": "production", "reason": "Move"})
        [locked] = await events.take(1)
        await active.api.delete(f"{locks}/{locked['data']['id']}")
        [unlocked] = await events.take(1)
        await active.others.say(held(ROLLBACK, 7))
        [kept_out] = await events.take(1)
    told = [(e["event"], e["data"]["env"]) for e in (locked, unlocked, kept_out)]
    assert told == [(e, "production") for e in ("lock", "lock", "hold")]
    assert (locked["data"]["state"], locked["data"]["reason"]) == ("locked", "Move")
    assert unlocked["data"]["ended"]["cause"] == "person"
    assert (kept_out["data"]["active"], kept_out["data"]["number"]) == (True, 7)
    assert kept_out["data"]["edges"]["repo"]["name"] == "shop"


async def test_who_comes_again_misses_nothing_and_gets_nothing_twice(
    active: World,
) -> None:
    async with listening(active) as events:
        await history(active)
        ids = [e["id"] for e in await events.take(5)]
    assert ids == sorted(set(ids), key=int)
    for n in range(5):
        async with listening(active, int(ids[n])) as events:
            got = [e["id"] for e in await events.take(4 - n)]
            assert got == ids[n + 1 :]
            await active.deploy()
            assert int((await events.next())["id"]) > int(ids[-1])
            ids_after = [e["id"] for e in await events.take(2)]
            assert len(set(ids_after)) == 2


async def test_who_comes_again_while_much_happens_misses_nothing(
    active: World,
) -> None:
    deploying = asyncio.gather(*(active.deploy() for _ in range(30)))
    seen: list[int] = []
    last = 0
    while len(seen) < 90:
        async with listening(active, last) as events:
            for event in await events.take(min(7, 90 - len(seen))):
                seen.append(int(event["id"]))
                last = seen[-1]
    await deploying
    assert seen == sorted(set(seen))
    async with listening(active, 0) as events:
        assert [int(e["id"]) for e in await events.take(90)] == seen


async def test_an_id_from_the_future_tells_what_comes(active: World) -> None:
    async with listening(active, 999_999) as events:
        await active.deploy()
        assert (await events.next())["event"] == "deployment"


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
async def test_a_wrong_id_is_explained(active: World, last: str) -> None:
    answer = await active.api.get(URL, headers={"Last-Event-ID": last})
    assert (answer.status, (await answer.json())["code"]) == (400, "parameter_invalid")


async def test_a_quiet_stream_is_kept_alive(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.05)
    async with listening(active) as events:
        assert await events.next() == {"event": "ping", "data": {}}


async def test_a_slow_client_is_let_go_and_comes_again(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BACKLOG", 2)
    async with listening(active, 0) as events:
        await asyncio.gather(*(active.deploy() for _ in range(20)))
        rest = (await events.response.read()).decode()
    ids = [int(line[4:]) for line in rest.splitlines() if line.startswith("id: ")]
    last = max(ids, default=0)
    monkeypatch.undo()
    async with listening(active, last) as events:
        assert int((await events.next())["id"]) > last
