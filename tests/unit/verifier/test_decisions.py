"""Decisions that people make about an environment, against what is deployed there."""

from collections.abc import Iterator

import pytest

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    DeployQueued,
    Fact,
    PinnedConfig,
    PinnedReview,
    ReviewRequested,
    RollbackTarget,
)
from verifier.domain.environment import SlotGranted, SlotRefused

from .examples import ANN, REPOSITORY, target
from .locking import lock, unlock
from .world import BEN, EVE, STAGING, World, id_of, minutes, override, sha_of

BROKEN = "envs: 1"


@pytest.fixture
def world() -> Iterator[World]:
    made = World("serialization: true")
    yield made
    made.store.close()


async def roll_back(world: World, number: int, **changes: object) -> None:
    to = target(
        sha=sha_of(7),
        config=PinnedConfig(
            commit="e" * 40,
            digest="f" * 64,
            environment="staging",
            payload={"a": 1},
            serialization=True,
        ),
    )
    given = {"source": "rollback", "rollback_of": to, "expected_sha": to.sha}
    await world.deploy(number, **given | changes)


async def here(world: World, kind: type[Fact]) -> list[Fact]:
    return [fact for fact in await world.facts(STAGING) if isinstance(fact, kind)]


# Locks


async def test_a_lock_that_is_first_keeps_others_out(world: World) -> None:
    await world.hear(lock(BEN, reason="Migration"))
    await world.deploy(1)
    rejected = await world.rejection(1)
    assert rejected.code == "deployment_locked"
    assert "ben has locked staging" in rejected.message
    assert "Migration" in rejected.message
    (refused,) = await world.said(1, SlotRefused)
    assert (refused.code, refused.holder) == ("deployment_locked", None)


async def test_a_lock_that_comes_second_stops_nothing(world: World) -> None:
    await world.deploy(1)
    await world.hear(lock(BEN))
    assert await world.state(1) == "verified"


async def test_the_owner_deploys_through_it(world: World) -> None:
    await world.hear(lock(ANN))
    await world.deploy(1)
    assert await world.state(1) == "verified"


async def test_an_unlock_lets_others_in(world: World) -> None:
    await world.hear(lock(BEN))
    await world.hear(unlock(BEN))
    await world.deploy(1)
    assert await world.state(1) == "verified"


async def test_an_override_goes_past_a_lock_and_is_recorded(world: World) -> None:
    await world.hear(lock(BEN))
    await world.deploy(1, override=override("locked", "frozen"))
    verified = await world.verdict(1)
    assert verified.override == override("locked")
    (check,) = [c for c in verified.checks if c.code == "locked"]
    assert check.state == "overridden"
    assert "The shop is down" in check.message


# Rollbacks


async def test_a_rollback_goes_past_what_is_for_new_commits(world: World) -> None:
    world.rules(
        "serialization: true, auto_merge: true, deployable_ref: none, needs: [canary], "
        'frozen_windows: [{start: "* * * * *", duration: 1h}]'
    )
    world.checks(7, test="failure")
    await roll_back(world, 1)
    verified = await world.verdict(1)
    assert verified.sha == sha_of(7)
    assert verified.config.payload == {"a": 1}
    assert verified.rollback_of
    assert verified.rollback_of.number == 7


async def test_a_rollback_is_held_back_by_a_lock(world: World) -> None:
    await world.hear(lock(BEN))
    await roll_back(world, 1)
    await roll_back(world, 2, override=override("locked"))
    assert await world.states(1, 2) == ["deployment_locked", "verified"]


async def test_a_rollback_works_when_deploy_yml_is_broken(world: World) -> None:
    world.broken(BROKEN)
    await roll_back(world, 1)
    verified = await world.verdict(1)
    (config,) = [c for c in verified.checks if c.code == "config"]
    assert config.state == "warning"
    assert "#7" in config.message


