"""Repositories that move, hide or end at GitHub, and pushes to them."""

from typing import TypeVar
from uuid import UUID, uuid4

from shared.contracts import (
    DeploymentSynced,
    Event,
    ForeignDeploymentSeen,
    GitHubDeploymentCreated,
    RefPushed,
    RepositoryActivated,
    RepositoryGone,
    RepositoryRenamed,
    StatusUpdated,
    SyncRequested,
)
from shared.messaging import MemoryBus
from shared.testing import said, until
from status_sync.domain.hooks import HookNoticed, HookState
from status_sync.domain.repository import RepositoryFound
from status_sync.domain.told import DeploymentFolded, foreign_id

from .conftest import Hooks
from .world import NAME, GitHub, of

F = TypeVar("F")
DEPLOYMENT = UUID(int=1)


async def recorded(sync: Hooks, kind: type[F]) -> list[F]:
    return [fact for fact in await sync.recorded() if isinstance(fact, kind)]


async def until_recorded(sync: Hooks, kind: type[F], count: int = 1) -> list[F]:
    async def there() -> bool:
        return len(await recorded(sync, kind)) >= count

    await until(there)
    return await recorded(sync, kind)


async def follow(sync: Hooks, github: GitHub, bus: MemoryBus) -> int:
    """Activate the repository, as the dispatcher would."""
    hook = await github.hook(str(sync.client.make_url("/hooks")))
    activated = RepositoryActivated(
        command_id=uuid4(), repository=github.repository, webhook_id=hook
    )
    await bus.publish(said(activated))
    return hook


def question(github: GitHub, deployment: int) -> SyncRequested:
    return SyncRequested(
        deployment_id=DEPLOYMENT,
        sync_id=uuid4(),
        repository=github.repository,
        github_deployment_id=deployment,
    )


