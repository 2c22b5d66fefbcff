"""What people decide about a deployment, through the four services."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from github_sandbox.settings import SAMPLE_PEOPLE, stable_number
from shared.testing import until

from .world import REPOSITORY, World, world

CONFIG = """
envs:
  - name: production
    serialization: true
    queue: true
    review:
      enabled: true
      reviewers: [admin, deployer, reader]
      required: 2
  - name: staging
    serialization: true
    queue: true
  - name: canary
    overriders: [admin]
    review: {enabled: true, reviewers: [reader], emergency: true}
"""
PATH = f"/api/v1/repos/{REPOSITORY}/deployments"
TOKENS = [
    {"token": f"token-of-{login}", "id": stable_number(login), "login": login}
    for login in SAMPLE_PEOPLE
]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """Give the test a repository whose production has to be reviewed."""
    async with world(tmp_path, CONFIG, api_tokens=TOKENS) as here:
        yield here


async def ask(
    here: World, method: str, path: str, who: str = "deployer", **sent: Any
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer token-of-{who}"}
    async with here.api.request(
        method, f"{PATH}{path}", json=sent, headers=headers
    ) as answer:
        return answer.status, await answer.json()


async def deploy(here: World, env: str, **more: Any) -> tuple[int, Any]:
    return await ask(here, "POST", "", type="branch", ref="main", env=env, **more)


async def succeeds(here: World, number: int) -> None:
    shown = await here.deployment(number)
    await here.tool_says(shown["uid"], "success")
    await here.phase_is(number, "success")


async def test_two_others_approve_what_one_deploys(here: World) -> None:
    status, shown = await deploy(here, "production")
    assert (status, shown["phase"]) == (201, "waiting_for_review")
    await until(lambda: asked(here, 2))
    pair = {"sha": shown["sha"], "config_digest": shown["config_digest"]}
    for who, then in (("admin", 422), ("reader", 200)):
        said = await ask(here, "PATCH", "/1/review", who, status="approved", **pair)
        assert said[0] == 200, said
        status, told = await ask(here, "PUT", "/1", **pair)
        assert status == then, told
    assert (told["phase"], told["sha"]) == ("created", shown["sha"])
    assert len(await here.at_github()) == 1
    assert (await ask(here, "PATCH", "/1/review", status="approved"))[0] == 404


async def asked(here: World, count: int) -> bool:
    return len((await here.deployment(1))["edges"]["reviews"]) == count


async def test_one_rejection_ends_it(here: World) -> None:
    await deploy(here, "production")
    await until(lambda: asked(here, 2))
    await ask(here, "PATCH", "/1/review", "reader", status="rejected", comment="No.")
    await here.phase_is(1, "canceled")
    shown = await here.deployment(1)
    assert (shown["code"], shown["status"]) == ("review_rejected", "canceled")
    assert not await here.at_github()
    status, again = await ask(here, "POST", "/1/retry")
    assert (status, again["phase"]) == (201, "waiting_for_review")


async def test_in_an_emergency_an_overrider_sends_what_waits(here: World) -> None:
    _, shown = await deploy(here, "canary")
    assert shown["waits_for"]["emergency"] is True
    over = {"checks": ["review"], "reason": "The shop is down."}
    status, told = await ask(here, "PUT", "/1", "reader", override=over)
    assert (status, told["code"]) == (422, "deployment_not_approved")
    assert "Only admin may override this." in told["message"]
    assert told["phase"] == "waiting_for_review"
    status, told = await ask(here, "PUT", "/1", "admin", override=over)
    assert (status, told["phase"]) == (200, "created"), told
    assert told["confirmation"]["override"] == over
    [made] = await here.at_github()
    assert made["description"] == "Overrides review: The shop is down."


async def test_a_line_moves_on_and_a_rollback_goes_first(here: World) -> None:
    await deploy(here, "staging")
    await succeeds(here, 1)
    for _ in range(3):
        await deploy(here, "staging")
    assert [await phase(here, n) for n in (2, 3, 4)] == [
        "created",
        "waiting_in_queue",
        "waiting_in_queue",
    ]
    status, shown = await ask(here, "POST", "/1/rollback")
    assert (status, shown["phase"]) == (201, "waiting_in_queue")
    assert shown["waits_for"]["position"] == 1
    await until(lambda: position(here, 3, 2))
    await ask(here, "POST", "/4/cancel")
    await succeeds(here, 2)
    await here.phase_is(5, "created")
    await succeeds(here, 5)
    await here.phase_is(3, "created")
    assert await phase(here, 4) == "canceled"
    assert len(await here.at_github()) == 4


async def phase(here: World, number: int) -> str:
    return str((await here.deployment(number))["phase"])


async def position(here: World, number: int, wanted: int) -> bool:
    waits = (await here.deployment(number))["waits_for"]
    return bool(waits["position"] == wanted)


async def test_a_rollback_that_takes_over_waits_for_nobody(here: World) -> None:
    await deploy(here, "staging")
    await succeeds(here, 1)
    await deploy(here, "staging")
    await ask(here, "POST", "/1/rollback", take_over=True)
    await here.phase_is(2, "canceled")
    assert (await here.deployment(2))["code"] == "taken_over"
    await here.pass_time(timedelta(minutes=6))
    await here.phase_is(3, "created")


async def test_a_final_status_that_was_lost_frees_the_place(here: World) -> None:
    await deploy(here, "staging")
    await deploy(here, "staging")
    await here.phase_is(2, "waiting_in_queue")
    await here.faults(webhooks={"drop": 1.0})
    first = await here.deployment(1)
    await here.tool_says(first["uid"], "success")
    await here.pass_time(timedelta(minutes=6))
    await here.phase_is(1, "success")
    await here.phase_is(2, "created")
