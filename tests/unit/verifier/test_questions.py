"""Questions and hints: what is answered, and that nothing of it is recorded."""

from collections.abc import Iterator

import pytest

from shared.contracts import (
    VERIFIER,
    CommitChecksChanged,
    PreflightAnswered,
    PreflightAsked,
    heard_by,
)
from verifier.application import LISTENERS

from .examples import ANN, MAIN, REPOSITORY
from .locking import lock
from .world import BEN, REVIEW, World, sha_of


@pytest.fixture
def world() -> Iterator[World]:
    made = World("serialization: true, queue: true")
    yield made
    made.store.close()


async def ask(world: World, environment: str = "staging") -> PreflightAnswered:
    before = await world.store.last_position()
    answer = await world.verifier.preflight(
        PreflightAsked(
            repository=REPOSITORY, environment=environment, ref=MAIN, who=ANN
        )
    )
    assert await world.store.last_position() == before, "nothing is recorded"
    return answer


def test_it_hears_what_the_table_of_the_bus_says() -> None:
    assert set(LISTENERS) == heard_by(VERIFIER)


async def test_what_would_be_deployed_at_once(world: World) -> None:
    answer = await ask(world)
    assert (answer.would, answer.sha, answer.position) == ("deploy", sha_of(1), None)
    assert {c.state for c in answer.checks} <= {"passed", "skipped"}


async def test_what_would_wait_in_line(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)
    answer = await ask(world)
    assert (answer.would, answer.position) == ("queue", 2)


async def test_what_would_wait_for_people(world: World) -> None:
    world.rules(REVIEW)
    assert (await ask(world)).would == "review"


async def test_what_would_wait_for_checks(world: World) -> None:
    world.checks(1, test="queued")
    assert (await ask(world)).would == "wait_for_checks"


async def test_what_would_be_refused_and_by_all_that_refuses_it(world: World) -> None:
    world.rules("needs: [canary]")
    await world.hear(lock(BEN))
    answer = await ask(world)
    assert answer.would == "refuse"
    assert [c.code for c in answer.checks if c.state == "failed"] == ["needs", "locked"]


async def test_without_github_nobody_can_tell(world: World) -> None:
    world.github.down()
    answer = await ask(world)
    assert (answer.would, answer.checks) == (None, ())
    assert "GitHub is down" in answer.message


async def test_a_hint_reaches_who_waits_for_the_commit(world: World) -> None:
    world.checks(1, test="queued")
    await world.deploy(1, wait_for_checks=True)
    world.checks(1, test="success")
    await world.verifier.hear_of_checks(
        CommitChecksChanged(repository=REPOSITORY, sha=sha_of(1))
    )
    assert await world.state(1) == "verified"
