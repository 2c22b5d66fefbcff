"""Misbehaviour on demand, and what the control surface tells about it."""

import asyncio
import time
from typing import Any

import pytest

from github_sandbox.faults import DEFAULTS

from .world import REPO, World

DEPLOYMENTS = f"{REPO}/deployments"
BODY = {"ref": "main", "auto_merge": False, "required_contexts": []}


async def create(world: World) -> Any:
    return await world.call("POST", DEPLOYMENTS, BODY)


async def known(world: World) -> int:
    return len((await world.call("GET", DEPLOYMENTS)).json)


async def test_faults_are_shown_merged_and_cleared(world: World) -> None:
    await world.fault(webhooks={"drop": 1.0})
    await world.fault(answers={"delay_s": 0.0})
    shown = (await world.call("GET", "/_sandbox/faults", token=None)).json
    assert shown == DEFAULTS | {"webhooks": {**DEFAULTS["webhooks"], "drop": 1.0}}
    await world.call("DELETE", "/_sandbox/faults", token=None)
    shown = (await world.call("GET", "/_sandbox/faults", token=None)).json
    assert shown == DEFAULTS


async def test_unknown_faults_are_named_and_nothing_is_taken_over(
    world: World,
) -> None:
    body = {"webhooks": {"drop": 1.0, "lose": 1}, "answer": {}}
    reply = await world.call("PUT", "/_sandbox/faults", body, token=None)
    assert reply.status == 422
    assert "'webhooks.lose'" in reply.json["message"]
    assert "'answer'" in reply.json["message"]
    shown = (await world.call("GET", "/_sandbox/faults", token=None)).json
    assert shown == DEFAULTS


@pytest.mark.parametrize(
    ("fault", "status", "raw"),
    [("bad_gateway_after_success", 502, None), ("empty_after_success", 201, b"")],
)
async def test_success_that_nobody_hears_of(
    world: World, fault: str, status: int, raw: bytes | None
) -> None:
    await world.fault(create_deployment={fault: 1})
    reply = await create(world)
    assert reply.status == status
    assert raw is None or reply.raw == raw
    assert await known(world) == 1
    assert (await create(world)).json["sha"]


async def test_limits_hit_the_next_calls_and_nothing_is_made(world: World) -> None:
    limits = {"secondary_limit": 1, "primary_limit": 1, "reset_in_s": 30, "refuse": 1}
    await world.fault(create_deployment={**limits, "retry_after_s": 7})
    secondary, primary, refused = [await create(world) for _ in range(3)]
    assert (secondary.status, secondary.headers["retry-after"]) == (403, "7")
    assert "secondary rate limit" in secondary.json["message"]
    assert (primary.status, primary.headers["x-ratelimit-remaining"]) == (403, "0")
    assert int(primary.headers["x-ratelimit-reset"]) > time.time()
    assert refused.status == 422
    assert await known(world) == 0
    assert (await create(world)).status == 201


async def test_github_can_be_away(world: World) -> None:
    await world.fault(answers={"unavailable": True})
    assert (await create(world)).status == 503
    await world.fault(answers={"unavailable": False, "error_rate": 1.0})
    assert (await create(world)).status == 500
    await world.fault(answers={"error_rate": 0.0})
    assert await known(world) == 0


async def test_answers_can_be_slow_but_the_control_surface_is_not(
    world: World,
) -> None:
    await world.fault(answers={"delay_s": 0.2})
    begun = time.monotonic()
    await world.call("GET", REPO)
    assert time.monotonic() - begun >= 0.2
    begun = time.monotonic()
    await world.call("GET", "/_sandbox/requests", token=None)
    assert time.monotonic() - begun < 0.2


async def test_a_webhook_may_come_before_the_answer(world: World) -> None:
    await world.hook("deployment", "deployment_status")
    await world.fault(create_deployment={"webhook_before_answer": True})
    creating = asyncio.create_task(create(world))
    told = await world.receiver.first("deployment")
    made = told.payload["deployment"]["id"]
    await world.post_status(made, "queued")
    await world.receiver.first("deployment_status")
    assert not creating.done()
    assert (await creating).json["id"] == made
    await world.fault(create_deployment={"webhook_before_answer": False})
    again = (await world.deploy())["id"]
    await world.receiver.until(lambda: len(world.receiver.of("deployment")) == 2)
    heard = [one.payload["deployment"]["id"] for one in world.receiver.of("deployment")]
    assert heard == [made, again]


async def test_the_answer_may_come_long_after_the_success(world: World) -> None:
    await world.fault(create_deployment={"delay_after_success_s": 0.3})
    creating = asyncio.create_task(create(world))
    async with asyncio.timeout(5):
        while not await known(world):  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert not creating.done()
    assert (await creating).status == 201


async def test_a_webhook_may_get_lost(world: World) -> None:
    hook = await world.hook("deployment")
    await world.delivered(hook, 1)
    await world.fault(webhooks={"drop": 1.0})
    await world.deploy()
    lost = (await world.delivered(hook, 2))[0]
    assert (lost["event"], lost["status_code"]) == ("deployment", 0)
    assert not world.receiver.of("deployment")
    shown = (await world.call("GET", "/_sandbox/deliveries", token=None)).json
    assert [(one["event"], one["status"]) for one in shown] == [
        ("ping", 200),
        ("deployment", 0),
    ]


async def test_a_webhook_may_come_twice_under_one_guid(world: World) -> None:
    await world.hook("deployment")
    await world.fault(webhooks={"duplicate": 1.0})
    await world.deploy()
    await world.receiver.until(lambda: len(world.receiver.of("deployment")) == 2)
    first, second = world.receiver.of("deployment")
    assert (first.guid, first.body) == (second.guid, second.body)


async def test_webhooks_may_come_late_and_out_of_order(world: World) -> None:
    hook = await world.hook("deployment")
    await world.delivered(hook, 1)
    await world.fault(webhooks={"shuffle": True, "delay_s": 0.1})
    begun = time.monotonic()
    made = [(await world.deploy())["id"] for _ in range(12)]
    await world.receiver.until(lambda: len(world.receiver.of("deployment")) == 12)
    assert time.monotonic() - begun > 0.1
    heard = [one.payload["deployment"]["id"] for one in world.receiver.of("deployment")]
    assert sorted(heard) == made
    assert heard != made


async def test_inactive_is_told_only_when_asked_for(world: World) -> None:
    await world.hook("deployment_status")
    made = (await world.deploy())["id"]
    await world.post_status(made, "inactive")
    await world.fault(webhooks={"inactive": True})
    told = await world.post_status(made, "inactive")
    first = await world.receiver.first("deployment_status")
    assert first.payload["deployment_status"]["id"] == told["id"]


async def test_requests_are_listed_but_not_those_of_the_control_surface(
    world: World,
) -> None:
    begun = time.monotonic()
    await create(world)
    await world.call("GET", f"{DEPLOYMENTS}?per_page=1")
    await world.call("GET", "/nowhere", token=None)
    listed = (await world.call("GET", "/_sandbox/requests", token=None)).json
    assert [(one["method"], one["path"], one["status"]) for one in listed] == [
        ("POST", DEPLOYMENTS, 201),
        ("GET", f"{DEPLOYMENTS}?per_page=1", 200),
        ("GET", "/nowhere", 401),
    ]
    times = [one["at"] for one in listed]
    assert begun <= times[0] <= times[1] <= times[2] <= time.monotonic()
