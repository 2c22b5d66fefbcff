"""GitHub is away for an hour of virtual time while deployments run.

A deadline ends one that GitHub has accepted only after GitHub itself has answered that
there is no news.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from .world import World, world

HOUR = timedelta(hours=1)
AWAY = {"unavailable": True}
THERE = {"unavailable": False}


async def test_news_that_was_lost_in_the_outage_is_found_and_nothing_is_canceled(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = (await here.deploy())["number"]
        (deployment,) = await here.at_github()
        await here.faults(webhooks={"drop": 1.0})
        await here.tool_says(deployment["id"], "success")
        await here.faults(answers=AWAY)
        await here.pass_time(HOUR)
        assert (await here.deployment(number))["phase"] == "created"
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=12))
        await here.phase_is(number, "success")
        assert "CancelRequested" not in await here.events(number)


async def test_silence_is_ended_only_after_github_said_that_there_is_no_news(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = (await here.deploy())["number"]
        await here.faults(answers=AWAY)
        await here.pass_time(HOUR)
        assert (await here.deployment(number))["phase"] == "created"
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=12))
        await here.phase_is(number, "canceled")
        assert (await here.deployment(number))["code"] == "no_tooling_answered"
        await was_asked_about_before_it_was_stopped(here, number)


@pytest.mark.parametrize(
    ("state", "phase"), [("queued", "queued"), ("in_progress", "running")]
)
async def test_a_tool_that_falls_silent_is_given_up_only_after_github_said_so(
    state: str, phase: str, tmp_path: Path
) -> None:
    async with world(tmp_path) as here:
        number = (await here.deploy())["number"]
        (deployment,) = await here.at_github()
        await here.tool_says(deployment["id"], state)
        await here.phase_is(number, phase)
        await here.pass_time(HOUR / 2)
        await here.faults(answers=AWAY)
        await here.pass_time(HOUR)
        assert (await here.deployment(number))["phase"] == phase
        events = await here.events(number)
        assert "SyncRequested" in events
        assert "CancelRequested" not in events
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=12))
        await here.phase_is(number, "canceled")
        assert (await here.deployment(number))["code"] == "tooling_silent"
        await was_asked_about_before_it_was_stopped(here, number)


async def test_a_tool_that_worked_through_the_outage_is_not_stopped(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = (await here.deploy())["number"]
        (deployment,) = await here.at_github()
        await here.tool_says(deployment["id"], "in_progress")
        await here.phase_is(number, "running")
        await here.faults(webhooks={"drop": 1.0})
        await here.tool_says(deployment["id"], "success")
        await here.faults(answers=AWAY)
        await here.pass_time(HOUR + HOUR / 2)
        assert (await here.deployment(number))["phase"] == "running"
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=12))
        await here.phase_is(number, "success")
        assert "CancelRequested" not in await here.events(number)


async def was_asked_about_before_it_was_stopped(here: World, number: int) -> None:
    events = await here.events(number)
    assert events.index("DeploymentSynced") < events.index("CancelRequested")
    (deployment,) = await here.at_github()
    path = f"/repos/octo/shop/deployments/{deployment['id']}/statuses"
    async with here.github.get(path) as answer:
        states = [status["state"] for status in await answer.json()]
    assert states.count("error") == 1
    assert states[0] == "error"


async def test_the_place_is_free_again_after_the_grace(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.deploy()
        await here.pass_time(timedelta(minutes=45))
        await here.phase_is(1, "canceled")
        assert (await here.deploy())["number"] == 2


async def test_what_is_asked_for_meanwhile_is_recorded_and_goes_out_in_time(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        await here.faults(answers=AWAY)
        asked = await here.ask_to_deploy()
        await here.pass_time(timedelta(minutes=5))
        assert (await here.deployment(asked["number"]))["phase"] == "requested"
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=10))
        assert len(await here.at_github()) == 1
        assert "GitHubDeploymentCreated" in await here.events(asked["number"])


async def test_what_ended_meanwhile_does_not_go_out_when_github_is_back(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        await here.faults(answers=AWAY)
        number = (await here.ask_to_deploy())["number"]
        await here.pass_time(HOUR / 2)
        ended = await here.deployment(number)
        assert (ended["phase"], ended["code"]) == (
            "canceled",
            "verification_unavailable",
        )
        await here.faults(answers=THERE)
        await here.pass_time(HOUR)
        assert await here.at_github() == []
        assert (await here.deployment(number))["phase"] == "canceled"
        # The place is free.
        assert (await here.deploy())["number"] == number + 1


async def test_what_would_become_of_a_deployment_nobody_can_tell(
    tmp_path: Path,
) -> None:
    path = "/api/v1/repos/octo/shop/environments/production/preflight"
    asked = {"type": "branch", "ref": "main"}
    async with world(tmp_path) as here:
        await here.faults(answers=AWAY)
        async with here.api.get(path, params=asked) as answer:
            problem = await answer.json()
            assert (answer.status, problem["code"]) == (503, "internal_error")
            assert "GitHub" in problem["message"]
            assert int(answer.headers["Retry-After"]) > 0
        await here.faults(answers=THERE)
        async with here.api.get(path, params=asked) as answer:
            assert (await answer.json())["would"] == "deploy"
