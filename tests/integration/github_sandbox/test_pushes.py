"""Whoever moves a branch or a tag: the hooks hear of it."""

import subprocess
from pathlib import Path

from github_sandbox.clock import seconds

from .world import World, a_world

NOTHING = "0" * 40


async def test_a_commit_is_a_push(world: World) -> None:
    before = world.repository.git("rev-parse", "main")
    await world.hook("push")
    after = world.repository.commit("deploy.yml", "envs: []\n")
    told = (await world.receiver.first("push")).payload
    assert (told["ref"], told["before"], told["after"]) == (
        "refs/heads/main",
        before,
        after,
    )
    assert [one["id"] for one in told["commits"]] == [after]
    assert told["head_commit"]["modified"] == ["deploy.yml"]
    assert (told["created"], told["deleted"], told["forced"]) == (False,) * 3
    assert isinstance(told["repository"]["pushed_at"], int)


async def test_each_push_tells_when_it_was(world: World) -> None:
    assert world.sandbox
    await world.hook("push")
    long_ago = "2026-01-01T00:00:00Z"
    world.sandbox.started_at = world.sandbox.pushed_at = long_ago
    world.repository.commit()
    told = (await world.receiver.first("push")).payload
    assert told["repository"]["pushed_at"] > seconds(long_ago)


async def test_a_branch_is_created_and_deleted(world: World) -> None:
    await world.hook("push", "create", "delete")
    world.repository.branch("feature/a")
    sha = world.repository.commit()
    created = (await world.receiver.first("create")).payload
    assert (created["ref"], created["ref_type"]) == ("feature/a", "branch")
    pushed = (await world.receiver.first("push")).payload
    assert pushed["created"] is True
    assert pushed["before"] == NOTHING
    assert world.receiver.of("push")[-1].payload["head_commit"]["id"] == sha

    world.repository.git("checkout", "-q", "main")
    world.repository.git("branch", "-q", "-D", "feature/a")
    deleted = (await world.receiver.first("delete")).payload
    assert (deleted["ref"], deleted["ref_type"]) == ("feature/a", "branch")
    last = world.receiver.of("push")[-1].payload
    assert (last["after"], last["head_commit"]) == (NOTHING, None)


async def test_the_first_branch_of_an_empty_repository_is_a_push(
    tmp_path: Path,
) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", tmp_path / "shop"], check=True)
    async with a_world(tmp_path) as world:
        await world.hook("push")
        sha = world.repository.commit()
        told = (await world.receiver.first("push")).payload
        assert (told["ref"], told["after"]) == ("refs/heads/main", sha)


async def test_an_annotated_tag_is_pushed_as_the_tag_object(world: World) -> None:
    await world.hook("push", "create")
    world.repository.git("tag", "-a", "v1", "-m", "One")
    told = (await world.receiver.first("push")).payload
    assert told["after"] == world.repository.git("rev-parse", "refs/tags/v1")
    assert told["head_commit"]["id"] == world.repository.git("rev-parse", "main")
    created = (await world.receiver.first("create")).payload
    assert (created["ref"], created["ref_type"]) == ("v1", "tag")


async def test_a_rewritten_branch_is_forced(world: World) -> None:
    await world.hook("push")
    world.repository.branch("topic")
    sha = world.repository.commit("a.txt")
    await world.receiver.until(
        lambda: any(hook.payload["after"] == sha for hook in world.receiver.of("push"))
    )
    world.repository.git("reset", "-q", "--hard", "main")
    await world.receiver.until(
        lambda: any(hook.payload["forced"] for hook in world.receiver.of("push"))
    )
