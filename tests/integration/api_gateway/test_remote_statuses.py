"""Statuses that people post through Gitploy: good and bad input, late answers."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import RemoteStatusRequested
from shared.testing import until

from .conftest import World

PATH = "/api/v1/repos/octo/shop/deployments"
GOOD = {
    "status": "success",
    "description": "Done.",
    "log_url": "https://ci.example.com/1",
    "environment_url": "https://shop.example.com",
}


@pytest.fixture
async def deployed(active: World) -> World:
    """Give the test a deployment that GitHub has."""
    assert (await active.deploy()).status == 201
    return active


async def post(world: World, body: Any, headers: Any = None) -> Any:
    return await world.api.post(f"{PATH}/1/remote-statuses", json=body, headers=headers)


async def test_it_has_gitploys_members(deployed: World) -> None:
    answer = await post(deployed, GOOD)
    shown = await answer.json()
    assert answer.status == 201
    [command] = shown.pop("commands")
    assert shown == {"id": 77, **GOOD}
    assert (command["state"], command["who"]["login"]) == ("done", "gitploy")
    [told] = deployed.others.of(RemoteStatusRequested)
    assert told.data.github_deployment_id == 901
    assert told.data.state == "success"


async def test_null_is_nothing_as_it_was_to_gitploy(deployed: World) -> None:
    sent = {"status": "success", "description": None, "log_url": None}
    shown = await (await post(deployed, sent)).json()
    assert (shown["description"], shown["log_url"]) == ("", "")


async def test_a_refusal_says_why(deployed: World) -> None:
    deployed.others.posts = "refused"
    answer = await post(deployed, GOOD)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "entity_unprocessable")
    assert problem["message"] == "GitHub refuses the description."


async def test_an_answer_may_come_later_and_is_asked_for(deployed: World) -> None:
    deployed.others.posts = "nothing"
    answer = await post(deployed, {"status": "failure"}, {"Prefer": "wait=0"})
    shown = await answer.json()
    assert (answer.status, shown["id"]) == (202, 0)
    assert shown["commands"][0]["state"] == "pending"
    await until(lambda: bool(deployed.others.of(RemoteStatusRequested)))
    deployed.clock.advance(timedelta(seconds=30))
    await until(lambda: len(deployed.others.of(RemoteStatusRequested)) == 2)
    first, again = deployed.others.of(RemoteStatusRequested)
    assert (again.id, again.asked) == (first.id, True)


async def test_what_github_does_not_have_gets_no_status(active: World) -> None:
    active.others.dispatches = False
    await active.deploy(headers={"Prefer": "wait=0"})
    before = await active.recorded()
    answer = await post(active, GOOD)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "entity_unprocessable")
    assert not active.others.of(RemoteStatusRequested)
    assert before


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "status"),
        ({"status": "fine"}, "status"),
        (GOOD | {"description": "x" * 141}, "description"),
        (GOOD | {"description": "a\u0007"}, "description"),
        (GOOD | {"log_url": "javascript:alert(1)"}, "log_url"),
        (GOOD | {"environment_url": "shop.example.com"}, "environment_url"),
        (GOOD | {"log_url": f"https://{'x' * 1000}"}, "log_url"),
        ([], "body"),
    ],
)
async def test_a_bad_body_is_named_and_costs_nothing(
    deployed: World, body: Any, name: str
) -> None:
    before = await deployed.recorded()
    answer = await post(deployed, body)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert problem["message"].startswith(f"{name}: ")
    assert await deployed.recorded() == before


async def test_an_unknown_deployment_is_not_found(active: World) -> None:
    assert (await post(active, GOOD)).status == 404