async def test_a_commit_is_a_push_by_whoever_pushed_it(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await follow(sync, github, bus)
    before = github.git("rev-parse", "main")
    github.git("commit", "-q", "--allow-empty", "-m", "Paint the shop")
    (pushed,) = await until_recorded(sync, RefPushed)
    assert (pushed.ref, pushed.before) == ("refs/heads/main", before)
    assert pushed.after == github.git("rev-parse", "main")
    assert (pushed.pusher.login, pushed.repository.full_name) == ("octo", NAME)


async def test_an_annotated_tag_is_at_its_commit(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await follow(sync, github, bus)
    github.git("tag", "-a", "v1", "-m", "One")
    (pushed,) = await until_recorded(sync, RefPushed)
    assert (pushed.ref, pushed.before) == ("refs/tags/v1", None)
    assert pushed.after == github.git("rev-parse", "main")


async def test_a_branch_that_is_deleted_is_at_nothing(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await follow(sync, github, bus)
    github.git("branch", "topic")
    await until_recorded(sync, RefPushed)
    github.git("branch", "-D", "topic")
    pushes = await until_recorded(sync, RefPushed, 2)
    assert [pushed.after is None for pushed in pushes] == [False, True]


async def test_pushes_that_were_dropped_and_doubled_are_said_once_each(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await github.call("PUT", "/_sandbox/faults", {"webhooks": {"drop": 1.0}})
    await follow(sync, github, bus)
    github.git("commit", "-q", "--allow-empty", "-m", "Lost")
    lost = github.git("rev-parse", "main")
    await until_recorded(sync, RefPushed)
    faults = {"webhooks": {"drop": 0.0, "duplicate": 1.0}}
    await github.call("PUT", "/_sandbox/faults", faults)
    github.git("commit", "-q", "--allow-empty", "-m", "Doubled")
    doubled = github.git("rev-parse", "main")

    async def arrived_twice() -> bool:
        arrived = [d for d in await github.deliveries() if d["status"] == 202]
        return len([d for d in arrived if d["event"] == "push"]) == 2

    await until(arrived_twice)
    assert [p.after for p in await recorded(sync, RefPushed)] == [lost, doubled]


async def test_a_rename_is_noticed_and_questions_go_on(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    await follow(sync, github, bus)
    deployment = await github.deploy()
    await github.call("PATCH", f"/repos/{NAME}", {"name": "market"})
    (renamed,) = await until_recorded(sync, RepositoryRenamed)
    assert renamed.previous_name == NAME
    assert (renamed.repository.id, renamed.repository.full_name) == (
        github.id,
        "octo/market",
    )
    await bus.publish(said(question(github, deployment)))
    await until(lambda: bool(of(DeploymentSynced, heard)))


async def test_a_repository_that_was_deleted_answers_all_questions(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    await follow(sync, github, bus)
    deployment = await github.deploy()
    await github.call("DELETE", f"/repos/{NAME}")
    (gone,) = await until_recorded(sync, RepositoryGone)
    assert (gone.reason, gone.repository.id) == ("out_of_reach", github.id)
    await bus.publish(said(question(github, deployment)))
    await until(lambda: bool(of(DeploymentSynced, heard)))
    (synced,) = of(DeploymentSynced, heard)
    assert synced.newest_github_status_id is None


async def test_githubs_word_that_it_was_deleted_counts_at_once(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await github.hook(str(sync.client.make_url("/hooks")))
    await github.call("PUT", "/_sandbox/faults", {"webhooks": {"deleted": True}})
    await github.call("DELETE", f"/repos/{NAME}")
    (gone,) = await until_recorded(sync, RepositoryGone)
    assert gone.reason == "deleted"


async def test_a_repository_that_comes_back_is_there_again(
    sync: Hooks, github: GitHub, bus: MemoryBus, heard: list[Event]
) -> None:
    await follow(sync, github, bus)
    deployment = await github.deploy()
    hidden = {"answers": {"hide_repository": True}}
    await github.call("PUT", "/_sandbox/faults", hidden)
    await until_recorded(sync, RepositoryGone)
    await github.call("DELETE", "/_sandbox/faults")
    await until_recorded(sync, RepositoryFound)
    await bus.publish(said(question(github, deployment)))
    await until(lambda: bool(of(DeploymentSynced, heard)))
    assert len(await recorded(sync, RepositoryGone)) == 1


async def test_a_hook_that_somebody_switched_off_is_noticed(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    hook = await follow(sync, github, bus)
    path = f"/repos/{NAME}/hooks/{hook}"
    await until_recorded(sync, HookNoticed)
    await github.call("PATCH", path, {"active": False})
    await until_recorded(sync, HookNoticed, 2)
    await github.call("DELETE", path)
    noticed = await until_recorded(sync, HookNoticed, 3)
    assert [one.state for one in noticed] == [
        HookState.OUTDATED,
        HookState.DISABLED,
        HookState.MISSING,
    ]


async def test_what_somebody_else_has_made_is_theirs(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await follow(sync, github, bus)
    deployment = await github.deploy()
    status = await github.post_status(deployment, "success")
    (update,) = await until_recorded(sync, StatusUpdated)
    (seen,) = await recorded(sync, ForeignDeploymentSeen)
    theirs = foreign_id(github.repository, deployment)
    assert seen.deployment_id == update.deployment_id == theirs
    assert (update.github_status_id, update.foreign) == (status, True)
    assert (seen.environment, seen.workflow_run) == ("production", None)
    assert seen.sha == github.git("rev-parse", "main")


async def test_what_the_run_of_ours_has_filed_is_folded_into_ours(
    sync: Hooks, github: GitHub, bus: MemoryBus
) -> None:
    await follow(sync, github, bus)
    ours = await github.deploy({"gitploy": {"deployment_id": str(DEPLOYMENT)}})
    created = GitHubDeploymentCreated(
        deployment_id=DEPLOYMENT,
        repository=github.repository,
        environment="production",
        github_deployment_id=ours,
        sha=github.git("rev-parse", "main"),
        url="https://api.github.com",
    )
    await bus.publish(said(created))
    job = {"ref": "main", "event": "deployment"}
    filed = (await github.call("POST", "/_sandbox/deployments", job))["id"]
    await github.post_status(filed, "success")
    (folded,) = await until_recorded(sync, DeploymentFolded)
    assert (folded.github_deployment_id, folded.into) == (filed, ours)
    await github.post_status(ours, "success")
    (update,) = await until_recorded(sync, StatusUpdated)
    assert (update.deployment_id, update.foreign) == (DEPLOYMENT, False)
    assert await recorded(sync, ForeignDeploymentSeen) == []
