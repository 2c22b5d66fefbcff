"""Who gets the place next, and what those in line are told."""

from collections.abc import Iterator

import pytest

from shared.contracts import DeployQueued, QueueMoved
from verifier.domain.environment import SlotEnded, SlotGranted, SlotRefused

from .examples import canceled, release, target
from .locking import lock
from .world import BEN, World, id_of, minutes, override, sha_of

QUEUE = "serialization: true, queue: true"
LATEST = "serialization: true, queue: latest"


@pytest.fixture
def world() -> Iterator[World]:
    made = World(QUEUE)
    yield made
    made.store.close()


async def test_without_a_queue_it_is_refused(world: World) -> None:
    world.rules("serialization: true")
    await world.deploy(1)
    await world.deploy(2)
    assert await world.states(1, 2) == ["verified", "deployment_serialization"]


async def test_only_the_place_is_told_to_be_missing(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    (queued,) = await world.said(2, DeployQueued)
    assert [c.code for c in queued.checks if c.state == "pending"] == ["running"]


async def test_they_wait_in_line_and_know_where(world: World) -> None:
    for number in (1, 2, 3):
        await world.deploy(number)
    states = ["verified", "place 1 behind 1", "place 2 behind 1"]
    assert await world.states(1, 2, 3) == states
    (queued,) = await world.said(3, DeployQueued)
    assert queued.sha == sha_of(1)
    assert not queued.take_over
    running = next(c for c in queued.checks if c.code == "running")
    assert running.state == "pending"
    assert queued.message == running.message


async def test_the_next_goes_when_the_place_is_free(world: World) -> None:
    for number in (1, 2, 3):
        await world.deploy(number)
    await world.finish(1)
    states = ["verified", "verified", "place 1 behind 2"]
    assert await world.states(1, 2, 3) == states
    await world.finish(1)
    await world.hear(release(id_of(1)))
    assert await world.states(2, 3) == ["verified", "place 1 behind 2"]
    assert len(await world.said(1, SlotEnded)) == 1
    await world.finish(2, "failure")
    assert await world.state(3) == "verified"


async def test_the_line_goes_by_number_and_not_by_arrival(world: World) -> None:
    for number in (1, 4, 3, 2):
        await world.deploy(number)
    places = ["place 1 behind 1", "place 2 behind 1", "place 3 behind 1"]
    assert await world.states(2, 3, 4) == places
    for done, next_ in ((1, 2), (2, 3), (3, 4)):
        await world.finish(done)
        assert await world.state(next_) == "verified"


async def test_queue_of_ten_with_a_cancel_in_the_middle(world: World) -> None:
    for number in range(1, 12):
        await world.deploy(number)
    await world.hear(canceled(id_of(6)))
    left = [2, 3, 4, 5, 7, 8, 9, 10, 11]
    places = [f"place {n} behind 1" for n in range(1, 10)]
    assert await world.states(*left) == places
    for done, next_ in zip([1, *left], left, strict=False):
        assert await world.state(next_) != "verified"
        await world.finish(done)
        assert await world.state(next_) == "verified"
    assert await world.said(6, SlotGranted) == []


async def test_one_that_is_told_nothing_new_is_told_nothing(world: World) -> None:
    for number in (1, 2, 3):
        await world.deploy(number)
    assert await world.said(2, QueueMoved) == []
    await world.hear(canceled(id_of(3)))
    assert await world.said(2, QueueMoved) == []


async def test_what_is_canceled_while_it_waits_never_goes(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    await world.hear(canceled(id_of(2)))
    await world.finish(1)
    assert await world.said(2, SlotGranted) == []
    assert (await world.here()).waiting.line == []


async def test_when_its_turn_comes_a_lock_counts(world: World) -> None:
    for number in (1, 2, 3):
        await world.deploy(number)
    await world.hear(lock(BEN, reason="Migration"))
    await world.deploy(4, requested_by=BEN)
    await world.finish(1)
    assert await world.states(2, 3) == ["deployment_locked", "deployment_locked"]
    assert await world.state(4) == "verified", "the owner deploys through the lock"


async def test_a_lock_that_came_and_went_does_not_count(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    await world.hear(lock(BEN, expires_at=world.clock() + minutes(1)))
    world.clock.advance(minutes(1))
    await world.finish(1)
    assert await world.state(2) == "verified"


async def test_when_its_turn_comes_its_checks_count(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    questions = world.github.questions
    world.clock.advance(minutes(1))
    world.checks(1, test="failure")
    await world.finish(1)
    assert world.github.questions == questions + 1
    rejected = await world.rejection(2)
    assert rejected.code == "entity_unprocessable"
    assert "test (failure)" in rejected.message


async def test_what_github_said_a_moment_ago_is_not_asked_again(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    await world.finish(1)
    assert world.github.questions == 0
    assert await world.state(2) == "verified"


async def test_a_frozen_window_that_opens_meanwhile_counts(world: World) -> None:
    world.rules(f'{QUEUE}, frozen_windows: [{{start: "5 9 * * *", duration: 1h}}]')
    for number in (1, 2):
        await world.deploy(number)
    world.clock.advance(minutes(6))
    await world.finish(1)
    assert await world.state(2) == "deployment_frozen"


async def test_the_next_waits_until_github_answers(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    world.clock.advance(minutes(1))
    world.github.down()
    assert await world.finish(1), "the message comes again"
    assert await world.state(2) == "place 1 behind 1"
    world.github.trouble = None
    await world.finish(1)
    assert await world.state(2) == "verified"


async def test_who_comes_while_the_next_is_asked_does_not_overtake(
    world: World,
) -> None:
    await world.deploy(1)
    await world.deploy(2)
    world.clock.advance(minutes(1))
    world.github.down()
    await world.finish(1)
    world.github.trouble = None
    world.github.questions = 0
    world.rules("serialization: true")
    await world.deploy(3)
    rejected = await world.rejection(3)
    assert rejected.code == "deployment_serialization"
    assert "#2 (main, ann) is before it in line for staging since" in rejected.message
    assert rejected.holder is None, "nobody has the place yet"
    assert await world.state(2) == "verified", "it was asked on this occasion"


async def test_rules_that_change_meanwhile_do_not_matter(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    world.rules("serialization: true, deployers: [nobody]")
    await world.finish(1)
    assert await world.state(2) == "verified"


async def test_the_latest_takes_the_place_of_those_that_wait(world: World) -> None:
    world.rules(LATEST)
    for number in (1, 2, 3):
        await world.deploy(number)
    assert await world.states(1, 2, 3) == ["verified", "superseded", "place 1 behind 1"]
    assert "#3" in (await world.rejection(2)).message
    await world.finish(1)
    assert await world.state(3) == "verified"


async def test_an_older_one_that_comes_late_gives_way_at_once(world: World) -> None:
    world.rules(LATEST)
    for number in (1, 3, 2):
        await world.deploy(number)
    assert await world.states(2, 3) == ["superseded", "place 1 behind 1"]


async def test_the_latest_does_not_take_the_place_of_a_rollback(world: World) -> None:
    world.rules(LATEST)
    await world.deploy(1)
    await world.deploy(
        2, source="rollback", rollback_of=target(), expected_sha=sha_of(7)
    )
    await world.deploy(3)
    assert await world.states(2, 3) == ["place 1 behind 1", "place 2 behind 1"]


async def test_an_override_goes_past_the_one_that_runs(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    await world.deploy(3, override=override("running"))
    assert await world.states(1, 2, 3) == ["verified", "place 1 behind 1", "verified"]
    verified = await world.verdict(3)
    assert verified.override == override("running")
    await world.finish(1)
    assert await world.state(2) == "place 1 behind 3"
    await world.finish(3)
    assert await world.state(2) == "verified"


async def test_who_asks_is_told_the_place_in_line_again(world: World) -> None:
    for number in (1, 2, 3):
        await world.deploy(number)
    await world.hear(canceled(id_of(2)))
    assert world.store.repeats() == []
    await world.hear(world.wanted(3), asked=True)
    told = [m.data for m in world.store.repeats()]
    assert [type(t) for t in told] == [DeployQueued, QueueMoved]
    assert all(t.deployment_id == id_of(3) for t in told if isinstance(t, DeployQueued))


async def test_a_refusal_of_one_that_waits_stands_in_the_environment(
    world: World,
) -> None:
    await world.deploy(1)
    await world.deploy(2)
    world.clock.advance(minutes(1))
    world.checks(1, test="failure")
    await world.finish(1)
    (refused,) = await world.said(2, SlotRefused)
    assert refused.code == "entity_unprocessable"
    assert (await world.here()).waiting.known == {}
