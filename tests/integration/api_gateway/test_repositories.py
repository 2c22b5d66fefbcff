"""Which repositories Gitploy knows, and which it follows."""

from datetime import timedelta
from typing import Any

import pytest

from api_gateway.domain.repository import stream_of
from shared.contracts import (
    RepositoryActivated,
    RepositoryActivationRequested,
    RepositoryChanged,
    RepositoryRenamed,
)
from shared.testing import until

from .conftest import REPO, World, serving, settings_of

PATH = "/api/v1/repos/octo/shop"


async def test_an_activation_asks_github_once_for_the_number(world: World) -> None:
    answer = await world.api.patch(PATH, json={"active": True})
    body = await answer.json()
    assert answer.status == 200
    assert (body["id"], body["active"], body["webhook_id"]) == (7, True, 11)
    assert (body["namespace"], body["name"]) == ("Octo", "shop")
    assert world.github.asked == ["octo/shop"]
    assert body == await world.get("")


async def test_a_repository_has_gitploys_members(active: World) -> None:
    body = await active.get("")
    command, edges = body.pop("command"), body.pop("edges")
    assert body == {
        "id": 7,
        "namespace": "Octo",
        "name": "shop",
        "description": "",
        "config_path": "deploy.yml",
        "active": True,
        "webhook_id": 11,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "latest_deployed_at": "0001-01-01T00:00:00Z",
        "owner_id": 0,
        "auto_deploy_problem": None,
    }
    assert command["state"] == "done"
    assert edges["owner"]["login"] == "gitploy"


async def test_an_unknown_repository_is_not_found(world: World) -> None:
    answer = await world.api.patch("/api/v1/repos/octo/nope", json={"active": True})
    body = await answer.json()
    assert (answer.status, body["code"]) == (404, "entity_not_found")
    assert await world.recorded() == 0


async def test_while_github_is_away_nothing_is_recorded(world: World) -> None:
    world.github.away = True
    answer = await world.api.patch(PATH, json={"active": True})
    body = await answer.json()
    why = "GitHub answers 502, and nothing was recorded: ask again."
    assert (answer.status, body["message"]) == (503, why)
    assert await world.recorded() == 0


async def test_a_refusal_says_why(world: World) -> None:
    world.others.activates = "refused"
    answer = await world.api.patch(PATH, json={"active": True})
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "forbidden")
    shown = await world.get("")
    assert (shown["active"], shown["command"]["state"]) == (False, "refused")


async def test_it_is_left_alone_again(active: World) -> None:
    answer = await active.api.patch(PATH, json={"active": False})
    body = await answer.json()
    assert (answer.status, body["active"], body["webhook_id"]) == (200, False, 0)
    assert active.github.asked == ["octo/shop"]
    await active.activate()


async def test_an_unanswered_command_is_asked_again_and_shown(
    tmp_path: Any, world: World
) -> None:
    world.others.activates = "none"
    answer = await world.api.patch(
        PATH, json={"active": True}, headers={"Prefer": "wait=0"}
    )
    assert answer.status == 202
    commands = world.others.of
    world.clock.advance(timedelta(seconds=30))
    await until(lambda: len(commands(RepositoryActivationRequested)) == 2)
    first, again = commands(RepositoryActivationRequested)
    assert (again.id, again.data, again.asked) == (first.id, first.data, True)
    world.clock.advance(timedelta(minutes=15))
    await until(lambda: command_is(world, "unanswered"))
    await world.others.say(
        RepositoryActivated(
            command_id=first.data.command_id, repository=REPO, webhook_id=12
        )
    )
    await until(lambda: command_is(world, "done"))
    assert (await world.get(""))["webhook_id"] == 12


async def command_is(world: World, state: str) -> bool:
    return bool((await world.get(""))["command"]["state"] == state)


async def test_the_list_shows_what_is_newest(active: World) -> None:
    for _ in range(4):
        await active.deploy()
    [repository] = await (await active.api.get("/api/v1/repos?q=SHO")).json()
    numbers = [d["number"] for d in repository["edges"]["deployments"]]
    assert numbers == [4, 3, 2]
    assert repository["latest_deployed_at"] == "2026-01-05T09:00:00Z"
    for query in ("q=other", "q=%25", "page=2"):
        assert await (await active.api.get(f"/api/v1/repos?{query}")).json() == []


