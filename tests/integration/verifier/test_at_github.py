"""Verdicts over a real git repository, GitHub's API, a database and the bus."""

import asyncio

from shared.contracts import (
    GATEWAY,
    VERIFIER,
    GitHubDeploymentRefused,
    Message,
    RefRejected,
    RefVerified,
    Repository,
)
from shared.messaging import MemoryBus
from shared.testing import said, until
from verifier.bootstrap import build
from verifier.settings import Settings

from .conftest import NAME, REPOSITORY, World, a_request


async def states(world: World) -> dict[str, str]:
    verdict = await world.ask()
    return {c.code: c.state for c in verdict.checks}


def why(verdict: RefVerified | RefRejected) -> str:
    assert isinstance(verdict, RefRejected)
    return verdict.message


async def test_a_branch_is_verified_with_one_question(world: World) -> None:
    world.git("checkout", "-q", "-b", "feature/ü")
    sha = world.git.commit()
    verdict = await world.ask("feature/ü")
    assert isinstance(verdict, RefVerified)
    assert verdict.sha == sha
    assert verdict.repository == REPOSITORY
    assert verdict.config.commit == world.git("rev-parse", "main")
    assert verdict.config.production_environment
    told = {c.code: c.state for c in verdict.checks}
    assert (
        told.items()
        >= {
            "config": "passed",
            "environment": "passed",
            "ref": "passed",
            "deployers": "skipped",
            "deployable_ref": "skipped",
            "up_to_date": "skipped",
            "commit_checks": "passed",
            "running": "skipped",
            "payload": "skipped",
        }.items()
    )
    assert await world.questions() == 1


async def test_rules_come_from_the_default_branch(world: World) -> None:
    world.git("checkout", "-q", "-b", "feature")
    world.git.commit("deploy.yml", "envs: [{name: production, task: mine}]")
    verdict = await world.ask("feature")
    assert isinstance(verdict, RefVerified)
    assert verdict.config.task == "deploy"
    assert "no environment mine" in why(await world.ask("feature", environment="mine"))


async def test_a_branch_and_a_tag_of_one_name(world: World) -> None:
    tagged = world.git("rev-parse", "main")
    world.git("tag", "v1")
    world.git("checkout", "-q", "-b", "v1")
    branched = world.git.commit()
    for kind, sha, full in (
        ("tag", tagged, "refs/tags/v1"),
        ("branch", branched, "refs/heads/v1"),
    ):
        assert "has a branch and a tag v1: say which" in why(
            await world.ask("v1", kind=kind)
        )
        for name, changes in ((full, {}), ("v1", {"expected_sha": sha})):
            verdict = await world.ask(name, kind=kind, **changes)
            assert isinstance(verdict, RefVerified)
            assert verdict.sha == sha


async def test_tags_are_peeled_to_their_commit(world: World) -> None:
    sha = world.git("rev-parse", "main")
    world.git("tag", "-a", "-m", "one", "one")
    for name, inner in (("two", "one"), ("three", "two"), ("four", "three")):
        world.git("tag", "-a", "-m", name, name, inner)
    for name in ("one", "two", "three", "four"):
        verdict = await world.ask(name, kind="tag")
        assert isinstance(verdict, RefVerified), name
        assert verdict.sha == sha
    world.git("tag", "tree", "main^{tree}")
    assert "has no tag tree that names a commit" in why(
        await world.ask("tree", kind="tag")
    )


async def test_commits_by_whole_and_short_ids(world: World) -> None:
    sha = world.git("rev-parse", "main")
    for name in (sha, sha[:7], sha[:12].upper()):
        verdict = await world.ask(name, kind="commit")
        assert isinstance(verdict, RefVerified), name
        assert verdict.sha == sha


NO_REFS = [
    ("branch", "nope"),
    ("branch", "refs/tags/v1"),
    ("branch", "refs/heads/refs/heads/main"),
    ("branch", "heads/main"),
    ("branch", "main^{tree}"),
    ("branch", "main:deploy.yml"),
    ("branch", "octo:main"),
    ("branch", "../tags/v1"),
    ("branch", "HEAD"),
    ("branch", "ma in\n\x00"),
    ("branch", ""),
    ("branch", 'x"){viewer{login}}#'),
    ("tag", "main"),
    ("tag", "refs/heads/main"),
    ("commit", "main"),
    ("commit", "abcdef"),
    ("commit", "0" * 40),
    ("commit", "HEAD~1"),
    ("commit", "deadbee"),
]


async def test_refs_that_are_none(world: World) -> None:
    for kind, name in NO_REFS:
        verdict = await world.ask(name, kind=kind)
        assert isinstance(verdict, RefRejected), (kind, name)
        assert verdict.code == "entity_unprocessable"
        assert f"has no {kind}" in verdict.message
        assert verdict.sha is None


async def test_a_branch_whose_name_looks_like_a_commit(world: World) -> None:
    world.git("branch", "abcdef1")
    assert "has no commit abcdef1" in why(await world.ask("abcdef1", kind="commit"))


async def test_behind_the_default_branch(world: World) -> None:
    world.git("checkout", "-q", "-b", "old")
    old = world.git("rev-parse", "HEAD")
    world.git("tag", "-a", "-m", "old", "old-tag")
    world.git("checkout", "-q", "main")
    world.git.commit(text="1")
    new = world.git.commit(text="2")
    await world.status(old, "success")
    await world.status(new, "success")
    for name, kind in (("old", "branch"), (old, "commit"), (old[:9], "commit"),
                       ("old-tag", "tag")):  # fmt: skip
        verdict = await world.ask(name, kind=kind, environment="strict")
        assert "is 2 commits behind main" in why(verdict), name
    assert isinstance(await world.ask("main", environment="strict"), RefVerified)


