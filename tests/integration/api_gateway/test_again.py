"""Retries, rollbacks and promotions over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import CancelRequested, DeployRequested, Override, Ref
from shared.testing import until

from .conftest import World, status
from .waiting import SHA, queued

REPO = "/api/v1/repos/octo/shop"
OVERRIDE = {"checks": ["locked", "frozen"], "reason": "Shop is down."}
TOLD = Override(checks=("frozen", "locked"), reason="Shop is down.")


async def succeeded(world: World, **body: Any) -> int:
    """The number of a deployment that has succeeded."""
    shown = await (await world.deploy(**body)).json()
    number = int(shown["number"])
    await world.others.say(
        status(shown["uuid"], number, "success").model_copy(
            update={"github_deployment_id": 900 + number, "created_at": world.clock()}
        )
    )
    await world.until_phase(number, "success")
    return number


def newest(world: World) -> DeployRequested:
    request: DeployRequested = world.others.of(DeployRequested)[-1].data
    return request


@pytest.fixture
async def world_with_success(active: World) -> World:
    """Give the test a repository whose first deployment has succeeded."""
    await succeeded(active, dynamic_payload={"size": 3})
    return active


async def test_what_a_person_says_travels(active: World) -> None:
    answer = await active.deploy(
        expected_sha=SHA.upper(),
        override=OVERRIDE,
        wait_for_checks=True,
        dynamic_payload={"region": "eu", "list": [1, {"a": None}]},
    )
    shown = await answer.json()
    request = newest(active)
    assert (request.source, request.expected_sha) == ("api", SHA)
    assert request.override == TOLD
    assert request.wait_for_checks
    assert request.dynamic_payload == {"region": "eu", "list": [1, {"a": None}]}
    assert shown["dynamic_payload"] == request.dynamic_payload
    assert shown["override"] == {
        "checks": ["frozen", "locked"],
        "reason": "Shop is down.",
    }


async def test_a_retry_is_the_same_commit_again(world_with_success: World) -> None:
    world = world_with_success
    answer = await world.post("/deployments/1/retry", {"override": OVERRIDE})
    shown = await answer.json()
    assert (answer.status, shown["number"], shown["source"]) == (201, 2, "retry")
    request = newest(world)
    assert (request.ref, request.expected_sha) == (
        Ref(type="branch", name="main"),
        SHA,
    )
    assert request.dynamic_payload == {"size": 3}
    assert request.override == TOLD
    assert not request.wait_for_checks


async def test_what_was_never_found_is_retried_as_it_was_asked(active: World) -> None:
    active.others.verdict = "rejected"
    await active.deploy(ref="nope")
    active.others.verdict = "verified"
    answer = await active.post("/deployments/1/retry", {"wait_for_checks": True})
    assert answer.status == 201
    assert newest(active).expected_sha is None
    assert newest(active).wait_for_checks


async def test_what_goes_on_is_not_retried(active: World) -> None:
    await active.deploy()
    before = await active.recorded()
    answer = await active.post("/deployments/1/retry")
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_status_invalid")
    assert body["message"].startswith("#1 has not ended")
    assert await active.recorded() == before


async def test_a_rollback_pins_what_was_sent(world_with_success: World) -> None:
    world = world_with_success
    await succeeded(world)
    answer = await world.post(
        "/deployments/1/rollback", {"take_over": True, "override": OVERRIDE}
    )
    shown = await answer.json()
    assert (answer.status, shown["number"], shown["is_rollback"]) == (201, 3, True)
    assert (shown["type"], shown["ref"]) == ("commit", SHA)
    assert shown["rollback_of"]["number"] == 1
    request = newest(world)
    assert (request.source, request.expected_sha) == ("rollback", SHA)
    assert request.take_over
    assert request.override == TOLD
    assert request.dynamic_payload == {"size": 3}
    target = request.rollback_of
    assert target is not None
    assert (target.number, target.sha, target.approved) == (1, SHA, False)
    assert target.config.production_environment


async def test_a_rollback_is_retried_as_a_rollback(world_with_success: World) -> None:
    world = world_with_success
    world.others.verdict = "rejected"
    await world.post("/deployments/1/rollback", {"take_over": True})
    world.others.verdict = "verified"
    answer = await world.post("/deployments/2/retry")
    assert (answer.status, (await answer.json())["is_rollback"]) == (201, True)
    first, second = (m.data for m in world.others.of(DeployRequested)[-2:])
    assert second.rollback_of == first.rollback_of
    assert (second.source, second.take_over) == ("rollback", False)


async def test_only_what_succeeded_is_rolled_back_to(active: World) -> None:
    await active.deploy()
    before = await active.recorded()
    answer = await active.post("/deployments/1/rollback")
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_status_invalid")
    assert "it has not succeeded" in body["message"]
    assert await active.recorded() == before


async def test_a_promotion_is_the_live_commit(active: World) -> None:
    for at, sha in (("staging", "b"), ("production", "c"), ("staging", "d")):
        active.clock.advance(timedelta(minutes=1))
        active.others.sha = sha * 40
        await succeeded(active, env=at)
    # What does not succeed is not live.
    active.others.sha = "e" * 40
    await active.deploy(env="staging")
    answer = await active.post("/environments/production/promote", {"from": "staging"})
    shown = await answer.json()
    assert (answer.status, shown["source"]) == (201, "promotion")
    request = newest(active)
    assert (request.environment, request.expected_sha) == ("production", "d" * 40)
    assert request.ref == Ref(type="commit", name="d" * 40)


async def test_where_nothing_is_live_nothing_is_promoted(active: World) -> None:
    await active.deploy(env="staging")
    before = await active.recorded()
    answer = await active.post("/environments/production/promote", {"from": "staging"})
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "entity_unprocessable")
    assert "staging" in body["message"]
    assert await active.recorded() == before


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/deployments/1/retry", {}),
        ("/deployments/1/rollback", {}),
        ("/environments/staging/promote", {"from": "production"}),
    ],
)
async def test_nobody_deploys_another_commit_than_they_saw(
    world_with_success: World, path: str, sent: dict[str, Any]
) -> None:
    world = world_with_success
    before = await world.recorded()
    answer = await world.post(path, {**sent, "expected_sha": "e" * 40})
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "entity_unprocessable")
    assert body["message"].startswith("expected_sha: #1 is")
    assert await world.recorded() == before
    answer = await world.post(path, {**sent, "expected_sha": SHA.upper()})
    assert (answer.status, newest(world).expected_sha) == (201, SHA)


async def test_a_promotion_is_answered_again_though_another_is_live(
    active: World,
) -> None:
    await succeeded(active, env="staging")
    key = {"Idempotency-Key": "k"}
    sent = {"from": "staging", "expected_sha": SHA}
    first = await active.post("/environments/production/promote", sent, **key)
    active.clock.advance(timedelta(minutes=1))
    active.others.sha = "d" * 40
    await succeeded(active, env="staging")
    again = await active.post("/environments/production/promote", sent, **key)
    told = [(await each.json())["uuid"] for each in (first, again)]
    assert (again.status, told[0]) == (201, told[1])
    other = {**sent, "expected_sha": "d" * 40}
    reused = await active.post("/environments/production/promote", other, **key)
    assert (await reused.json())["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("path", "sent", "named"),
    [
        ("/deployments/1/retry", {"expected_sha": "abc"}, "expected_sha"),
        ("/deployments/1/rollback", {"expected_sha": 5}, "expected_sha"),
        (
            "/environments/staging/promote",
            {"from": "production", "expected_sha": "HEAD"},
            "expected_sha",
        ),
        ("/deployments/1/retry", {"wait_for_checks": 1}, "wait_for_checks"),
        ("/deployments/1/retry", {"override": {"checks": ["ref"]}}, "override"),
        ("/deployments/1/rollback", {"take_over": "yes"}, "take_over"),
        ("/deployments/1/rollback", {"override": []}, "override"),
        ("/environments/production/promote", {}, "from"),
        ("/environments/production/promote", {"from": 5}, "from"),
        ("/environments/production/promote", {"from": "production"}, "from"),
        ("/environments/%07/promote", {"from": "staging"}, "env"),
        (f"/environments/{'e' * 256}/promote", {"from": "staging"}, "env"),
    ],
)
async def test_a_wrong_wish_is_explained(
    world_with_success: World, path: str, sent: dict[str, Any], named: str
) -> None:
    before = await world_with_success.recorded()
    answer = await world_with_success.post(path, sent)
    body = await answer.json()
    assert (answer.status, body["code"]) == (400, "parameter_invalid")
    assert named in body["message"]
    assert await world_with_success.recorded() == before


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/deployments/1/retry", {}),
        ("/deployments/1/rollback", {"take_over": True}),
        ("/environments/staging/promote", {"from": "production"}),
    ],
)
async def test_a_repeated_key_asks_for_nothing_new(
    world_with_success: World, path: str, sent: dict[str, Any]
) -> None:
    world = world_with_success
    first, second = [
        await world.post(path, sent, **{"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert (first.status, second.status) == (201, 201)
    assert await first.json() == await second.json()
    other = await world.post(
        path, {**sent, "override": OVERRIDE}, **{"Idempotency-Key": "k"}
    )
    assert (await other.json())["code"] == "idempotency_key_reused"
    assert len(world.others.of(DeployRequested)) == 2


async def test_a_rollback_ends_what_it_takes_over(active: World) -> None:
    await succeeded(active)
    shown = await (await active.deploy()).json()
    active.others.verdict = "none"
    await active.post("/deployments/1/rollback", {"take_over": True}, Prefer="wait=0")
    await until(lambda: len(active.others.of(DeployRequested)) == 3)
    await active.others.say(queued(newest(active), shown["uuid"], take_over=True))
    await until(lambda: len(active.others.of(CancelRequested)) == 1)
    [cancel] = active.others.of(CancelRequested)
    assert str(cancel.data.deployment_id) == shown["uuid"]
    assert cancel.data.code == "taken_over"
    assert "#3" in cancel.data.reason
