"""The deadlines, seen from outside: the watcher, the clock and the other services."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.contracts import (
    CancelRequested,
    DeploymentSynced,
    DeployRequested,
    GitHubDeploymentCanceled,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import until

from .conftest import World, settings_of, status, world_of

NOT_WAITING = {"Prefer": "wait=0"}


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[World]:
    """Give the test a gateway whose watcher looks all the time."""
    settings = settings_of(f"sqlite:///{tmp_path}/", deadlines_every_s=0.02)
    async with world_of(settings) as world:
        await world.activate()
        yield world


async def test_a_verifier_that_is_away_is_asked_and_then_the_request_canceled(
    watched: World,
) -> None:
    others = watched.others
    others.verdict = "none"
    await watched.api.post(
        "/api/v1/repos/octo/shop/deployments",
        json={"type": "branch", "ref": "main", "env": "production"},
        headers=NOT_WAITING,
    )
    watched.clock.advance(timedelta(seconds=30))
    await until(lambda: len(others.of(DeployRequested)) == 2)
    first, again = others.of(DeployRequested)
    assert (again.id, again.asked, first.asked) == (first.id, True, False)
    watched.clock.advance(timedelta(minutes=14))
    await until(lambda: len(others.of(DeployRequested)) == 3)
    watched.clock.advance(timedelta(minutes=1))
    shown = await watched.until_phase(1, "canceled")
    assert shown["code"] == "verification_unavailable"


async def test_without_a_tool_github_is_asked_before_anything_is_canceled(
    watched: World,
) -> None:
    await watched.deploy()
    watched.clock.advance(timedelta(minutes=30))
    await until(lambda: bool(watched.others.of(SyncRequested)))
    watched.clock.advance(timedelta(minutes=2))
    await until(lambda: len(watched.others.of(SyncRequested)) == 2)
    assert (await watched.get("/deployments/1"))["phase"] == "created"
    sync = watched.others.of(SyncRequested)[0].data
    assert sync.github_deployment_id == 901
    await watched.others.say(
        DeploymentSynced(
            deployment_id=sync.deployment_id,
            sync_id=sync.sync_id,
            github_deployment_id=901,
        )
    )
    shown = await watched.until_phase(1, "canceled")
    assert shown["code"] == "no_tooling_answered"


async def test_a_status_that_github_knew_ends_the_wait(watched: World) -> None:
    await watched.deploy()
    watched.clock.advance(timedelta(minutes=30))
    await until(lambda: bool(watched.others.of(SyncRequested)))
    sync = watched.others.of(SyncRequested)[0].data
    await watched.others.say(
        DeploymentSynced(
            deployment_id=sync.deployment_id,
            sync_id=sync.sync_id,
            github_deployment_id=901,
            newest_github_status_id=5,
        )
    )
    await watched.others.say(status(str(sync.deployment_id), 5, "success"))
    await watched.until_phase(1, "success")
    assert not watched.others.of(CancelRequested)


async def test_a_canceled_deployment_gives_its_place_back_after_the_grace(
    watched: World,
) -> None:
    watched.others.cancels = False
    shown = await (await watched.deploy()).json()
    await watched.api.post(
        "/api/v1/repos/octo/shop/deployments/1/cancel", headers=NOT_WAITING
    )
    await watched.others.say(
        GitHubDeploymentCanceled(
            deployment_id=shown["uuid"],
            code="canceled",
            message="Stopped.",
            github_deployment_id=901,
        )
    )
    await watched.until_phase(1, "canceled")
    assert not watched.others.of(SlotReleaseRequested)
    watched.clock.advance(timedelta(minutes=5))
    await until(lambda: bool(watched.others.of(SlotReleaseRequested)))
