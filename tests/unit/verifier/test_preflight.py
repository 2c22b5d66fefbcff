"""What would become of a request is what becomes of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from shared.contracts import (
    Check,
    ChecksPending,
    DeployQueued,
    LockRequested,
    Override,
    PreflightAnswered,
    PreflightAsked,
    RefRejected,
    RefVerified,
    ReviewRequested,
)
from tests.unit.verifier.examples import ANN, MAIN, REPOSITORY
from tests.unit.verifier.world import BEN, HOLDS, REVIEW, STAGING, World, id_of, sha_of
from verifier.domain.case import Moment
from verifier.domain.preflight import foretell, request_for

LINE = "serialization: true, queue: true"


async def foretold(
    world: World, environment: str = "staging", **more: Any
) -> PreflightAnswered:
    question = PreflightAsked(
        repository=REPOSITORY, environment=environment, ref=MAIN, who=ANN, **more
    )
    now = world.clock()
    request = request_for(question, now)
    resolved = await world.verifier.resolved(request)
    return foretell(request, resolved, await world.here(), Moment(now, HOLDS))


async def nothing(world: World) -> None:
    pass


async def busy(world: World) -> None:
    await world.deploy(1)


async def a_line(world: World) -> None:
    await world.deploy(1)
    await world.deploy(2)


async def red(world: World) -> None:
    world.checks(1, ci="failure")


async def pending(world: World) -> None:
    world.checks(1, ci="queued")


async def locked(world: World) -> None:
    await world.hear(
        LockRequested(
            command_id=id_of(90),
            lock_id=id_of(90),
            repository=REPOSITORY,
            environment="staging",
            requested_by=BEN,
            requested_at=world.clock(),
        )
    )


SCENES: list[tuple[str, Callable[[World], Awaitable[None]], str, int | None]] = [
    ("serialization: true", nothing, "deploy", None),
    ("serialization: true", busy, "refuse", None),
    ("serialization: false", busy, "deploy", None),
    (LINE, busy, "queue", 1),
    (LINE, a_line, "queue", 2),
    (LINE, nothing, "deploy", None),
    ("", red, "refuse", None),
    ("", pending, "wait_for_checks", None),
    (f"{LINE}, {REVIEW}", pending, "wait_for_checks", None),
    (REVIEW, nothing, "review", None),
    (f"{LINE}, {REVIEW}", busy, "review", None),
    ("", locked, "refuse", None),
    (LINE, locked, "refuse", None),
    ("deployers: [ben]", nothing, "refuse", None),
    ("needs: [canary]", nothing, "refuse", None),
    ("typo: 1", nothing, "refuse", None),
]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    made.store.close()


@pytest.mark.parametrize(("rules", "scene", "would", "position"), SCENES)
async def test_what_a_deployment_would_come_to(
    world: World,
    rules: str,
    scene: Callable[[World], Awaitable[None]],
    would: str,
    position: int | None,
) -> None:
    world.rules(rules)
    await scene(world)
    kept = len(await world.facts(STAGING))
    told = await foretold(world)
    assert (told.would, told.position, told.sha) == (would, position, sha_of(1))
    assert len(await world.facts(STAGING)) == kept, "nothing is recorded"
    await world.deploy(9, wait_for_checks=True)
    answer, message = await outcome(world, 9)
    assert told.checks == answer
    if would == "deploy":
        assert told.message == "0000000 would be deployed at once."
    else:
        assert told.message == message


async def outcome(world: World, number: int) -> tuple[tuple[Check, ...], str]:
    """What really became of it."""
    for verified in await world.said(number, RefVerified):
        return verified.checks, ""
    told: list[RefRejected | ChecksPending | ReviewRequested | DeployQueued] = [
        *await world.said(number, RefRejected),
        *await world.said(number, ChecksPending),
        *await world.said(number, ReviewRequested),
        *await world.said(number, DeployQueued),
    ]
    return told[0].checks, told[0].message


async def test_a_repository_that_is_not_there_is_refused(world: World) -> None:
    world.github.answer = None
    told = await foretold(world)
    assert (told.would, told.sha) == ("refuse", None)
    assert "GitHub shows no repository octo/shop" in told.message


STORE = """\
dynamic_payload: {enabled: true, inputs: {
store: {type: select, options: [apple, google], required: true}}}"""


def payload(told: PreflightAnswered) -> Check:
    (check,) = [c for c in told.checks if c.code == "payload"]
    return check


@pytest.mark.parametrize(
    ("rules", "would"), [(STORE, "deploy"), (f"{STORE}, {REVIEW}", "review")]
)
async def test_values_that_are_not_chosen_yet_refuse_nothing(
    world: World, rules: str, would: str
) -> None:
    world.rules(rules)
    told = await foretold(world)
    assert told.would == would
    assert payload(told).state == "warning"
    assert payload(told).message == (
        "A deployment to staging needs a dynamic payload, and this question has none. "
        "The input `store` is required."
    )
    await world.deploy(1)
    assert (await world.rejection(1)).message.endswith("`store` is required.")


@pytest.mark.parametrize(
    ("given", "would", "state"),
    [
        ({"store": "apple"}, "deploy", "passed"),
        ({"store": "other"}, "refuse", "failed"),
        ({}, "refuse", "failed"),
    ],
)
async def test_values_that_are_given_are_checked(
    world: World, given: dict[str, str], would: str, state: str
) -> None:
    world.rules(STORE)
    told = await foretold(world, dynamic_payload=given)
    assert (told.would, payload(told).state) == (would, state)


async def test_what_is_wrong_besides_the_values_refuses_it(world: World) -> None:
    world.rules(STORE)
    await red(world)
    told = await foretold(world)
    assert (told.would, payload(told).state) == ("refuse", "warning")


async def test_another_commit_than_the_one_that_was_seen_is_refused(
    world: World,
) -> None:
    assert (await foretold(world, expected_sha=sha_of(1))).would == "deploy"
    assert (await foretold(world, expected_sha=sha_of(2))).would == "refuse"


async def test_what_would_be_passed_over_does_not_refuse_it(world: World) -> None:
    await locked(world)
    world.rules("overriders: [ann]")
    past = Override(checks=("locked",), reason="Hotfix")
    assert (await foretold(world)).would == "refuse"
    assert (await foretold(world, override=past)).would == "deploy"