async def test_required_contexts(world: World) -> None:
    sha = world.git("rev-parse", "main")
    assert "test (absent)" in why(await world.ask(environment="strict"))
    await world.status(sha, "pending")
    assert "test (pending)" in why(await world.ask(environment="strict"))
    await world.status(sha, "failure", "other")
    await world.status(sha, "success")
    assert isinstance(await world.ask(environment="strict"), RefVerified)
    assert "other (failure) has failed" in why(await world.ask())


RUNS: list[tuple[str | None, dict[str, str], str]] = [
    ("success", {}, "passed"),
    ("neutral", {}, "passed"),
    ("skipped", {}, "passed"),
    ("failure", {}, "failed"),
    ("timed_out", {}, "failed"),
    ("cancelled", {}, "failed"),
    (None, {}, "pending"),
    (None, {"status": "in_progress"}, "pending"),
    ("success", {"suite_status": "in_progress"}, "pending"),
    ("failure", {"event": "deployment"}, "passed"),
    ("failure", {"event": "deployment_status"}, "passed"),
    (None, {"event": "schedule", "suite_status": "queued"}, "passed"),
    ("failure", {"event": "workflow_dispatch"}, "failed"),
]


async def test_check_runs(world: World) -> None:
    for conclusion, more, state in RUNS:
        await world.run(world.git.commit(), conclusion, **more)
        assert (await states(world))["commit_checks"] == state, (conclusion, more)


async def test_the_newest_run_of_a_suite_counts(world: World) -> None:
    sha = world.git("rev-parse", "main")
    await world.run(sha, "failure", started_at="2026-01-05T09:00:00Z")
    await world.run(sha, "success", started_at="2026-01-05T09:05:00Z")
    assert (await states(world))["commit_checks"] == "passed"
    await world.run(sha, "failure", workflow="other")
    assert (await states(world))["commit_checks"] == "failed"


async def test_more_contexts_than_a_page_holds(world: World) -> None:
    sha = world.git("rev-parse", "main")
    for number in range(250):
        await world.status(sha, "success", f"check-{number}")
    verdict = await world.ask()
    assert any("250 of 250 checks" in c.message for c in verdict.checks)
    await world.status(sha, "failure", "check-last")
    assert "check-last (failure) has failed" in why(await world.ask())


async def test_mistakes_of_the_rules_are_told_with_their_lines(world: World) -> None:
    world.git.commit("deploy.yml", "envs:\n- name: production\n  revue: true\n- x\n")
    verdict = await world.ask()
    assert isinstance(verdict, RefRejected)
    assert verdict.code == "config_parse_error"
    assert "line 3, column 3: unknown field `revue`" in verdict.message
    assert "line 4" in verdict.message
    assert (verdict.checks[0].url or "").endswith("/deploy.yml#L3")


async def test_no_rules_at_all(world: World) -> None:
    world.git("rm", "-q", "deploy.yml")
    world.git.commit()
    assert "There is no deploy.yml" in why(await world.ask())
    (world.git.path / "deploy.yml").mkdir()
    world.git.commit("deploy.yml/x", "y")
    assert "is too large, or not text" in why(await world.ask())
    world.git("rm", "-rq", "deploy.yml")
    world.git.commit("deploy.yml", "#" * 600_000)
    assert "is too large, or not text" in why(await world.ask())


async def test_an_environment_that_is_not_defined(world: World) -> None:
    verdict = await world.ask(environment="Production")
    assert isinstance(verdict, RefRejected)
    assert verdict.code == "config_undefined_env"


async def test_one_at_a_time(world: World) -> None:
    first = await world.ask(environment="staging")
    assert isinstance(first, RefVerified)
    second = await world.ask(environment="staging")
    assert isinstance(second, RefRejected)
    assert second.code == "deployment_serialization"
    assert second.holder
    assert second.holder.deployment_id == str(first.deployment_id)
    assert "#1 (main, mona) has been running in staging" in second.message
    over = GitHubDeploymentRefused(
        deployment_id=first.deployment_id, code="stale", message="m"
    )
    await world.bus.publish(said(over))
    await until(world.bus.idle)
    assert isinstance(await world.ask(environment="staging"), RefVerified)


async def test_a_repository_that_has_got_another_name(world: World) -> None:
    known = Repository(id=REPOSITORY.id, full_name="octo/former-name")
    verdict = await world.ask(repository=known)
    assert isinstance(verdict, RefVerified)
    assert verdict.repository.full_name == NAME


async def test_a_repository_that_is_not_there(world: World) -> None:
    for known in (
        Repository(id=REPOSITORY.id + 1, full_name=NAME),
        Repository(id=REPOSITORY.id + 1, full_name="no/where"),
    ):
        verdict = await world.ask(repository=known)
        assert isinstance(verdict, RefRejected)
        assert verdict.code == "entity_unprocessable"
        assert "shows no repository" in verdict.message


async def test_github_is_away_for_a_while(settings: Settings) -> None:
    nowhere = settings.model_copy(
        update={"github_graphql_url": "http://127.0.0.1:9/graphql"}
    )
    bus = MemoryBus(queues=[VERIFIER, GATEWAY])
    heard = asyncio.Event()

    async def hear(_: Message[RefVerified]) -> None:
        heard.set()

    listening = asyncio.create_task(bus.consume(GATEWAY, {RefVerified: hear}))
    service = build(nowhere, bus=bus)
    async with service.living():
        await bus.publish(said(a_request(1)))
        await until(lambda: bus.next_due() is not None)
    service.store.close()
    assert await bus.dead_letters() == []
    service = build(settings, bus=bus)
    async with service.living():
        await until(heard.is_set)
    service.store.close()
    listening.cancel()
    await bus.close()
