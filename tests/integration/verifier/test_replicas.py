"""Two replicas, one database, one place: many want it, and one at a time gets it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

from shared.contracts import (
    DeployRequested,
    EnvironmentLocked,
    Event,
    GitHubDeploymentRefused,
    LockRequested,
    Person,
    RefRejected,
    RefVerified,
)
from shared.messaging import MemoryBus
from shared.service import Service
from shared.store import utc_now
from shared.testing import said
from verifier.bootstrap import build
from verifier.domain.environment import (
    SlotEnded,
    SlotGranted,
    SlotRefused,
    environment_id,
)
from verifier.settings import Settings

from .conftest import REPOSITORY, a_request

MANY = 24


async def give(replicas: Sequence[Service], event: Event) -> None:
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


async def play_in_line(replicas: Sequence[Service]) -> None:
    """Each that ends lets the next go, whoever notices it first."""
    few = 8
    requests = [a_request(n, environment="lined") for n in range(1, few + 1)]
    await asyncio.gather(*(give(replicas, request) for request in requests))
    gone: list[UUID] = []
    for _ in range(few):
        running = await holders(replicas[0])
        assert len(running) == 1
        gone += running
        over = GitHubDeploymentRefused(
            deployment_id=running[0], code="stale", message="m"
        )
        await give(replicas, over)
    assert await holders(replicas[0]) == []
    assert sorted(gone) == sorted(r.deployment_id for r in requests)
    first, *others = (numbers(requests)[id_] for id_ in gone)
    assert others == sorted(others), f"after #{first} the line goes by number"


async def play_with_a_lock(replicas: Sequence[Service]) -> None:
    """Who comes first counts for the other, and everybody sees the same."""
    lock_id = uuid4()
    lock = LockRequested(
        command_id=lock_id,
        lock_id=lock_id,
        repository=REPOSITORY,
        environment="production",
        requested_by=Person(id=2, login="lisa"),
        requested_at=utc_now(),
    )
    requests = [a_request(n) for n in range(1, MANY + 1)]
    give_all = [give(replicas, request) for request in requests]
    await asyncio.gather(*give_all[:12], give(replicas, lock), *give_all[12:])
    rows = await replicas[0].store.read(environment_id(REPOSITORY, "production"))
    kinds = [type(row.message.data) for row in rows]
    shut = kinds.index(EnvironmentLocked)
    assert SlotGranted not in kinds[shut:]
    assert SlotRefused not in kinds[:shut]
    found = await verdicts(replicas[0], [r.deployment_id for r in requests])
    granted = kinds.count(SlotGranted)
    assert list(found.values()).count(None) == granted
    assert list(found.values()).count("deployment_locked") == MANY - granted


async def holders(replica: Service) -> list[UUID]:
    """Who has the place, as the environment's stream tells it."""
    held: list[UUID] = []
    for row in await replica.store.read(environment_id(REPOSITORY, "lined")):
        match row.message.data:
            case SlotGranted(deployment_id=id_):
                held.append(id_)
            case SlotEnded(deployment_id=id_):
                held.remove(id_)
    return held


def numbers(requests: Sequence[DeployRequested]) -> dict[UUID, int]:
    return {request.deployment_id: request.number for request in requests}


async def closed(*services: Service) -> None:
    for service in services:
        for close in service.closing:
            await close()
        service.store.close()


async def test_on_sqlite(settings: Settings) -> None:
    service = build(settings, bus=MemoryBus())
    await play([service])
    await play_in_line([service])
    await play_with_a_lock([service])
    await closed(service)


async def test_on_postgresql(settings: Settings, database_url: str) -> None:
    told = Settings.model_validate(
        {**settings.model_dump(), "database_url": database_url}
    )
    replicas = [build(told, bus=MemoryBus()) for _ in range(2)]
    await play(replicas)
    await play_in_line(replicas)
    await play_with_a_lock(replicas)
    await closed(*replicas)
