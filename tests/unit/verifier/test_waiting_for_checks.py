"""Deployments whose commit's checks have not finished, and pushes that give way."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from shared.contracts import ChecksPending, Ref, RefRejected, Repository
from verifier.domain.commit import commit_id
from verifier.domain.environment import SlotGranted
from verifier.domain.resolution import ChecksAnswered

from .examples import REPOSITORY, canceled
from .locking import lock
from .world import BEN, REVIEW, World, at, id_of, minutes, sha_of

OTHER = Ref(type="branch", name="other")


@pytest.fixture
def world() -> Iterator[World]:
    made = World("serialization: true, checks_timeout: 20m")
    for number in range(1, 6):
        made.checks(number, test="queued", lint="success")
    yield made
    made.store.close()


async def test_who_does_not_wait_is_refused_at_once(world: World) -> None:
    assert await world.deploy(1) is None
    rejected = await world.rejection(1)
    assert rejected.code == "entity_unprocessable"
    assert rejected.message == (
        "Of the checks of 0000000, test (queued) has not passed. "
        "A deployment can wait for that (`wait_for_checks`), or be repeated."
    )


async def test_who_waits_is_told_for_what_and_until_when(world: World) -> None:
    again = await world.deploy(1, wait_for_checks=True)
    assert again
    assert again.after == minutes(1)
    (pending,) = await world.said(1, ChecksPending)
    assert (pending.sha, pending.contexts) == (sha_of(1), ("test",))
    assert pending.until == world.clock() + minutes(20)
    message = "Of the checks of 0000000, test (queued) has not passed."
    assert pending.message == message


async def test_a_push_always_waits(world: World) -> None:
    await world.push(1, wait_for_checks=False)
    assert await world.state(1) == "checks"


async def test_it_goes_on_when_they_pass(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    assert await world.hear(request)
    world.clock.advance(minutes(1))
    assert await world.hear(request), "still pending: asked again"
    assert len(await world.said(1, ChecksPending)) == 1
    world.clock.advance(minutes(15))
    world.checks(1, test="success")
    assert await world.hear(request) is None
    assert await world.state(1) == "verified"
    assert world.github.looks == 1, "ref and rules are not looked up twice"


async def test_that_nothing_has_changed_is_not_recorded(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    for _ in range(3):
        world.clock.advance(minutes(1))
        await world.hear(request)
    assert await world.said(1, ChecksAnswered) == []


async def test_it_ends_when_one_fails(world: World) -> None:
    await world.deploy(1, wait_for_checks=True)
    world.checks(1, test="failure")
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert "test (failure)" in (await world.rejection(1)).message


async def test_a_push_whose_time_is_over_is_told_that(world: World) -> None:
    again = await world.push(1, wait_for_checks=False)
    assert again
    world.clock.advance(minutes(20))
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert "20m (`checks_timeout`)" in (await world.rejection(1)).message


async def test_it_ends_when_its_time_is_over_and_names_them(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    world.clock.advance(minutes(19.5))
    again = await world.hear(request)
    assert again
    assert again.after == timedelta(seconds=30)
    world.clock.advance(minutes(0.5))
    assert await world.hear(request) is None
    assert (await world.rejection(1)).message == (
        "Of the checks of 0000000, test (queued) has not passed. That was waited for "
        f"20m (`checks_timeout`), until {world.clock():%Y-%m-%d %H:%M:%S} UTC, and the "
        "time is up: see why it takes so long, or give it longer in deploy.yml, and "
        "deploy again."
    )


async def test_a_hint_asks_at_once(world: World) -> None:
    await world.deploy(1, wait_for_checks=True)
    world.checks(1, test="success")
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert await world.state(1) == "verified"
    commit = await world.verifier.commits.get(commit_id(REPOSITORY, sha_of(1)))
    assert not commit.waiting
    asked = world.github.questions
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert world.github.questions == asked, "nobody waits any more"


async def test_a_hint_about_another_commit_asks_nobody(world: World) -> None:
    await world.deploy(1, wait_for_checks=True)
    await world.verifier.checks_changed(REPOSITORY, sha_of(2))
    other = Repository(id=8, full_name="octo/other")
    await world.verifier.checks_changed(other, sha_of(1))
    assert world.github.questions == 0
    assert await world.state(1) == "checks"


async def test_github_out_of_reach_is_no_rejection(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    world.github.down()
    for _ in range(3):
        world.clock.advance(minutes(1))
        assert await world.hear(request)
    assert await world.state(1) == "checks"


async def test_after_a_day_it_goes_on_when_it_is_asked_for(world: World) -> None:
    world.rules("checks_timeout: 3d")
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    world.clock.advance(timedelta(hours=24))
    assert await world.hear(request) is None, "the bus would not bring it again"
    assert await world.state(1) == "checks"
    world.checks(1, test="success")
    world.clock.advance(minutes(1))
    await world.hear(request, asked=True)
    assert await world.state(1) == "verified"


async def test_the_time_that_github_was_away_is_not_counted(world: World) -> None:
    request = world.wanted(
        1, source="push", expected_sha=sha_of(1), wait_for_checks=True
    )
    request = request.model_copy(update={"not_after": at(world, hours=24)})
    world.github.down()
    await world.hear(request)
    world.clock.advance(minutes(120))
    world.github.trouble = None
    assert await world.hear(request)
    (pending,) = await world.said(1, ChecksPending)
    assert pending.until == world.clock() + minutes(20)


async def test_what_came_and_went_meanwhile_does_not_count(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    await world.hear(lock(BEN, expires_at=world.clock() + minutes(2)))
    world.clock.advance(minutes(1))
    assert await world.hear(request), "it goes on waiting"
    world.clock.advance(minutes(1))
    world.checks(1, test="success")
    await world.hear(request)
    assert await world.state(1) == "verified"


async def test_a_lock_counts_when_they_have_passed(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    await world.hear(lock(BEN))
    world.clock.advance(minutes(1))
    world.checks(1, test="success")
    await world.hear(request)
    assert await world.state(1) == "deployment_locked"


async def test_a_cancel_ends_the_waiting(world: World) -> None:
    request = world.wanted(1, wait_for_checks=True)
    await world.hear(request)
    await world.hear(canceled(id_of(1)))
    world.checks(1, test="success")
    assert await world.hear(request) is None
    assert await world.state(1) == "checks"
    assert (await world.here()).waiting.known == {}


# Pushes of one branch.


async def test_a_newer_push_alone_is_no_reason_to_give_way(world: World) -> None:
    await world.push(1)
    world.clock.advance(minutes(1))
    await world.push(2)
    world.checks(1, test="success")
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert await world.states(1, 2) == ["verified", "checks"]


async def test_it_gives_way_when_a_newer_one_has_gone_out(world: World) -> None:
    for number in (1, 2, 3):
        await world.push(number)
        world.clock.advance(minutes(1))
    world.checks(2, test="success")
    await world.verifier.checks_changed(REPOSITORY, sha_of(2))
    assert await world.states(1, 2, 3) == ["superseded", "verified", "checks"]
    assert "#2" in (await world.rejection(1)).message


async def test_it_gives_way_when_a_newer_one_has_passed_its_checks(
    world: World,
) -> None:
    await world.hear(lock(BEN, expires_at=world.clock() + minutes(2)))
    await world.push(1)
    assert await world.state(1) == "deployment_locked"
    world.clock.advance(minutes(2))
    await world.push(2)
    world.clock.advance(minutes(1))
    world.checks(3, test="success")
    await world.hear(lock(BEN, id_of(99)))
    await world.push(3)
    assert await world.states(2, 3) == ["superseded", "deployment_locked"]


async def test_it_gives_way_to_a_newer_one_in_line(world: World) -> None:
    world.rules("serialization: true, queue: true")
    world.github.head = sha_of(9)
    await world.deploy(9, ref=OTHER)
    await world.push(1)
    world.clock.advance(minutes(1))
    world.checks(2, test="success")
    await world.push(2)
    assert await world.states(1, 2) == ["superseded", "place 1 behind 9"]


async def test_a_push_in_the_second_of_a_persons_deployment_is_newer(
    world: World,
) -> None:
    world.rules("serialization: false")
    world.clock.advance(timedelta(milliseconds=500))
    world.checks(1, test="success")
    world.checks(2, test="success")
    await world.deploy(1)
    await world.push(2, pushed_at=world.clock().replace(microsecond=0))
    assert await world.states(1, 2) == ["verified", "verified"]


async def test_one_that_fails_its_checks_does_not_take_its_place(world: World) -> None:
    await world.push(1)
    world.clock.advance(minutes(1))
    world.checks(2, test="failure")
    await world.push(2)
    assert await world.states(1, 2) == ["checks", "entity_unprocessable"]


async def test_an_older_push_that_is_told_later_never_goes_out(world: World) -> None:
    earlier = world.clock()
    world.clock.advance(minutes(1))
    world.checks(1, test="success")
    world.checks(2, test="success")
    await world.push(1, expected_sha=sha_of(2))
    await world.finish(1)
    await world.push(2, expected_sha=sha_of(1), pushed_at=earlier)
    assert await world.states(1, 2) == ["verified", "superseded"]


async def test_what_a_person_deploys_of_the_branch_takes_its_place(
    world: World,
) -> None:
    await world.push(1)
    world.clock.advance(minutes(1))
    world.github.head = sha_of(2)
    world.checks(2, test="success")
    await world.deploy(2)
    assert await world.states(1, 2) == ["superseded", "verified"]


async def test_the_same_commit_does_not_take_its_own_place(world: World) -> None:
    world.rules("checks_timeout: 20m")
    await world.push(1)
    world.clock.advance(minutes(1))
    world.checks(1, test="success")
    await world.deploy(2)
    assert await world.states(1, 2) == ["checks", "verified"]
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert await world.state(1) == "verified"


async def test_other_branches_do_not_take_its_place(world: World) -> None:
    world.rules("checks_timeout: 20m")
    await world.push(1)
    world.clock.advance(minutes(1))
    world.checks(2, test="success")
    branch = {"type": "branch", "name": "release"}
    await world.push(2, ref=branch)
    assert await world.states(1, 2) == ["checks", "verified"]


async def test_a_push_that_waits_for_people_gives_way_to_what_went_out(
    world: World,
) -> None:
    world.rules(REVIEW)
    world.checks(1, test="success")
    world.checks(2, test="success")
    await world.push(1)
    world.clock.advance(minutes(1))
    await world.push(2)
    assert await world.states(1, 2) == ["review", "review"], "both may be approved"
    await world.confirm(2, BEN)
    assert await world.states(1, 2) == ["superseded", "verified"]


async def test_a_push_in_line_gives_way_to_what_went_out(world: World) -> None:
    world.rules("serialization: true, queue: true")
    for number in (1, 2, 3):
        world.checks(number, test="success")
        await world.push(number, pushed_at=world.clock() - minutes(number))
    assert await world.states(2, 3) == ["superseded", "superseded"]
    assert len(await world.said(1, SlotGranted)) == 1
    assert await world.said(1, RefRejected) == []


async def test_a_push_without_any_check_is_given_time_for_a_first(world: World) -> None:
    world.checks(1)
    assert await world.push(1)
    assert await world.state(1) == "checks"
    world.clock.advance(minutes(2))
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert await world.state(1) == "verified"


async def test_a_burst_of_hints_is_two_questions(world: World) -> None:
    await world.deploy(1, wait_for_checks=True)
    hint = partial(world.verifier.checks_changed, REPOSITORY, sha_of(1))
    await asyncio.gather(*(hint() for _ in range(20)))
    assert world.github.questions == 2, "one at once, and one for all that came after"
