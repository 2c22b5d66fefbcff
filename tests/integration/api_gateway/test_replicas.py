"""Two replicas on one PostgreSQL, and rows that are the same after a rebuild."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from api_gateway.bootstrap import rebuild_read_model
from api_gateway.read_model.tables import DEPLOYMENTS, REPOSITORIES, STATUSES
from shared.contracts import DeployRequested
from shared.store import Store

from .conftest import World, serving, settings_of, status, world_of


@pytest.fixture
async def first(database_url: str) -> AsyncIterator[World]:
    """Give the test the first replica."""
    async with world_of(settings_of(database_url)) as world:
        await world.activate()
        yield world


async def rows(store: Store) -> list[list[Any]]:
    def read() -> list[list[Any]]:
        with store.views.reader.connect() as c:
            tables = (DEPLOYMENTS, STATUSES, REPOSITORIES)
            return [list(c.execute(select(t).order_by(t.c.id))) for t in tables]

    return await store.run(read)


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
        await first.deploy()
        async with asyncio.timeout(10):
            assert (await events.content.readline()).startswith(b"id: ")


async def test_a_rebuild_gives_the_same_rows(first: World) -> None:
    for n in range(3):
        uuid = (await (await first.deploy()).json())["uuid"]
        await first.others.say(status(uuid, 2 * n + 1, "in_progress"))
        await first.others.say(status(uuid, 2 * n + 2, "success"))
        await first.until_phase(n + 1, "success")
    before = await rows(first.service.store)
    assert [len(table) for table in before] == [3, 6, 1]
    await rebuild_read_model(first.settings)
    assert await rows(first.service.store) == before
    assert (await first.deploy()).status == 201
