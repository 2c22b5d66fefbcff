"""Whose approval counts for what, and what becomes of each confirmation."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import (
    ConfirmationRefused,
    DeployConfirmed,
    DeployQueued,
    RefRejected,
    RefVerified,
    ReviewRequested,
)
from shared.testing import said
from verifier.checks import ORDER
from verifier.domain.environment import SlotGranted

from .examples import ANN, canceled, found
from .locking import lock, unlock
from .world import BEN, EVE, REVIEW, World, id_of, minutes, sha_of


@pytest.fixture
def world() -> Iterator[World]:
    made = World(f"serialization: true, {REVIEW}")
    yield made
    made.store.close()


async def refusal(world: World, number: int = 1) -> ConfirmationRefused:
    (refused,) = await world.said(number, ConfirmationRefused)
    return refused


async def test_the_reviewers_are_asked_but_not_who_deploys(world: World) -> None:
    world.rules(f"{REVIEW[:-1]}, required: 2, on_approval: deploy, timeout: 3h}}")
    await world.deploy(1)
    (asked,) = await world.said(1, ReviewRequested)
    assert asked.reviewers == (BEN, EVE)
    assert (asked.required, asked.on_approval, asked.emergency) == (2, "deploy", False)
    assert asked.until == world.clock() + timedelta(hours=3)
    assert asked.sha == sha_of(1)


async def test_with_enough_approvals_it_goes_out(world: World) -> None:
    await world.deploy(1)
    assert await world.state(1) == "review"
    await world.confirm(1, EVE)
    verified = await world.verdict(1)
    assert [a.reviewer for a in verified.approvals] == [EVE]
    assert len(await world.said(1, SlotGranted)) == 1


async def test_an_approval_of_whoever_deploys_does_not_count(world: World) -> None:
    await world.deploy(1)
    await world.confirm(1, ANN)
    assert (await refusal(world)).code == "deployment_not_approved"
    assert await world.state(1) == "review"


async def test_an_approval_of_somebody_who_was_not_asked_does_not_count(
    world: World,
) -> None:
    world.rules("review: {enabled: true, reviewers: [ben]}")
    await world.deploy(1)
    await world.confirm(1, EVE)
    assert (await refusal(world)).code == "deployment_not_approved"


async def test_two_approvals_of_one_person_are_one(world: World) -> None:
    world.rules(f"{REVIEW[:-1]}, required: 2}}")
    await world.deploy(1)
    await world.confirm(1, BEN, BEN)
    assert (await refusal(world)).code == "deployment_not_approved"
    await world.confirm(1, BEN, EVE, id_=2)
    assert await world.state(1) == "verified"


@pytest.mark.parametrize(
    "other", [{"sha": sha_of(2)}, {"config_digest": "0" * 64}], ids=["commit", "rules"]
)
async def test_approvals_of_something_else_do_not_count(
    world: World, other: dict[str, Any]
) -> None:
    await world.deploy(1)
    await world.confirm(1, BEN, **other)
    refused = await refusal(world)
    assert refused.code == "deployment_not_approved"
    assert "look at the deployment again" in refused.message
    assert {c.code for c in refused.checks if c.state == "failed"} == {"review"}
    assert [c.code for c in refused.checks] == list(ORDER)[:13]
    assert all(c.url for c in refused.checks)
    assert await world.state(1) == "review"


async def test_the_branch_and_deploy_yml_may_change_before_the_approval(
    world: World,
) -> None:
    await world.deploy(1)
    world.github.head = sha_of(2)
    world.rules("serialization: true, deployers: [nobody]")
    await world.confirm(1, BEN)
    verified = await world.verdict(1)
    assert verified.sha == sha_of(1)
    assert world.github.looks == 1


async def test_a_gate_that_fails_then_refuses_only_this_confirmation(
    world: World,
) -> None:
    await world.deploy(1)
    await world.hear(lock(BEN, reason="Migration"))
    await world.confirm(1, EVE)
    refused = await refusal(world)
    assert (refused.code, await world.state(1)) == ("deployment_locked", "review")
    await world.hear(unlock(BEN))
    await world.confirm(1, EVE, id_=2)
    assert await world.state(1) == "verified"
    assert len(await world.said(1, ConfirmationRefused)) == 1


async def test_a_lock_that_comes_while_people_look_refuses_nothing(
    world: World,
) -> None:
    await world.deploy(1)
    await world.hear(lock(BEN))
    await world.hear(world.wanted(1))
    assert await world.state(1) == "review"


async def test_the_commits_checks_count_again(world: World) -> None:
    await world.deploy(1)
    world.clock.advance(minutes(5))
    world.checks(1, test="failure")
    await world.confirm(1, EVE)
    refused = await refusal(world)
    assert refused.code == "entity_unprocessable"
    assert "test (failure)" in refused.message


async def test_nothing_is_asked_of_github_while_people_look(world: World) -> None:
    request = world.wanted(1)
    await world.hear(request)
    world.clock.advance(minutes(5))
    await world.hear(request)
    assert (world.github.looks, world.github.questions) == (1, 0)


async def test_a_place_that_is_taken_refuses_the_confirmation(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    await world.confirm(1, BEN)
    await world.confirm(2, BEN, id_=2)
    assert await world.states(1, 2) == ["verified", "review"]
    assert (await refusal(world, 2)).code == "deployment_serialization"
    await world.finish(1)
    await world.confirm(2, BEN, id_=3)
    assert await world.state(2) == "verified"


async def test_with_a_queue_it_goes_in_line_with_its_approvals(world: World) -> None:
    world.rules(f"serialization: true, queue: true, {REVIEW}")
    await world.deploy(1)
    await world.deploy(2)
    await world.confirm(1, BEN)
    await world.confirm(2, EVE, id_=2)
    assert await world.state(2) == "place 1 behind 1"
    await world.confirm(2, BEN, id_=3)
    assert len(await world.said(2, DeployQueued)) == 1, "it is on its way already"
    await world.finish(1)
    verified = await world.verdict(2)
    assert [a.reviewer for a in verified.approvals] == [EVE]
    assert await world.said(2, ConfirmationRefused) == []


async def test_two_confirmations_of_one_approval_send_it_once(world: World) -> None:
    await world.deploy(1)
    await world.confirm(1, BEN, id_=1)
    await world.confirm(1, BEN, id_=2)
    assert len(await world.said(1, RefVerified)) == 1
    assert await world.said(1, ConfirmationRefused) == []


async def test_a_confirmation_that_comes_twice_is_answered_once(world: World) -> None:
    await world.deploy(1)
    for _ in range(3):
        await world.confirm(1, ANN)
    await refusal(world)


async def test_confirmations_that_wait_are_answered_in_turn(world: World) -> None:
    await world.deploy(1)
    world.github.down()
    world.clock.advance(minutes(1))
    assert await world.confirm(1, ANN, id_=1)
    assert await world.confirm(1, BEN, id_=2)
    assert await world.said(1, ConfirmationRefused) == []
    world.github.trouble = None
    await world.confirm(1, BEN, id_=2)
    assert (await refusal(world)).confirmation_id.int == 1
    assert await world.state(1) == "verified"


async def test_a_confirmation_without_an_answer_in_time_is_let_go(world: World) -> None:
    await world.deploy(1)
    world.github.down()
    world.clock.advance(minutes(1))
    await world.confirm(1, BEN)
    world.clock.advance(minutes(15))
    world.github.trouble = None
    await world.hear(world.wanted(1))
    assert await world.state(1) == "review"
    assert await world.said(1, ConfirmationRefused) == []


async def test_a_cancel_that_comes_first_wins(world: World) -> None:
    await world.deploy(1)
    await world.hear(canceled(id_of(1)))
    await world.confirm(1, BEN)
    assert await world.said(1, RefVerified) == []
    assert await world.said(1, SlotGranted) == []


async def test_a_confirmation_before_the_request_waits_for_it(world: World) -> None:
    elsewhere = World(f"serialization: true, {REVIEW}")
    await elsewhere.deploy(1)
    (asked,) = await elsewhere.said(1, ReviewRequested)
    elsewhere.store.close()
    good = DeployConfirmed.model_validate(
        {
            "deployment_id": id_of(1),
            "confirmation_id": id_of(7),
            "sha": asked.sha,
            "config_digest": asked.config_digest,
            "approvals": [{"reviewer": BEN, "approved_at": world.clock()}],
            "confirmed_by": BEN,
            "confirmed_at": world.clock(),
            "not_after": world.clock() + minutes(15),
        }
    )
    wrong = good.model_copy(update={"confirmation_id": id_of(8), "sha": sha_of(2)})
    few = good.model_copy(update={"confirmation_id": id_of(9), "approvals": ()})
    for bad in (wrong, few):
        await world.deliver(said(bad))
    await world.deploy(1)
    assert await world.state(1) == "review"
    refused = await world.said(1, ConfirmationRefused)
    assert [r.confirmation_id for r in refused] == [id_of(8), id_of(9)]
    await world.deliver(said(good))
    assert await world.state(1) == "verified"


async def test_a_good_confirmation_that_came_first_sends_it_at_once(
    world: World,
) -> None:
    await world.deploy(1)
    await world.confirm(1, BEN)
    (confirmed,) = [
        f for f in await world.facts(id_of(1)) if isinstance(f, DeployConfirmed)
    ]
    again = World(f"serialization: true, {REVIEW}")
    await again.deliver(said(confirmed))
    await again.deploy(1)
    assert await again.state(1) == "verified"
    again.store.close()


async def test_who_asks_is_told_again_who_is_asked(world: World) -> None:
    await world.deploy(1)
    await world.hear(world.wanted(1), asked=True)
    (again,) = world.store.repeats()
    assert isinstance(again.data, ReviewRequested)


async def test_nobody_who_could_approve_is_an_error_and_no_dead_end(
    world: World,
) -> None:
    world.rules("review: {enabled: true, reviewers: [ann]}")
    await world.deploy(1)
    assert (await world.rejection(1)).code == "config_parse_error"


async def test_a_branch_that_is_deleted_before_the_approval_does_not_matter(
    world: World,
) -> None:
    await world.deploy(1)
    world.github.answer = found(sha=None)
    await world.confirm(1, BEN)
    assert await world.state(1) == "verified"
    assert await world.said(1, RefRejected) == []
