"""Locks, holds, preflights and others' deployments, through the four services."""

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
    auto_deploy_on: refs/heads/main
"""
TOKENS = [
    {"token": f"token-of-{login}", "id": stable_number(login), "login": login}
    for login in SAMPLE_PEOPLE
]
MAIN = {"type": "branch", "ref": "main", "env": "production"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """Give the test a repository with one environment, and people with tokens."""
    async with world(tmp_path, CONFIG, api_tokens=TOKENS) as here:
        yield here


async def ask(
    here: World, method: str, path: str, who: str = "deployer", sent: Any = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer token-of-{who}"}
    url = f"/api/v1/repos/{REPOSITORY}{path}"
    async with here.api.request(method, url, json=sent, headers=headers) as answer:
        return answer.status, await answer.json()


async def lock(here: World, who: str = "admin", **more: Any) -> Any:
    sent = {"env": "production", "reason": "Migration", **more}
    status, shown = await ask(here, "POST", "/locks", who, sent)
    assert (status, shown["state"]) == (201, "locked"), shown
    return shown


async def preflight(here: World, who: str = "deployer") -> Any:
    path = "/environments/production/preflight?type=branch&ref=main"
    status, told = await ask(here, "GET", path, who)
    assert status == 200, told
    return told


async def deploys(here: World, number: int, who: str = "deployer") -> None:
    status, shown = await ask(here, "POST", "/deployments", who, MAIN)
    assert (status, shown["number"]) == (201, number), shown
    await here.tool_says(shown["uid"], "success")
    await here.phase_is(number, "success")


async def environment(here: World) -> Any:
    return (await ask(here, "GET", "/environments/production"))[1]


async def test_a_lock_keeps_others_out_until_its_end(here: World) -> None:
    shown = await lock(here)
    status, problem = await ask(here, "POST", "/deployments", sent=MAIN)
    assert (status, problem["code"]) == (422, "deployment_locked")
    assert (await preflight(here))["would"] == "refuse"
    assert (await preflight(here, "admin"))["would"] == "deploy"
    await deploys(here, 2, who="admin")
    status, problem = await ask(here, "POST", "/locks", sent={"env": "Production"})
    assert (status, problem["code"]) == (422, "lock_already_exist")
    assert await ask(here, "DELETE", f"/locks/{shown['id']}") == (200, None)
    await deploys(here, 3)


async def test_a_lock_is_changed_and_taken_over(here: World) -> None:
    shown = await lock(here)
    one = f"/locks/{shown['id']}"
    status, changed = await ask(here, "PATCH", one, "admin", {"reason": "Longer"})
    assert (status, changed["reason"]) == (200, "Longer")
    status, mine = await ask(here, "POST", f"{one}/take-over", sent={})
    assert (status, mine["state"]) == (201, "locked")
    assert (await environment(here))["lock"]["id"] == mine["id"]
    _, past = await ask(here, "GET", "/locks?history")
    assert [(p["id"], p["state"]) for p in past] == [
        (mine["id"], "locked"),
        (shown["id"], "unlocked"),
    ]


async def test_a_locks_time_ends_it(here: World) -> None:
    end = here.clock.now + timedelta(minutes=10)
    await lock(here, expired_at=end.isoformat())
    await here.pass_time(timedelta(minutes=10))

    async def ended() -> bool:
        return bool((await ask(here, "GET", "/locks"))[1] == [])

    await until(ended)
    _, [past] = await ask(here, "GET", "/locks?history")
    assert past["ended"]["cause"] == "expired"
    await deploys(here, 1)


async def test_nobody_locks_what_the_rules_do_not_define(here: World) -> None:
    status, problem = await ask(here, "POST", "/locks", sent={"env": "producton"})
    assert (status, problem["code"]) == (422, "config_undefined_env")


async def test_after_a_rollback_pushes_are_held_until_somebody_resumes(
    here: World,
) -> None:
    await deploys(here, 1)
    status, shown = await ask(here, "POST", "/deployments/1/rollback", sent={})
    assert (status, shown["number"]) == (201, 2), shown

    async def held() -> bool:
        return bool((await environment(here))["hold"])

    await until(held)
    status, after = await ask(here, "POST", "/environments/production/resume")
    assert (status, after["hold"]) == (200, None)
    status, problem = await ask(here, "POST", "/environments/production/resume")
    assert (status, problem["code"]) == (422, "entity_unprocessable")


async def test_who_waits_in_line_is_shown(here: World) -> None:
    status, first = await ask(here, "POST", "/deployments", sent=MAIN)
    assert status == 201
    assert (await preflight(here))["would"] == "queue"
    status, second = await ask(here, "POST", "/deployments", sent=MAIN)
    assert (status, second["phase"]) == (201, "waiting_in_queue")
    shown = await environment(here)
    assert [d["number"] for d in shown["running"]] == [1]
    assert [(e["number"], e["position"]) for e in shown["queue"]] == [(2, 1)]
    await here.tool_says(first["uid"], "success")
    await here.phase_is(2, "created")
    assert (await environment(here))["queue"] == []


async def test_a_status_goes_to_github_and_comes_back(here: World) -> None:
    await ask(here, "POST", "/deployments", sent=MAIN)
    status, shown = await ask(
        here,
        "POST",
        "/deployments/1/remote-statuses",
        sent={"status": "success", "description": "By hand."},
    )
    assert (status, shown["status"]) == (201, "success"), shown
    await here.phase_is(1, "success")
    [told] = (await here.deployment(1))["edges"]["deployment_statuses"]
    assert (told["github_status_id"], told["description"]) == (shown["id"], "By hand.")


async def test_what_others_deploy_stands_in_the_history(here: World) -> None:
    body = {"ref": "main", "environment": "production", "required_contexts": []}
    path = f"/repos/{REPOSITORY}/deployments"
    async with here.github.post(path, json=body) as answer:
        assert answer.status == 201, await answer.text()
        theirs = await answer.json()

    async def listed() -> bool:
        _, shown = await ask(here, "GET", "/deployments")
        return [(d["uid"], d["foreign"]) for d in shown] == [(theirs["id"], True)]

    await until(listed)
    await here.tool_says(theirs["id"], "success")

    async def live() -> bool:
        shown = await environment(here)
        return bool(shown["live"] and shown["live"]["uid"] == theirs["id"])

    await until(live)


async def test_the_rules_are_shown(here: World) -> None:
    status, shown = await ask(here, "GET", "/config")
    assert (status, [env["name"] for env in shown["envs"]]) == (200, ["production"])
