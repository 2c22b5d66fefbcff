"""Questions to GitHub and the sweep, against the sandbox over a git repository."""

from datetime import timedelta
from uuid import UUID, uuid4

from shared.contracts import (
    DeploymentSynced,
    Event,
    GitHubDeploymentGone,
    Repository,
    RepositoryActivated,
    StatusUpdated,
    SyncRequested,
)
from shared.github import TokenAuth
from shared.github.client import GitHubClient
from shared.github.marker import Marker, add_marker
from shared.messaging import MemoryBus
from shared.store import utc_now
from shared.testing import said, until
from status_sync.domain.delivery import DeliverySwept
from status_sync.domain.hooks import OwnHook
from status_sync.github import GitHubReader

from .conftest import Hooks
from .world import NAME, TOKEN, GitHub, of

DEPLOYMENT = UUID(int=1)


def question(github: GitHub, deployment: int) -> SyncRequested:
    return SyncRequested(
        deployment_id=DEPLOYMENT,
        sync_id=uuid4(),
        repository=github.repository,
        github_deployment_id=deployment,
    )


async def test_a_question_brings_all_statuses_and_then_the_answer(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    deployment = await github.deploy()
    ids = [await github.post_status(deployment, s) for s in ("queued", "success")]
    asked = question(github, deployment)
    await bus.publish(said(asked))
    await until(lambda: bool(of(DeploymentSynced, heard)))
    updates = of(StatusUpdated, heard)
    assert [(u.github_status_id, u.state) for u in updates] == [
        (ids[0], "queued"),
        (ids[1], "success"),
    ]
    assert {u.deployment_id for u in updates} == {DEPLOYMENT}
    (synced,) = of(DeploymentSynced, heard)
    assert synced.sync_id == asked.sync_id
    assert synced.newest_github_status_id == ids[1]


async def test_a_deleted_deployment_is_gone(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    deployment = await github.deploy()
    await github.call("DELETE", f"/repos/{NAME}/deployments/{deployment}")
    await bus.publish(said(question(github, deployment)))
    await until(lambda: bool(of(GitHubDeploymentGone, heard)))
    assert of(DeploymentSynced, heard) == []


async def test_a_repository_that_does_not_answer_makes_nothing_gone(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    asked = question(github, await github.deploy()).model_copy(
        update={"repository": Repository(id=1, full_name="octo/other")}
    )
    await bus.publish(said(asked))
    await until(lambda: bus.next_due() is not None)
    assert heard == []


async def test_a_question_waits_for_github_to_come_back(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    deployment = await github.deploy()
    await github.call("PUT", "/_sandbox/faults", {"answers": {"unavailable": True}})
    asked = said(question(github, deployment))
    await bus.publish(asked)
    await until(lambda: bus.next_due() is not None)
    assert heard == []
    await github.call("DELETE", "/_sandbox/faults")
    await bus.publish(asked)
    await until(lambda: bool(of(DeploymentSynced, heard)))


async def test_the_sweep_takes_in_what_github_could_not_deliver(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    hook = await github.hook(str(sync.client.make_url("/hooks")))
    await github.call("PUT", "/_sandbox/faults", {"webhooks": {"drop": 1.0}})
    marker = Marker(DEPLOYMENT, 1, "main", "octo")
    deployment = await github.deploy(add_marker(None, "", marker)[0])
    status = await github.post_status(deployment, "success")

    async def dropped() -> bool:
        return len([d for d in await github.deliveries() if d["status"] == 0]) >= 2

    await until(dropped)
    activated = RepositoryActivated(
        command_id=uuid4(), repository=github.repository, webhook_id=hook
    )
    await bus.publish(said(activated))

    async def swept() -> bool:
        facts = await sync.recorded()
        return len([f for f in facts if isinstance(f, DeliverySwept)]) == 2

    async def swept_again() -> bool:
        return await asked_for(github, "/deliveries?") >= before + 2

    await until(swept)
    before = await asked_for(github, "/deliveries?")
    await until(swept_again)
    kinds = [type(fact).__name__ for fact in await sync.recorded()]
    assert kinds == [
        "RepositoryActivated",
        "HookNoticed",
        "GitHubDeploymentSeen",
        "DeploymentTold",
        "DeliverySwept",
        "StatusKept",
        "DeliverySwept",
    ]
    assert (await sync.recorded())[5].github_status_id == status
    assert await asked_for(github, "/deliveries/") == 2


async def test_attempts_are_listed_as_far_back_as_they_matter(
    github: GitHub,
) -> None:
    hook = await github.hook("http://127.0.0.1:9/")
    client = GitHubClient(github.session, github.url, "", TokenAuth(TOKEN))
    adapter = GitHubReader(client, utc_now)

    async def attempts(since: timedelta) -> int:
        began = utc_now() + since
        ours = OwnHook(github.repository, hook)
        return len(await adapter.attempts(ours, began))

    async def failed() -> bool:
        return await attempts(-timedelta(hours=1)) == 1

    await until(failed)
    assert await attempts(timedelta(hours=1)) == 0


async def asked_for(github: GitHub, part: str) -> int:
    requests = await github.call("GET", "/_sandbox/requests")
    return len([one for one in requests if part in one["path"]])


async def test_a_signed_webhook_of_github_is_taken_in(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    await github.hook(str(sync.client.make_url("/hooks")))
    deployment = await github.deploy()
    await bus.publish(said(question(github, deployment)))
    await until(lambda: bool(of(DeploymentSynced, heard)))
    status = await github.post_status(deployment, "success")
    await until(lambda: bool(of(StatusUpdated, heard)))
    (update,) = of(StatusUpdated, heard)
    assert (update.github_status_id, update.deployment_id) == (status, DEPLOYMENT)
    assert update.creator is not None
    assert update.creator.login == "octo"
    assert all(one["status"] == 202 for one in await github.deliveries())
