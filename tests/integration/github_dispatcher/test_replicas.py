"""Two replicas over one PostgreSQL, told everything at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from github_dispatcher.bootstrap import build
from shared.contracts import Event, Fact, GitHubDeploymentCreated, Message
from shared.messaging import MemoryBus, Retry
from shared.service import Service
from shared.store import utc_now
from shared.testing import said

from .conftest import NAME, World, settings


@pytest.fixture
async def replicas(world: World, database_url: str) -> AsyncIterator[list[Service]]:
    changes = {
        "database_url": database_url,
        "dispatch_post_s": 10,
        "dispatch_spare_s": 20,
    }
    told = settings(world.url, world.data, github_writes_burst=100, **changes)
    async with AsyncExitStack() as closing:
        made = [build(told, bus=MemoryBus()) for _ in range(2)]
        for service in made:
            closing.callback(service.store.close)
            for close in service.closing:
                closing.push_async_callback(close)
        yield made


async def deliver(service: Service, message: Message[Event]) -> None:
    """As the bus would: again, until it is dealt with."""
    while True:
        try:
            return await service.subscription[type(message.data)](message)
        except Retry:
            await asyncio.sleep(0.05)


async def test_each_deployment_is_sent_once(
    world: World, replicas: list[Service]
) -> None:
    orders = [said(world.order(number=n), time=utc_now()) for n in range(40)]
    cancels = [
        said(world.cancel(order.data.deployment_id), time=utc_now())
        for order in orders[::2]
    ]
    messages: list[Message[Event]] = [*orders, *cancels]
    await asyncio.gather(
        *(deliver(replica, message) for message in messages for replica in replicas)
    )
    facts: list[Fact] = [e.message.data for e in await replicas[0].store.log(0, 5000)]
    created = [f for f in facts if isinstance(f, GitHubDeploymentCreated)]
    there = await everything(world)
    assert {c.github_deployment_id for c in created} == {d["id"] for d in there}
    assert len(created) == len({c.deployment_id for c in created})
    canceled = {cancel.data.deployment_id for cancel in cancels}
    for deployment in created:
        statuses = await world.statuses(deployment.github_deployment_id)
        stopped = [status["state"] for status in statuses]
        assert set(stopped) == (
            {"error"} if deployment.deployment_id in canceled else set()
        )
    assert len(created) >= len(orders) - len(cancels)


async def everything(world: World) -> list[dict[str, int]]:
    found: list[dict[str, int]] = await world.call(
        "GET", f"/repos/{NAME}/deployments?per_page=100"
    )
    return found
