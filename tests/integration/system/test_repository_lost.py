"""A repository that is deleted, hidden or renamed while something runs in it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.testing import until

from .world import REPOSITORY, World, world

HOUR = timedelta(hours=1)


async def running(here: World) -> int:
    """Deploy, and let the tool begin."""
    number = int((await here.deploy())["number"])
    (deployment,) = await here.at_github()
    await here.tool_says(deployment["id"], "in_progress")
    await here.phase_is(number, "running")
    return number


async def change(here: World, method: str, body: Any = None) -> None:
    path = f"/repos/{REPOSITORY}"
    async with here.github.request(method, path, json=body) as answer:
        assert answer.status < 300, await answer.text()


async def test_what_runs_in_a_repository_that_is_deleted_ends_with_that_reason(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = await running(here)
        await change(here, "DELETE")
        await here.pass_time(2 * HOUR)
        ended = await here.deployment(number)
        assert (ended["phase"], ended["code"]) == ("canceled", "repository_gone")


async def test_a_repository_that_is_hidden_for_a_while_loses_nothing(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = await running(here)
        await here.faults(answers={"hide_repository": True})
        # The tool is silent, so GitHub is asked after an hour.
        await here.pass_time(timedelta(minutes=80))
        assert (await here.deployment(number))["phase"] == "running"
        await here.faults(answers={"hide_repository": False})
        (deployment,) = await here.at_github()
        await here.tool_says(deployment["id"], "success")
        await here.phase_is(number, "success")


async def test_what_runs_in_a_repository_that_is_renamed_goes_on_under_its_new_name(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as here:
        number = await running(here)
        (deployment,) = await here.at_github()
        await change(here, "PATCH", {"name": "market"})
        await here.tool_says(deployment["id"], "success")
        path = f"/api/v1/repos/octo/market/deployments/{number}"

        async def succeeded() -> bool:
            async with here.api.get(path) as answer:
                shown = await answer.json()
                return answer.status == 200 and shown["phase"] == "success"

        await until(succeeded)