async def test_what_was_known_is_known_after_a_restart(active: World) -> None:
    await active.deploy()
    shown, again = (
        await active.get("/deployments/1"),
        settings_of(active.settings.database_url.get_secret_value()),
    )
    async with serving(again, active.others.bus, active.github, active.clock) as (
        _,
        api,
    ):
        answer = await api.get(f"{PATH}/deployments/1")
        assert await answer.json() == shown


async def test_its_rules_are_read_elsewhere(active: World) -> None:
    answer = await active.api.patch(PATH, json={"config_path": "deploy/eu.yml"})
    shown = await answer.json()
    assert (answer.status, shown["config_path"]) == (200, "deploy/eu.yml")
    assert shown == await active.get("")
    assert [(e.config_path, e.active) for e in await told(active)] == [
        ("deploy.yml", True),
        ("deploy/eu.yml", True),
    ]


async def test_the_same_path_once_more_says_nothing(active: World) -> None:
    await active.api.patch(PATH, json={"config_path": "deploy/eu.yml"})
    before = await active.recorded()
    answer = await active.api.patch(PATH, json={"config_path": "deploy/eu.yml"})
    assert answer.status == 200
    assert await active.recorded() == before


async def test_it_is_followed_with_rules_elsewhere(world: World) -> None:
    body = {"active": True, "config_path": "deploy/eu.yml"}
    answer = await world.api.patch(PATH, json=body)
    shown = await answer.json()
    assert (answer.status, shown["active"]) == (200, True)
    assert shown["config_path"] == "deploy/eu.yml"
    # Whichever of the two comes first, both are told in the end.
    await until_told(world, 2)
    last = (await told(world))[-1]
    assert (last.config_path, last.active) == ("deploy/eu.yml", True)


async def test_who_has_to_know_is_told_that_it_is_left_alone(active: World) -> None:
    await active.api.patch(PATH, json={"active": False})
    await until_told(active, 2)
    assert [e.active for e in await told(active)] == [True, False]


async def test_an_unknown_repository_has_no_rules(world: World) -> None:
    answer = await world.api.patch(PATH, json={"config_path": "deploy/eu.yml"})
    assert answer.status == 404
    assert await world.recorded() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"active": None},
        {"config_path": ""},
        {"config_path": "/deploy.yml"},
        {"config_path": "deploy//eu.yml"},
        {"config_path": "../deploy.yml"},
        {"config_path": "deploy/"},
        {"config_path": "a\nb"},
        {"config_path": "x" * 256},
        {"config_path": 7},
        {"name": "a\nb"},
    ],
)
async def test_a_bad_change_is_answered_and_costs_nothing(
    active: World, body: dict[str, Any]
) -> None:
    before = await active.recorded()
    answer = await active.api.patch(PATH, json=body)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert await active.recorded() == before


async def told(world: World) -> list[RepositoryChanged]:
    """What the other services were told of the repository."""
    messages = await world.service.store.read(stream_of(REPO.id))
    facts = [row.message.data for row in messages]
    return [fact for fact in facts if isinstance(fact, RepositoryChanged)]


async def until_told(world: World, times: int) -> None:
    async def reached() -> bool:
        return len(await told(world)) == times

    await until(reached)


async def test_a_repository_is_found_by_its_new_name(active: World) -> None:
    await active.deploy()
    active.clock.advance(timedelta(minutes=1))
    new = REPO.model_copy(update={"full_name": "Octo/store"})
    await active.others.say(
        RepositoryRenamed(
            repository=new, previous_name=REPO.full_name, seen_at=active.clock()
        )
    )
    path = "/api/v1/repos/octo/store"

    async def found() -> bool:
        return (await active.api.get(path)).status == 200

    await until(found)
    assert (await active.api.get(PATH)).status == 404
    answer = await active.api.post(
        f"{path}/deployments",
        json={"type": "branch", "ref": "main", "env": "production"},
    )
    shown = await answer.json()
    assert (answer.status, shown["number"]) == (201, 2)
    assert (await active.api.get(f"{path}/deployments/1")).status == 200


async def test_its_own_name_changes_nothing_and_another_is_githubs(
    active: World,
) -> None:
    path = "/api/v1/repos/octo/shop"
    answer = await active.api.patch(path, json={"name": "SHOP"})
    assert answer.status == 200, await answer.text()
    answer = await active.api.patch(path, json={"name": "store", "active": False})
    told = await answer.json()
    assert (answer.status, told["code"]) == (422, "entity_unprocessable")
    assert told["message"] == (
        "shop is called store when it is renamed at GitHub, by itself."
    )
    assert (await active.get(""))["active"] is True
