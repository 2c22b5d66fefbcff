"""Two replicas on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts import DeployRequested
from shared.store import Recorded, Store
from shared.testing import said
from tests.unit.api_gateway.examples import requested

from .conftest import World, serving, settings_of, world_of
from .live_events import PATIENCE_S, Api, listening, position

DEPLOYMENTS = 20
#: Three of each; its number is one more that nobody sees.
EVENTS = 60


@pytest.fixture
async def first(database_url: str) -> AsyncIterator[World]:
    """Give the test the first replica."""
    async with world_of(settings_of(database_url)) as world:
        await world.activate()
        yield world


async def test_two_replicas_number_and_show_as_one(first: World) -> None:
    body = {"type": "branch", "ref": "main", "env": "production"}
    path = "/api/v1/repos/octo/shop/deployments"
    async with serving(first.settings, first.others.bus, first.github, first.clock) as (
        _,
        second,
    ):
        posts = [api.post(path, json=body) for api in [first.api, second] * 20]
        answers = await asyncio.gather(*posts)
        assert {answer.status for answer in answers} == {201}
        shown = [await answer.json() for answer in answers]
        assert sorted(d["number"] for d in shown) == list(range(1, 41))
        requests = first.others.of(DeployRequested)
        assert len({m.data.deployment_id for m in requests}) == 40
        listed = await (await second.get(f"{path}?per_page=100")).json()
        assert listed == await first.get("/deployments?per_page=100")


async def test_both_replicas_tell_their_listeners(first: World) -> None:
    async with (
        serving(first.settings, first.others.bus, first.github, first.clock) as (
            _,
            api,
        ),
        api.get("/api/v1/stream/events") as events,
    ):
        await events.content.readuntil(b"\n\n")
        await first.deploy()
        async with asyncio.timeout(PATIENCE_S):
            assert (await events.content.readline()).startswith(b"id: ")


async def test_who_goes_from_replica_to_replica_hears_all_once(first: World) -> None:
    """While things happen at both, and to another process when one was stopped."""
    began = await first.recorded()
    parts = first.settings, first.others.bus, first.github, first.clock
    told: list[int] = []
    last: object = began
    async with serving(*parts) as (_, second):
        deploying = asyncio.create_task(deploy_one_by_one(first.api, second))
        for api in (second, first.api) * 4:
            async with listening(api, last) as events:
                for event in await events.take(5):
                    last = event["id"]
                    told.append(position(event))
        await deploying
    async with serving(*parts) as (_, third), listening(third, last) as events:
        told += [position(e) for e in await events.take(EVENTS - len(told))]
    async with listening(first.api, began) as events:
        assert [position(e) for e in await events.take(EVENTS)] == told
    assert told == sorted(set(told))


async def deploy_one_by_one(*apis: Api) -> None:
    body = {"type": "branch", "ref": "main", "env": "production"}
    for n in range(DEPLOYMENTS):
        path = "/api/v1/repos/octo/shop/deployments"
        assert (await apis[n % len(apis)].post(path, json=body)).status == 201


async def test_what_is_committed_late_has_a_later_place(database_url: str) -> None:
    """However many write at once, whoever has read up to a place misses nothing."""
    one, two = (Store.open("api-gateway", database_url) for _ in range(2))
    seen: list[int] = []
    writing = asyncio.gather(
        *(write(store, n) for n in range(100) for store in (one, two))
    )
    while len(seen) < 200:
        seen += [e.position for e in await two.log(seen[-1] if seen else 0)]
    await writing
    assert seen == [e.position for e in await one.log(0)]
    for store in (one, two):
        store.close()


async def write(store: Store, n: int) -> None:
    await asyncio.sleep(n / 1000)
    message: Any = said(requested(uuid4(), n + 1), id=str(uuid4()))
    await store.append([Recorded(message.data.deployment_id, 1, message)])
