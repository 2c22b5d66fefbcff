"""Rules that name people, and commits that are pinned, over GitHub's own answers."""

from typing import Any

from github_sandbox.settings import stable_number
from shared.contracts import (
    Event,
    Override,
    Person,
    PinnedConfig,
    RefRejected,
    RefVerified,
    ReviewRequested,
    RollbackTarget,
)
from shared.testing import said, until

from .conftest import World, a_request

MEMBERS = "/orgs/octo/teams/deployers/members?per_page=100"


def person(login: str) -> Person:
    return Person(id=stable_number(login), login=login)


DEPLOYER, ADMIN, READER = map(person, ("deployer", "admin", "reader"))


async def rules(world: World, text: str) -> str:
    """From now on `deploy.yml` says this of production."""
    return world.git.commit(
        "deploy.yml", f"envs: [{{name: production, {text}}}, {{name: staging}}]"
    )


async def asked(world: World) -> list[str]:
    """What GitHub was asked, by path."""
    requests = await world.call("GET", "/_sandbox/requests")
    return [r["path"] for r in requests]


async def answer(world: World, **changes: Any) -> Event:
    """Ask for a deployment; the first that comes of it."""
    world.numbers += 1
    request = a_request(world.numbers, **changes)
    await world.bus.publish(said(request))
    await until(lambda: request.deployment_id in world.heard)
    return world.heard[request.deployment_id][0]


def refusal(event: Event, code: str) -> str:
    assert isinstance(event, RefRejected), event
    assert event.code == code
    return event.message


async def test_deployers_are_members_of_a_team(world: World) -> None:
    await rules(world, "deployers: [mona, '@octo/deployers']")
    assert isinstance(await answer(world, requested_by=DEPLOYER), RefVerified)
    assert await asked(world) == ["/graphql", MEMBERS]
    message = refusal(await answer(world, requested_by=READER), "permission_required")
    assert message == (
        "reader may not deploy to production: deploy.yml names its deployers: mona, "
        "@octo/deployers. Ask one of them."
    )


async def test_who_is_named_needs_no_further_question(world: World) -> None:
    await rules(world, "deployers: [Deployer, '@octo/deployers']")
    assert isinstance(await answer(world, requested_by=DEPLOYER), RefVerified)
    assert await asked(world) == ["/graphql"]


async def test_a_team_that_is_not_there_lets_nobody_in(world: World) -> None:
    await rules(world, "deployers: ['@octo/nobody']")
    message = refusal(await answer(world, requested_by=DEPLOYER), "permission_required")
    assert "GitHub shows no team @octo/nobody to our token" in message


async def test_administrators_override_and_others_do_not(world: World) -> None:
    await rules(world, "required_contexts: [test]")
    override = Override(checks=("commit_checks",), reason="The shop is down")
    verified = await answer(world, requested_by=ADMIN, override=override)
    assert isinstance(verified, RefVerified)
    (check,) = (c for c in verified.checks if c.code == "commit_checks")
    assert check.state == "overridden"
    assert check.message.endswith("Overridden by admin: The shop is down")
    message = refusal(
        await answer(world, requested_by=DEPLOYER, override=override),
        "entity_unprocessable",
    )
    assert message.endswith("Only administrators of the repository may override this.")


async def test_reviewers_are_asked_one_by_one(world: World) -> None:
    await rules(
        world, "review: {enabled: true, reviewers: ['@octo/deployers', reader, ghost]}"
    )
    told = await answer(world, requested_by=DEPLOYER)
    assert isinstance(told, ReviewRequested)
    assert set(told.reviewers) == {ADMIN, READER}
    assert "nobody at GitHub is called ghost" in told.message


async def test_a_review_that_nobody_can_give_is_refused_at_once(world: World) -> None:
    await rules(world, "review: {enabled: true, reviewers: [deployer, ghost]}")
    message = refusal(await answer(world, requested_by=DEPLOYER), "config_parse_error")
    assert "nobody can give one: nobody at GitHub is called ghost; deployer asks" in (
        message
    )


async def test_a_branch_that_moved_is_told_with_both_commits(world: World) -> None:
    seen = world.git("rev-parse", "main")
    now = world.git.commit()
    event = await answer(world, expected_sha=seen)
    message = refusal(event, "entity_unprocessable")
    assert (
        f"main is at {now[:7]} now, a commit of Mona, and not at {seen[:7]}" in message
    )
    assert isinstance(await answer(world, expected_sha=now), RefVerified)


async def test_a_push_deploys_what_was_pushed(world: World) -> None:
    pushed = world.git("rev-parse", "main")
    world.git.commit()
    await world.status(pushed, "success")
    verified = await answer(world, source="push", expected_sha=pushed)
    assert isinstance(verified, RefVerified)
    assert verified.sha == pushed


async def test_a_branch_that_was_deleted_is_not_deployed(world: World) -> None:
    world.git("checkout", "-q", "-b", "feature")
    pushed = world.git.commit()
    world.git("checkout", "-q", "main")
    world.git("branch", "-q", "-D", "feature")
    event = await answer(world, name="feature", source="push", expected_sha=pushed)
    message = refusal(event, "entity_unprocessable")
    assert message.startswith(f"branch feature was deleted after {pushed[:7]}")


async def test_a_rollback_goes_back_whatever_has_become_of_the_rules(
    world: World,
) -> None:
    former = world.git("rev-parse", "main")
    config = PinnedConfig(
        commit=former, digest="d" * 64, environment="production", payload={"a": 1}
    )
    target = RollbackTarget(
        deployment_id=a_request(1).deployment_id, number=1, sha=former, config=config
    )
    back: dict[str, Any] = {
        "source": "rollback",
        "expected_sha": former,
        "rollback_of": target,
        "name": "gone",
    }
    await rules(world, "required_contexts: [test], payload: {b: 2}")
    verified = await answer(world, **back)
    assert isinstance(verified, RefVerified)
    assert verified.sha == former
    assert verified.config.payload == {"a": 1}
    assert verified.config.commit == world.git("rev-parse", "main")
    world.git.commit("deploy.yml", "envs: broken")
    verified = await answer(world, **back)
    assert isinstance(verified, RefVerified)
    assert verified.config == config
    assert verified.checks[0].state == "warning"


async def test_a_commit_of_the_default_branch_may_go_where_that_may(
    world: World,
) -> None:
    of_main = await rules(world, "deployable_ref: main")
    world.git("checkout", "-q", "-b", "feature")
    other = world.git.commit(text="another")
    world.git("checkout", "-q", "main")
    world.git.commit()
    assert isinstance(await answer(world, name=of_main, kind="commit"), RefVerified)
    for name, kind in ((other, "commit"), ("feature", "branch")):
        event = await answer(world, name=name, kind=kind)
        assert "must match the whole name" in refusal(event, "entity_unprocessable")


async def test_a_dynamic_payload_goes_out(world: World) -> None:
    await rules(
        world,
        "dynamic_payload: {enabled: true, inputs: "
        "{region: {type: select, options: [eu, us], required: true}}}",
    )
    event = await answer(world)
    message = refusal(event, "deployment_invalid")
    assert "The input `region` is required." in message
    verified = await answer(world, dynamic_payload={"region": "eu"})
    assert isinstance(verified, RefVerified)
    assert verified.config.payload == {"region": "eu"}
