"""Two replicas on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.contracts import DeployRequested

from .conftest import World, serving, settings_of, world_of


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
        async with asyncio.timeout(10):
            assert (await events.content.readline()).startswith(b"id: ")
