"""GitHub is away for an hour of virtual time while deployments run.

A deadline ends one that GitHub has accepted only after GitHub itself has answered that
there is no news.
"""

from datetime import timedelta
from pathlib import Path

from .world import world

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
        (deployment,) = await here.at_github()
        await here.faults(answers=AWAY)
        await here.pass_time(HOUR)
        assert (await here.deployment(number))["phase"] == "created"
        await here.faults(answers=THERE)
        await here.pass_time(timedelta(minutes=12))
        await here.phase_is(number, "canceled")
        events = await here.events(number)
        assert events.index("DeploymentSynced") < events.index("CancelRequested")
        assert (await here.deployment(number))["code"] == "no_tooling_answered"
        path = f"/repos/octo/shop/deployments/{deployment['id']}/statuses"
        async with here.github.get(path) as answer:
            assert [s["state"] for s in await answer.json()] == ["error"]


async def test_the_place_is_free_again_after_the_grace(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.deploy()
        await here.pass_time(timedelta(minutes=45))
        await here.phase_is(1, "canceled")
        assert (await here.deploy())["number"] == 2
