"""Environments over HTTP: what is live, who works, waits, and keeps others out."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import (
    AutoDeployResumed,
    AutoDeployResumeRequested,
    DeployRequested,
    Person,
    QueueMoved,
    StatusUpdated,
)
from shared.testing import until

from .conftest import REPO, World, status
from .environments import held
from .waiting import queued

PATH = "/api/v1/repos/octo/shop/environments"
NOW = {"Prefer": "wait=0"}


async def deployed(world: World, state: str = "success", **body: Any) -> Any:
    """A deployment that the tool has told of."""
    made = await (await world.deploy(**body)).json()
    await world.others.say(status(made["uuid"], made["number"], state))
    phase = {"in_progress": "running"}.get(state, state)
    return await world.until_phase(made["number"], phase)


def heard(world: World, requests: int) -> bool:
    return len(world.others.of(DeployRequested)) == requests


async def environment(world: World, name: str = "production") -> Any:
    return await world.get(f"/environments/{name}")


async def until_hold(world: World, number: int | None) -> Any:
    async def reached() -> bool:
        hold = (await environment(world))["hold"]
        return bool((hold and hold["number"]) == number)

    await until(reached)
    return (await environment(world))["hold"]


async def test_an_environment_says_how_it_stands(active: World) -> None:
    live = await deployed(active)
    running = await deployed(active, "in_progress")
    lock = await (
        await active.api.post(
            "/api/v1/repos/octo/shop/locks", json={"env": "production"}
        )
    ).json()
    live["edges"].pop("deployment_statuses")
    running["edges"].pop("deployment_statuses")
    assert await environment(active) == {
        "name": "production",
        "live": live,
        "running": [running],
        "lock": lock,
        "queue": [],
        "hold": None,
        # There is no deploy.yml, so nothing is known of the rules.
        "defined": None,
        "production_environment": None,
        "frozen_until": None,
    }


async def test_all_are_listed_by_their_names(active: World) -> None:
    await deployed(active, env="staging")
    await deployed(active, env="production")
    await active.api.post("/api/v1/repos/octo/shop/locks", json={"env": "dark"})
    listed = await active.get("/environments")
    assert [e["name"] for e in listed] == ["dark", "production", "staging"]
    assert listed[1] == await environment(active)
    assert listed[0]["live"] is None


async def test_one_case_or_another_is_one_environment(active: World) -> None:
    await deployed(active, env="production")
    await deployed(active, env="Production")
    await active.api.post("/api/v1/repos/octo/shop/locks", json={"env": "PRODUCTION"})
    [shown] = await active.get("/environments")
    assert shown["name"] == "Production"
    assert shown["live"]["number"] == 2
    assert shown["lock"]["env"] == "PRODUCTION"
    assert await environment(active, "pRODUCTION") == shown
    listed = await active.get("/deployments?env=PRODUCTION")
    assert [d["number"] for d in listed] == [2, 1]


async def test_a_late_success_counts_by_githubs_time(active: World) -> None:
    first = await (await active.deploy()).json()
    second = await deployed(active)
    assert (await environment(active))["live"]["number"] == second["number"]
    late = status(first["uuid"], 99, "success")
    later = {**late.model_dump(), "created_at": "2026-01-05T10:00:00Z"}
    await active.others.say(StatusUpdated.model_validate(later))
    await active.until_phase(first["number"], "success")
    assert (await environment(active))["live"]["number"] == first["number"]


async def test_one_that_was_only_asked_for_is_unknown(active: World) -> None:
    active.others.verdict = "rejected"
    await active.deploy(env="nonsense")
    assert await active.get("/environments") == []
    answer = await active.api.get(f"{PATH}/nonsense")
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (404, "entity_not_found")
    assert "nonsense" in problem["message"]


async def test_an_ended_lock_alone_makes_no_environment(active: World) -> None:
    locks = "/api/v1/repos/octo/shop/locks"
    lock = await (await active.api.post(locks, json={"env": "dark"})).json()
    await active.api.delete(f"{locks}/{lock['id']}")
    assert await active.get("/environments") == []


async def test_who_waits_in_line_is_listed_in_order(active: World) -> None:
    holder = await deployed(active, "in_progress")
    active.others.verdict = "none"
    for position in (1, 2):
        assert (await active.deploy(headers=NOW)).status == 202
        await until(partial(heard, active, position + 1))
        request = active.others.of(DeployRequested)[-1].data
        await active.others.say(queued(request, holder["uuid"], position))
        await active.until_phase(request.number, "waiting_in_queue")
    queue = await active.get("/environments/production/queue")
    assert [(e["number"], e["position"]) for e in queue] == [(2, 1), (3, 2)]
    assert queue[0]["since"] == "2026-01-05T09:00:00Z"
    assert queue[0]["until"] is None
    for message, position in zip(
        active.others.of(DeployRequested)[-2:], (2, 1), strict=True
    ):
        moved = QueueMoved(deployment_id=message.data.deployment_id, position=position)
        await active.others.say(moved)

    async def turned() -> bool:
        now = await active.get("/environments/production/queue")
        return [e["number"] for e in now] == [3, 2]

    await until(turned)
    assert [d["number"] for d in (await environment(active))["running"]] == [1]


async def test_a_rollback_holds_pushes_until_somebody_resumes(active: World) -> None:
    made = await deployed(active)
    await active.others.say(held(made["uuid"], made["number"]))
    hold = await until_hold(active, 1)
    assert hold == {
        "env": "production",
        "number": 1,
        "uuid": made["uuid"],
        "who": {"id": 42, "login": "ann"},
        "since": "2026-01-05T09:00:00Z",
        "commands": [],
    }
    answer = await active.api.post(f"{PATH}/production/resume")
    assert answer.status == 200
    assert (await answer.json())["hold"] is None
    assert await environment(active) == await answer.json()
    [command] = active.others.of(AutoDeployResumeRequested)
    assert command.data.rollback_id == UUID(made["uuid"])


async def test_a_hold_that_a_deployment_ended_is_over(active: World) -> None:
    made = await deployed(active)
    await active.others.say(held(made["uuid"], made["number"]))
    await until_hold(active, 1)
    await active.others.say(
        AutoDeployResumed(
            repository=REPO,
            environment="production",
            rollback_id=UUID(made["uuid"]),
            command_id=None,
            who=Person(id=42, login="ann"),
        )
    )
    await until_hold(active, None)


async def test_of_two_rollbacks_the_one_that_went_out_last_counts(
    active: World,
) -> None:
    one, two = await deployed(active), await deployed(active)
    await active.others.say(held(two["uuid"], 2))
    await until_hold(active, 2)
    active.clock.advance(timedelta(seconds=1))
    await active.others.say(held(one["uuid"], 1))
    await until_hold(active, 1)
    answer = await active.api.post(f"{PATH}/production/resume")
    assert (await answer.json())["hold"] is None


async def test_without_a_hold_there_is_nothing_to_resume(active: World) -> None:
    await deployed(active)
    before = await active.recorded()
    answer = await active.api.post(f"{PATH}/production/resume")
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "entity_unprocessable")
    assert await active.recorded() == before


async def test_a_resumption_is_asked_again_until_it_is_answered(active: World) -> None:
    made = await deployed(active)
    await active.others.say(held(made["uuid"], made["number"]))
    await until_hold(active, 1)
    active.others.locking.awake = False
    answer = await active.api.post(f"{PATH}/production/resume", headers=NOW)
    shown = await answer.json()
    assert answer.status == 202
    assert shown["hold"]["commands"][0]["state"] == "pending"
    await until(lambda: bool(active.others.of(AutoDeployResumeRequested)))
    active.others.locking.awake = True
    active.clock.advance(timedelta(seconds=30))
    await until_hold(active, None)
    first, again = active.others.of(AutoDeployResumeRequested)
    assert (again.id, again.asked) == (first.id, True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{PATH}/%00", 400),
        ("GET", f"{PATH}/{'x' * 256}", 400),
        ("GET", f"{PATH}/nope/queue", 404),
        ("POST", f"{PATH}/nope/resume", 404),
        ("GET", "/api/v1/repos/octo/nope/environments", 404),
        ("GET", "/api/v1/repos/octo/nope/environments/production", 404),
        ("POST", "/api/v1/repos/octo/nope/environments/production/resume", 404),
    ],
)
async def test_a_bad_path_is_answered(
    active: World, method: str, path: str, status: int
) -> None:
    before = await active.recorded()
    assert (await active.api.request(method, path)).status == status
    assert await active.recorded() == before


async def test_a_name_with_a_slash_is_a_name(active: World) -> None:
    await deployed(active, env="eu/production")
    shown = await active.get("/environments/eu%2Fproduction")
    assert shown["name"] == "eu/production"


RULES = """
envs:
  - name: production
    production_environment: true
    frozen_windows: [{start: "0 9 * * *", duration: 2h}]
  - name: qa
