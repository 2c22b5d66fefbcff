"""The deadlines, seen from outside: the watcher, the clock and the other services."""

from datetime import timedelta

from shared.contracts import (
    CancelRequested,
    DeploymentSynced,
    DeployRequested,
    GitHubDeploymentCanceled,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import until

from .conftest import World, status

NOT_WAITING = {"Prefer": "wait=0"}


async def test_a_verifier_that_is_away_is_asked_and_then_the_request_canceled(
    active: World,
) -> None:
    others = active.others
    others.verdict = "none"
    await active.api.post(
        "/api/v1/repos/octo/shop/deployments",
        json={"type": "branch", "ref": "main", "env": "production"},
        headers=NOT_WAITING,
    )
    active.clock.advance(timedelta(seconds=30))
    await until(lambda: len(others.of(DeployRequested)) == 2)
    first, again = others.of(DeployRequested)
    assert (again.id, again.asked, first.asked) == (first.id, True, False)
    active.clock.advance(timedelta(minutes=14))
    await until(lambda: len(others.of(DeployRequested)) == 3)
    active.clock.advance(timedelta(minutes=1))
    shown = await active.until_phase(1, "canceled")
    assert shown["code"] == "verification_unavailable"


async def test_without_a_tool_github_is_asked_before_anything_is_canceled(
    active: World,
) -> None:
    await active.deploy()
    active.clock.advance(timedelta(minutes=30))
    await until(lambda: bool(active.others.of(SyncRequested)))
    active.clock.advance(timedelta(minutes=2))
    await until(lambda: len(active.others.of(SyncRequested)) == 2)
    assert (await active.get("/deployments/1"))["phase"] == "created"
    sync = active.others.of(SyncRequested)[0].data
    assert sync.github_deployment_id == 901
    await active.others.say(
        DeploymentSynced(
            deployment_id=sync.deployment_id,
            sync_id=sync.sync_id,
            github_deployment_id=901,
        )
    )
    shown = await active.until_phase(1, "canceled")
    assert shown["code"] == "no_tooling_answered"


async def test_a_status_that_github_knew_ends_the_wait(active: World) -> None:
    await active.deploy()
    active.clock.advance(timedelta(minutes=30))
    await until(lambda: bool(active.others.of(SyncRequested)))
    sync = active.others.of(SyncRequested)[0].data
    await active.others.say(
        DeploymentSynced(
            deployment_id=sync.deployment_id,
            sync_id=sync.sync_id,
            github_deployment_id=901,
            newest_github_status_id=5,
        )
    )
    await active.others.say(status(str(sync.deployment_id), 5, "success"))
    await active.until_phase(1, "success")
    assert not active.others.of(CancelRequested)


async def test_a_canceled_deployment_gives_its_place_back_after_the_grace(
    active: World,
) -> None:
    active.others.cancels = False
    shown = await (await active.deploy()).json()
    await active.api.post(
        "/api/v1/repos/octo/shop/deployments/1/cancel", headers=NOT_WAITING
    )
    await active.others.say(
        GitHubDeploymentCanceled(
            deployment_id=shown["uuid"],
            code="canceled",
            message="Stopped.",
            github_deployment_id=901,
        )
    )
    await active.until_phase(1, "canceled")
    assert not active.others.of(SlotReleaseRequested)
    active.clock.advance(timedelta(minutes=5))
    await until(lambda: bool(active.others.of(SlotReleaseRequested)))
