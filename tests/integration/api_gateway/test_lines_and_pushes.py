"""What waits for checks or in line, and what pushes make, seen from outside."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts import (
    AutoDeployFailed,
    AutoDeployRecovered,
    CancelRequested,
    DeployRequested,
    QueueMoved,
    Ref,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import until

from .conftest import REPO as REPOSITORY
from .conftest import World, creation, status, verdict
from .waiting import BOB, SHA, pending, pushed, queued

REPO = "/api/v1/repos/octo/shop"
LAST = "2026-01-05T09:30:00Z"


async def test_what_waits_for_checks_is_asked_after_until_its_time_is_up(
    active: World,
) -> None:
    request = await active.unanswered(wait_for_checks=True)
    await active.others.say(pending(request))
    shown = await active.until_phase(1, "waiting_for_checks")
    assert shown["waits_for"]["what"] == "checks"
    assert shown["waits_for"]["who"] == ["test", "lint"]
    assert shown["waits_for"]["until"] == "2026-01-05T09:30:00Z"
    assert shown["waits_for"]["message"] == "Checks of aaaaaaa are missing: test, lint."
    assert shown["waits_for"]["asked"] is None
    asked = active.others.of
    for n, wait in enumerate((30, 29 * 60 + 15, 15), 2):
        active.clock.advance(timedelta(seconds=wait))
        await until(lambda: len(asked(DeployRequested)) == n)  # noqa: B023
    assert all(m.asked for m in asked(DeployRequested)[1:])
    assert not asked(CancelRequested)
    await until(lambda: asked_again(active, {"times": 3, "last": LAST}))


async def asked_again(world: World, wanted: dict[str, Any]) -> bool:
    shown = await world.get("/deployments/1")
    return bool(shown["waits_for"]["asked"] == wanted)


async def test_a_request_that_has_to_wait_is_answered(active: World) -> None:
    active.others.verdict = "none"
    posting = asyncio.create_task(active.deploy())
    await until(lambda: len(active.others.of(DeployRequested)) == 1)
    [request] = active.others.of(DeployRequested)
    await active.others.say(queued(request.data, str(UUID(int=9)), position=3))
    answer = await posting
    shown = await answer.json()
    assert (answer.status, shown["phase"]) == (201, "waiting_in_queue")
    assert shown["waits_for"]["position"] == 3
    assert shown["waits_for"]["message"] == "It is number 3 in line, behind #1."
    assert shown["waits_for"]["holder"]["uuid"] == str(UUID(int=9))
    assert shown["waits_for"]["until"] is None


async def test_a_place_in_line_is_shown_as_it_changes(active: World) -> None:
    holder = await (await active.deploy()).json()
    request = await active.unanswered()
    await active.others.say(queued(request, holder["uuid"], position=2))
    await active.until_phase(2, "waiting_in_queue")
    await active.others.say(QueueMoved(deployment_id=request.deployment_id, position=1))
    await until(lambda: place(active, 1))
    shown = await active.get("/deployments/2")
    assert shown["waits_for"]["holder"] is None
    await active.others.say(verdict(request))
    await active.others.say(creation(request))
    await active.until_phase(2, "created")


async def place(world: World, position: int) -> bool:
    shown = await world.get("/deployments/2")
    return bool(shown["waits_for"]["position"] == position)


async def test_the_first_in_line_asks_after_the_one_before_it(active: World) -> None:
    holder = await (await active.deploy()).json()
    request = await active.unanswered()
    await active.others.say(queued(request, holder["uuid"]))
    await active.until_phase(2, "waiting_in_queue")
    active.clock.advance(timedelta(minutes=5))
    await until(lambda: len(active.others.of(SyncRequested)) == 1)
    [sync] = active.others.of(SyncRequested)
    assert str(sync.data.deployment_id) == holder["uuid"]
    await until(lambda: len(active.others.of(DeployRequested)) == 3)
    assert not active.others.of(SlotReleaseRequested)
    await active.others.say(status(holder["uuid"], 1, "success"))
    await active.until_phase(1, "success")
    active.clock.advance(timedelta(minutes=5))
    await until(lambda: len(active.others.of(SlotReleaseRequested)) == 1)
    assert active.others.of(SlotReleaseRequested)[0].data.cause == "ended"
    assert len(active.others.of(SyncRequested)) == 1


async def test_who_waits_in_line_is_canceled(active: World) -> None:
    request = await active.unanswered()
    await active.others.say(queued(request, str(UUID(int=9))))
    await active.until_phase(1, "waiting_in_queue")
    answer = await active.post("/deployments/1/cancel")
    assert (answer.status, (await answer.json())["phase"]) == (200, "canceled")


async def test_a_push_is_deployed_once_in_the_pushers_name(active: World) -> None:
    for _ in range(2):
        await active.others.say(pushed(REPOSITORY))
    shown = await active.until_phase(1, "created")
    assert (shown["source"], shown["user_id"]) == ("push", 43)
    [request] = active.others.of(DeployRequested)
    assert (request.data.requested_by, request.data.expected_sha) == (BOB, SHA)
    assert request.data.wait_for_checks
    events = await active.get("/deployments/1/events")
    assert events[0]["type"] == "io.gitploy.AutoDeployMatched.v1"
    assert events[0]["who"] == {"id": 43, "login": "bob"}
    await active.others.say(pushed(REPOSITORY, "d-2"))
    await active.until_phase(2, "created")


async def test_a_push_to_what_nobody_follows_is_never_deployed(world: World) -> None:
    await world.others.say(pushed(REPOSITORY))
    await until(lambda: recorded(world, 2))
    await world.activate()
    await world.others.say(pushed(REPOSITORY))
    answer = await world.deploy()
    assert (answer.status, (await answer.json())["number"]) == (201, 1)
    assert len(world.others.of(DeployRequested)) == 1


async def test_a_push_without_rules_is_told_of_until_there_are_some(
    active: World,
) -> None:
    failed = AutoDeployFailed(
        repository=REPOSITORY,
        delivery_id="d-1",
        ref=Ref(type="branch", name="main"),
        sha=SHA,
        pusher=BOB,
        pushed_at=active.clock(),
        message="There is no deploy.yml.",
    )
    await active.others.say(failed)
    await until(lambda: problem_is(active, "There is no deploy.yml."))
    [listed] = await (await active.api.get("/api/v1/repos")).json()
    assert listed["auto_deploy_problem"]["sha"] == SHA
    recovered = AutoDeployRecovered(repository=REPOSITORY, delivery_id="d-2")
    await active.others.say(recovered)
    await until(lambda: problem_is(active, None))


async def problem_is(world: World, message: str | None) -> bool:
    problem = (await world.get(""))["auto_deploy_problem"]
    return (problem["message"] if problem else None) == message


async def recorded(world: World, count: int) -> bool:
    return await world.recorded() >= count