"""


async def test_those_of_the_rules_are_listed_before_anybody_deploys(
    active: World,
) -> None:
    active.github.write(RULES)
    await deployed(active, env="old")
    await deployed(active, env="Production")
    listed = await active.get("/environments")
    assert [(e["name"], e["defined"]) for e in listed] == [
        ("Production", True),
        ("old", False),
        ("qa", True),
    ]
    assert [e["production_environment"] for e in listed] == [True, None, False]
    assert listed[2]["live"] is None
    assert await environment(active, "QA") == listed[2]


async def test_a_freeze_says_until_when(active: World) -> None:
    active.github.write(RULES)
    shown = await environment(active)
    assert shown["frozen_until"] == "2026-01-05T11:00:00Z"
    active.clock.advance(timedelta(hours=2))
    assert (await environment(active))["frozen_until"] is None


async def test_the_rules_hold_while_github_is_away(active: World) -> None:
    active.github.write(RULES)
    assert (await environment(active, "qa"))["defined"] is True
    active.github.away = True
    active.clock.advance(timedelta(hours=3))
    assert (await environment(active, "qa"))["defined"] is True
    active.clock.advance(timedelta(hours=2))
    assert (await active.api.get(f"{PATH}/qa")).status == 404
    await deployed(active)
    assert (await environment(active))["defined"] is None


async def test_rules_that_are_gone_are_shown_no_more(active: World) -> None:
    active.github.write(RULES)
    assert len(await active.get("/environments")) == 2
    active.github.write("envs: {")
    active.clock.advance(timedelta(minutes=1))
    assert await active.get("/environments") == []
