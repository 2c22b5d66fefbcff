"""Two replicas, one database, one place: many want it, and one gets it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from shared.contracts import (
    DeployRequested,
    GitHubDeploymentRefused,
    RefRejected,
    RefVerified,
)
from shared.messaging import MemoryBus
from shared.service import Service
from shared.testing import said
from verifier.bootstrap import build
from verifier.domain.environment import SlotEnded, SlotGranted, environment_id
from verifier.settings import Settings

from .conftest import REPOSITORY, a_request

MANY = 24


async def give(
    replicas: Sequence[Service], event: DeployRequested | GitHubDeploymentRefused
) -> None:
    """Deliver to all replicas at once: one of them gets a copy."""
    message = said(event)
    await asyncio.gather(*(r.subscription[type(event)](message) for r in replicas))


async def verdicts(replica: Service, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    found: dict[UUID, str | None] = {}
    for id_ in ids:
        for row in await replica.store.read(id_):
            match row.message.data:
                case RefVerified():
                    assert id_ not in found
                    found[id_] = None
                case RefRejected(code=code):
                    assert id_ not in found
                    found[id_] = code
    return found


async def play(replicas: Sequence[Service]) -> None:
    requests = [a_request(n, environment="staging") for n in range(1, MANY + 1)]
    await asyncio.gather(*(give(replicas, request) for request in requests))
    found = await verdicts(replicas[0], [r.deployment_id for r in requests])
    assert len(found) == MANY
    (winner,) = (id_ for id_, code in found.items() if code is None)
    assert set(found.values()) == {None, "deployment_serialization"}
    over = GitHubDeploymentRefused(deployment_id=winner, code="stale", message="m")
    await give(replicas, over)
    again = a_request(MANY + 1, environment="staging")
    await give(replicas, again)
    rows = await replicas[0].store.read(environment_id(REPOSITORY, "staging"))
    kept = [row.message.data for row in rows]
    places = [f for f in kept if isinstance(f, SlotGranted | SlotEnded)]
    assert [(type(f), f.deployment_id) for f in places] == [
        (SlotGranted, winner),
        (SlotEnded, winner),
        (SlotGranted, again.deployment_id),
    ]


async def closed(*services: Service) -> None:
    for service in services:
        for close in service.closing:
            await close()
        service.store.close()


async def test_on_sqlite(settings: Settings) -> None:
    service = build(settings, bus=MemoryBus())
    await play([service])
    await closed(service)


async def test_on_postgresql(settings: Settings, database_url: str) -> None:
    told = Settings.model_validate(
        {**settings.model_dump(), "database_url": database_url}
    )
    replicas = [build(told, bus=MemoryBus()) for _ in range(2)]
    await play(replicas)
    await closed(*replicas)
