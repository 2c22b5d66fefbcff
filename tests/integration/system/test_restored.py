"""The database of one service is restored from an hour ago; the others are ahead.

The broker has kept what it had, which is nothing any more. What an operator does then
is in docs/operations.md: the other services say again what they have said since.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import DISPATCHER, GATEWAY, SERVICES, STATUS_SYNC, VERIFIER
from shared.store import Outbox
from shared.testing import until

from .world import World, world

MINUTE = timedelta(minutes=1)
PATH = "/api/v1/repos/octo/shop"


async def deploy(here: World) -> tuple[int, int]:
    """Our number and GitHub's id of one that runs."""
    number = int((await here.deploy())["number"])
    at_github = int((await here.at_github())[0]["id"])
    await here.tool_says(at_github, "in_progress")
    await here.phase_is(number, "running")
    return number, at_github


async def deploy_and_succeed(here: World) -> tuple[int, int]:
    number, at_github = await deploy(here)
    await here.tool_says(at_github, "success")
    await here.phase_is(number, "success")
    return number, at_github


@asynccontextmanager
async def an_hour_later(directory: Path) -> AsyncIterator[tuple[World, datetime]]:
    """A backup, and after it #2, which succeeded, and #3, which runs."""
    async with world(directory) as here:
        await deploy_and_succeed(here)
        await here.pass_time(MINUTE)
        await here.stop()
        shutil.copytree(directory / "data", directory / "backup")
        backed_up = here.clock.now
        await here.start()
        await here.pass_time(20 * MINUTE)
        assert (await deploy_and_succeed(here))[0] == 2
        await here.pass_time(20 * MINUTE)
        assert (await deploy(here))[0] == 3
        await here.pass_time(20 * MINUTE)
        yield here, backed_up


async def restore(here: World, directory: Path, service: str) -> None:
    await here.stop()
    for file in (directory / "data").glob(f"{service}*"):
        file.unlink()
    for file in (directory / "backup").glob(f"{service}*"):
        shutil.copy(file, directory / "data")
    await here.start()


async def say_again(here: World, restored: str, since: datetime) -> None:
    """As the operator does with `gitploy relay rewind`."""
    for name, service in zip(SERVICES, here.services, strict=True):
        if name != restored:
            await Outbox(service.store).rewind(since)
    await here.pass_time(MINUTE)


async def statuses(here: World) -> list[list[str]]:
    """What stands at each deployment at GitHub, the oldest first."""
    told = []
    for deployment in reversed(await here.at_github()):
        path = f"/repos/octo/shop/deployments/{deployment['id']}/statuses"
        async with here.github.get(path) as answer:
            told.append([status["state"] for status in await answer.json()])
    return told


async def post(here: World, path: str, body: Any) -> int:
    async with here.api.post(f"{PATH}{path}", json=body) as answer:
        return answer.status


FORMER = ["inactive", "success", "in_progress"]


@pytest.mark.parametrize("service", [VERIFIER, DISPATCHER, STATUS_SYNC])
async def test_what_runs_goes_on_and_nothing_is_done_twice(
    tmp_path: Path, service: str
) -> None:
    async with an_hour_later(tmp_path) as (here, backed_up):
        await restore(here, tmp_path, service)
        await say_again(here, service, backed_up)
        assert (await here.deployment(3))["phase"] == "running"
        await here.tool_says((await here.at_github())[0]["id"], "success")
        await here.phase_is(3, "success")
        await here.pass_time(MINUTE)
        assert (await deploy_and_succeed(here))[0] == 4
        await here.pass_time(MINUTE)
        assert await statuses(here) == [FORMER] * 3 + [FORMER[1:]]
        assert await here.bus.dead_letters() == []


async def test_what_a_restored_dispatcher_was_told_of_again_can_be_canceled(
    tmp_path: Path,
) -> None:
    async with an_hour_later(tmp_path) as (here, backed_up):
        await restore(here, tmp_path, DISPATCHER)
        await say_again(here, DISPATCHER, backed_up)
        assert await post(here, "/deployments/3/cancel", {"reason": "hangs"}) == 200
        await here.phase_is(3, "canceled")
        assert (await statuses(here))[-1] == ["error", "in_progress"]


async def test_news_that_a_restored_status_sync_takes_for_anothers_are_found(
    tmp_path: Path,
) -> None:
    # Nobody has done anything about it: it only takes longer.
    async with an_hour_later(tmp_path) as (here, _):
        await restore(here, tmp_path, STATUS_SYNC)
        await here.tool_says((await here.at_github())[0]["id"], "success")
        await here.pass_time(65 * MINUTE)
        await here.phase_is(3, "success")
        assert (await deploy_and_succeed(here))[0] == 4
        assert await statuses(here) == [FORMER] * 3 + [FORMER[1:]]


async def test_what_a_restored_gateway_has_forgotten_keeps_number_and_place(
    tmp_path: Path,
) -> None:
    async with an_hour_later(tmp_path) as (here, backed_up):
        await restore(here, tmp_path, GATEWAY)
        await say_again(here, GATEWAY, backed_up)
        body = {"type": "branch", "ref": "main", "env": "production"}
        assert await post(here, "/deployments", body) == 422
        refused = await here.deployment(4)
        assert "#3 (main, gitploy) has been running" in refused["message"]
        # Its tool ends it, or an operator does, at GitHub.
        await here.tool_says((await here.at_github())[0]["id"], "failure")
        await until(partial(is_free, here))
        assert (await deploy_and_succeed(here))[0] == 5
        failed = ["failure", "in_progress"]
        assert await statuses(here) == [FORMER, FORMER, failed, FORMER[1:]]


async def is_free(here: World) -> bool:
    """Whether a deployment would go out."""
    path = f"{PATH}/environments/production/preflight"
    asked = {"type": "branch", "ref": "main"}
    async with here.api.get(path, params=asked) as answer:
        return bool((await answer.json())["would"] == "deploy")