def reviewed(**changes: object) -> RollbackTarget:
    """A target whose rules asked for a review."""
    config = target().config.model_copy(
        update={
            "environment": "staging",
            "review": PinnedReview.model_validate(
                {"reviewers": ("ann", "ben", "eve"), "required": 2} | changes
            ),
        }
    )
    return target(sha=sha_of(7), config=config)


@pytest.mark.parametrize("text", [BROKEN, "envs: [{name: canary}]"])
async def test_a_rollback_by_the_rules_of_its_target_is_reviewed_by_them(
    world: World, text: str
) -> None:
    world.broken(text)
    to = reviewed(on_approval="deploy", timeout_s=7200, emergency=True)
    await roll_back(world, 1, rollback_of=to)
    (asked,) = await world.said(1, ReviewRequested)
    assert (asked.reviewers, asked.required) == ((BEN, EVE), 2)
    assert (asked.on_approval, asked.emergency) == ("deploy", True)
    assert asked.until == world.clock() + minutes(120)
    await world.confirm(1, BEN)
    assert await world.state(1) == "review"
    await world.confirm(1, BEN, EVE, id_=2)
    verified = await world.verdict(1)
    assert verified.config == to.config, "and so is a rollback to this one"


async def test_what_was_approved_comes_back_by_its_rules_without_a_review(
    world: World,
) -> None:
    world.broken(BROKEN)
    for number, on_rollback in enumerate(("skip", "require"), 1):
        to = reviewed(on_rollback=on_rollback).model_copy(update={"approved": True})
        await roll_back(world, number, rollback_of=to)
    assert await world.states(1, 2) == ["verified", "review"]


async def test_a_rollback_that_nobody_can_approve_is_no_dead_end(world: World) -> None:
    world.broken(BROKEN)
    await roll_back(world, 1, rollback_of=reviewed(required=3))
    rejected = await world.rejection(1)
    assert rejected.code == "config_parse_error"
    assert rejected.message.startswith("deploy.yml at the head of main (bbbbbbb) has")
    assert (
        "So the rules are those by which #7 was deployed. deploy.yml asks for 3 "
        "approvals in staging, and only ben, eve can give one"
    ) in rejected.message


async def test_a_rollback_is_first_in_line_also_where_there_is_none(
    world: World,
) -> None:
    await world.deploy(1)
    await roll_back(world, 2)
    await world.deploy(3)
    assert await world.states(2, 3) == ["place 1 behind 1", "deployment_serialization"]
    await world.finish(1)
    assert await world.state(2) == "verified"


async def test_a_rollback_goes_before_those_with_lower_numbers(world: World) -> None:
    world.rules("serialization: true, queue: true")
    for number in (1, 2, 3):
        await world.deploy(number)
    await roll_back(world, 4)
    await roll_back(world, 5)
    places = [f"place {n} behind 1" for n in (3, 4, 1, 2)]
    assert await world.states(2, 3, 4, 5) == places


async def test_a_take_over_names_whoever_has_to_end(world: World) -> None:
    world.rules("serialization: true, queue: true")
    await world.deploy(1)
    await world.deploy(2, override=override("running"))
    await roll_back(world, 3, take_over=True)
    (queued,) = await world.said(3, DeployQueued)
    assert queued.take_over
    assert queued.holder
    assert queued.holder.number == 1
    await world.finish(1)
    *_, again = await world.said(3, DeployQueued)
    assert again.take_over
    assert again.holder
    assert again.holder.number == 2, "whoever has the place then is to end, too"
    await world.finish(2)
    assert await world.state(3) == "verified"


async def test_a_take_over_of_nobody_goes_out(world: World) -> None:
    await roll_back(world, 1, take_over=True)
    assert await world.said(1, DeployQueued) == []
    assert await world.state(1) == "verified"


# Auto deploys after a rollback


async def test_after_a_rollback_pushes_stand_still(world: World) -> None:
    await roll_back(world, 1)
    (held,) = await here(world, AutoDeployHeld)
    assert isinstance(held, AutoDeployHeld)
    assert (held.rollback_id, held.number, held.who) == (id_of(1), 1, ANN)
    await world.finish(1)
    await world.push(2)
    rejected = await world.rejection(2)
    assert rejected.code == "auto_deploy_held"
    assert "#1" in rejected.message


