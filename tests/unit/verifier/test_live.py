"""What has succeeded where, by whomever, and who else deploys here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import (
    DeployQueued,
    ForeignDeploymentSeen,
    GitHubDeploymentGone,
    StatusUpdated,
)
from shared.testing import said
from verifier.domain import environment
from verifier.domain.environment import (
    CommitFinished,
    Environment,
    SlotEnded,
    Waits,
    begin_foreign,
    environment_id,
)
from verifier.domain.situation import Foreign

from .examples import ANN, MAIN, REPOSITORY, canceled, refused, release
from .world import STAGING, World, id_of, minutes, sha_of

CANARY = environment_id(REPOSITORY, "canary")


@pytest.fixture
def world() -> Iterator[World]:
    made = World("needs: [canary], soak: 10m")
    yield made
    made.store.close()


def status(number: int, state: str, at: datetime, **changes: Any) -> StatusUpdated:
    given: dict[str, Any] = {
        "deployment_id": id_of(number),
        "repository": REPOSITORY,
        "github_deployment_id": 4000 + number,
        "github_status_id": 90,
        "state": state,
        "created_at": at,
    }
    return StatusUpdated(**given | changes)


def seen(number: int, world: World, **changes: Any) -> ForeignDeploymentSeen:
    given: dict[str, Any] = {
        "deployment_id": id_of(number),
        "repository": REPOSITORY,
        "github_deployment_id": 4000 + number,
        "environment": "staging",
        "ref": "main",
        "sha": sha_of(1),
        "creator": ANN,
        "created_at": world.clock(),
    }
    return ForeignDeploymentSeen(**given | changes)


def gone(id_: UUID) -> GitHubDeploymentGone:
    return GitHubDeploymentGone(
        deployment_id=id_, repository=REPOSITORY, github_deployment_id=4001
    )


async def running(world: World, number: int) -> tuple[str, str]:
    verdict = await world.verdict(number)
    (check,) = [c for c in verdict.checks if c.code == "running"]
    return check.state, check.message


# Needs and soak


async def test_a_commit_has_to_succeed_elsewhere_first(world: World) -> None:
    await world.deploy(1)
    rejected = await world.rejection(1)
    assert rejected.code == "entity_unprocessable"
    assert "has not succeeded in canary" in rejected.message


async def test_and_long_enough_ago(world: World) -> None:
    await world.deploy(1, environment="canary")
    await world.finish(1)
    world.clock.advance(minutes(9))
    await world.deploy(2)
    assert "soak" in (await world.rejection(2)).message
    world.clock.advance(minutes(1))
    await world.deploy(3)
    assert await world.state(3) == "verified"


async def test_another_commit_does_not_count(world: World) -> None:
    await world.deploy(1, environment="canary")
    await world.finish(1)
    world.clock.advance(minutes(10))
    world.github.head = sha_of(2)
    await world.deploy(2)
    assert await world.state(2) == "entity_unprocessable"


async def test_a_commit_that_was_brought_there_again_has_soaked(world: World) -> None:
    await world.deploy(1, environment="canary")
    await world.finish(1)
    world.clock.advance(minutes(10))
    await world.deploy(2, environment="canary")
    await world.finish(2)
    await world.deploy(3)
    assert await world.state(3) == "verified", "it succeeded there ten minutes ago"


async def test_a_success_that_is_said_again_has_soaked_all_the_same(
    world: World,
) -> None:
    await world.deploy(1, environment="canary")
    await world.hear(status(1, "success", world.clock(), github_status_id=91))
    world.clock.advance(minutes(10))
    await world.hear(status(1, "success", world.clock(), github_status_id=92))
    await world.deploy(2)
    assert await world.state(2) == "verified"


async def test_a_failure_does_not_count_and_a_later_end_undoes_a_success(
    world: World,
) -> None:
    world.rules("needs: [canary]")
    await world.deploy(1, environment="canary")
    at = world.clock()
    world.clock.advance(minutes(5))
    await world.hear(status(1, "failure", at))
    await world.deploy(2)
    assert await world.state(2) == "entity_unprocessable"
    await world.hear(status(1, "success", at + minutes(1), github_status_id=91))
    await world.deploy(3)
    assert await world.state(3) == "verified"
    await world.hear(status(1, "error", at + minutes(2), github_status_id=92))
    await world.hear(status(1, "success", at + minutes(1), github_status_id=91))
    await world.deploy(4)
    assert await world.state(4) == "entity_unprocessable"


async def test_a_late_success_counts_though_its_place_was_given_away(
    world: World,
) -> None:
    world.rules("needs: [canary]")
    await world.deploy(1, environment="canary")
    await world.hear(release(id_of(1)))
    await world.finish(1)
    await world.deploy(2)
    assert await world.state(2) == "verified"


async def test_our_own_error_is_no_end(world: World) -> None:
    await world.deploy(1, environment="canary")
    await world.hear(status(1, "error", world.clock(), ours=True))
    assert await world.facts(CANARY) == (await world.facts(CANARY))[:1]


async def test_what_others_bring_there_counts(world: World) -> None:
    world.rules("needs: [canary]")
    await world.hear(seen(1, world, environment="Canary"))
    await world.hear(status(1, "success", world.clock(), foreign=True))
    await world.deploy(2)
    assert await world.state(2) == "verified"


async def test_a_status_that_comes_before_its_deployment_is_known_counts(
    world: World,
) -> None:
    world.rules("needs: [canary]")
    await world.hear(status(1, "success", world.clock(), foreign=True))
    await world.hear(seen(1, world, environment="canary"))
    await world.deploy(2)
    assert await world.state(2) == "verified"


# What frees a place


@pytest.mark.parametrize(
    "end", [canceled, refused, release, gone], ids=lambda end: end.__name__
)
async def test_whatever_ends_it_frees_its_place_once(end: Any) -> None:
    world = World("serialization: true, queue: true")
    for number in (1, 2, 3):
        await world.deploy(number)
    for _ in range(2):
        await world.hear(end(id_of(1)))
    await world.finish(1)
    assert await world.states(2, 3) == ["verified", "place 1 behind 2"]
    assert len(await world.said(1, SlotEnded)) == 1
    world.store.close()


# Deployments that others make


async def test_one_that_runs_is_a_warning(world: World) -> None:
    world.rules("serialization: true")
    await world.hear(seen(9, world))
    await world.deploy(1)
    state, message = await running(world, 1)
    assert state == "warning"
    assert message.startswith("main (ann, since ")
    assert "made at GitHub and not by Gitploy" in message
    await world.finish(1)
    await world.hear(status(9, "failure", world.clock(), foreign=True))
    await world.deploy(2)
    assert (await running(world, 2))[0] == "passed"


async def test_it_keeps_others_out_where_the_rules_say_so(world: World) -> None:
    world.rules("serialization: true, foreign: hold")
    await world.hear(seen(9, world))
    await world.deploy(1)
    rejected = await world.rejection(1)
    assert rejected.code == "deployment_serialization"
    assert rejected.holder
    assert rejected.holder.deployment_id == str(id_of(9))
    assert rejected.holder.number == 0, "what is not ours has no number"
    assert rejected.holder.timeout_s == 3600, "by the rules of who finds it there"


@pytest.mark.parametrize("freed_by", ["status", "release"])
async def test_who_waits_for_it_goes_on_when_it_ends(
    world: World, freed_by: str
) -> None:
    world.rules("serialization: true, queue: true, foreign: hold, timeout: 20m")
    await world.hear(seen(9, world))
    await world.deploy(1)
    (queued,) = await world.said(1, DeployQueued)
    assert queued.holder
    assert queued.holder.deployment_id == str(id_of(9))
    assert queued.holder.timeout_s == 1200
    if freed_by == "status":
        await world.hear(status(9, "success", world.clock(), foreign=True))
    else:
        await world.hear(release(id_of(9)))
    assert await world.state(1) == "verified"


async def test_a_commit_that_we_have_deployed_may_be_somebody_elses(
    world: World,
) -> None:
    world.rules("serialization: true, foreign: hold")
    await world.deploy(1)
    await world.finish(1)
    world.clock.advance(timedelta(days=60))
    await world.hear(seen(9, world, workflow_run=5))
    await world.deploy(2)
    rejected = await world.rejection(2)
    assert rejected.code == "deployment_serialization"
    assert rejected.holder
    assert rejected.holder.deployment_id == str(id_of(9))


async def test_its_end_counts_like_ours(world: World) -> None:
    world.rules("")
    await world.deploy(1)
    await world.finish(1)
    await world.hear(seen(9, world, workflow_run=5))
    await world.hear(status(9, "success", world.clock(), foreign=True))
    finished = [f for f in await world.facts(STAGING) if isinstance(f, CommitFinished)]
    assert [f.deployment_id for f in finished] == [id_of(1), id_of(9)]
    assert (await world.here()).foreign.open == {}


async def test_it_is_written_down_once(world: World) -> None:
    for _ in range(2):
        await world.hear(seen(9, world))
    here = await world.here()
    assert here.foreign.running == (Foreign(4009, "main", ANN, world.clock()),)
    await world.hear(status(9, "success", world.clock(), foreign=True))
    await world.hear(seen(9, world))
    kinds = [type(f).__name__ for f in await world.facts(STAGING)]
    assert kinds == ["ForeignStarted", "SlotEnded", "CommitFinished"]


async def test_what_the_environment_knows_to_be_over_does_not_begin(
    world: World,
) -> None:
    ended = said(SlotEnded(deployment_id=id_of(9)))
    here = environment.evolve(Environment(), ended)
    assert begin_foreign(here, seen(9, world)) == []
    (late,) = begin_foreign(Environment(), seen(9, world))
    assert environment.evolve(here, said(late)).foreign.open == {}
    assert begin_foreign(Environment(), seen(9, world))


async def test_it_is_in_nobodys_way_where_the_rules_do_not_say_so(world: World) -> None:
    await world.hear(seen(9, world))
    here = await world.here()
    claim = Waits.model_validate(
        {
            "deployment_id": id_of(1),
            "number": 1,
            "ref": MAIN,
            "requested_by": ANN,
            "waits_for": "slot",
        }
    )
    assert here.holder_before(claim) is None
    minding = claim.model_copy(update={"minds_foreign": True})
    assert here.holder_before(minding)


async def test_one_that_ended_before_it_was_seen_does_not_run(world: World) -> None:
    world.rules("serialization: true, foreign: hold")
    await world.hear(release(id_of(9)))
    await world.hear(seen(9, world))
    await world.deploy(1)
    assert (await running(world, 1))[0] == "passed"


def test_those_of_others_are_told_the_oldest_first(world: World) -> None:
    later = seen(8, world, created_at=world.clock() + minutes(1))
    here = Environment()
    for one in (later, seen(9, world)):
        (fact,) = begin_foreign(here, one)
        here = environment.evolve(here, said(fact))
    assert [f.github_deployment_id for f in here.foreign.running] == [4009, 4008]
    first = here.foreign.first(None)
    assert first
    assert first.since == world.clock()