async def test_a_rollback_that_waits_or_is_refused_holds_nothing(world: World) -> None:
    await world.deploy(1)
    await roll_back(world, 2)
    assert await here(world, AutoDeployHeld) == []
    await world.hear(lock(BEN))
    await world.finish(1)
    assert await world.state(2) == "deployment_locked"
    assert await here(world, AutoDeployHeld) == []


async def test_a_person_who_deploys_lets_pushes_go_again(world: World) -> None:
    await roll_back(world, 1)
    await world.finish(1)
    await world.deploy(2, requested_by=BEN)
    (resumed,) = await here(world, AutoDeployResumed)
    assert isinstance(resumed, AutoDeployResumed)
    assert (resumed.rollback_id, resumed.command_id) == (id_of(1), None)
    assert resumed.who == BEN
    await world.finish(2)
    await world.push(3)
    await world.finish(3)
    assert await world.state(3) == "verified"
    await world.deploy(4)
    assert len(await here(world, AutoDeployResumed)) == 1


async def test_somebody_resumes_and_is_answered_once(world: World) -> None:
    await roll_back(world, 1)
    await world.finish(1)
    command = AutoDeployResumeRequested(
        command_id=id_of(50),
        repository=REPOSITORY,
        requested_by=BEN,
        environment="Staging",
        requested_at=world.clock(),
        rollback_id=id_of(1),
    )
    await world.hear(command)
    await world.hear(command)
    (resumed,) = await here(world, AutoDeployResumed)
    assert isinstance(resumed, AutoDeployResumed)
    assert (resumed.command_id, resumed.who) == (id_of(50), BEN)
    await world.push(2)
    assert await world.state(2) == "verified"
    await world.hear(command, asked=True)
    assert [m.data for m in world.store.repeats()] == [resumed]


async def test_a_resume_of_an_older_rollback_does_not_end_a_newer_hold(
    world: World,
) -> None:
    for number in (1, 2):
        await roll_back(world, number)
        await world.finish(number)
    await world.hear(
        AutoDeployResumeRequested(
            command_id=id_of(50),
            repository=REPOSITORY,
            requested_by=BEN,
            environment="staging",
            requested_at=world.clock(),
            rollback_id=id_of(1),
        )
    )
    assert len(await here(world, AutoDeployResumed)) == 1
    await world.push(3)
    assert await world.state(3) == "auto_deploy_held"


async def test_a_rollback_holds_pushes_also_if_one_with_a_higher_number_came_first(
    world: World,
) -> None:
    world.rules("")
    await roll_back(world, 2)
    await world.deploy(3)
    await roll_back(world, 1)
    await world.push(4)
    assert await world.state(4) == "auto_deploy_held"
    assert "#1" in (await world.rejection(4)).message


async def test_a_push_that_waits_is_held_when_its_turn_comes(world: World) -> None:
    world.checks(1, test="queued")
    await world.push(1)
    await roll_back(world, 2)
    await world.finish(2)
    world.checks(1, test="success")
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert await world.state(1) == "auto_deploy_held"
    assert await world.said(1, SlotGranted) == []


async def test_who_asks_about_a_rollback_is_told_of_its_hold(world: World) -> None:
    await roll_back(world, 1)
    request = (await world.store.read(id_of(1)))[0].message
    await world.hear(request.data, asked=True)  # type: ignore[arg-type]
    kinds = [type(m.data).__name__ for m in world.store.repeats()]
    assert kinds == ["RefVerified", "AutoDeployHeld"]


async def test_the_hold_is_told_with_its_time(world: World) -> None:
    await roll_back(world, 1)
    hold = (await world.here()).auto_deploys.held
    assert hold
    assert hold.since == world.clock()
    world.clock.advance(minutes(1))
    await world.finish(1)
