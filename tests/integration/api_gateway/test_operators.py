"""Operators' exits, and what ends because nobody follows it, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import (
    CancelRequested,
    DeploymentSynced,
    GitHubDeploymentCanceled,
    RepositoryDeactivationRequested,
    RepositoryGone,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import until

from .conftest import REPO as REPOSITORY
from .conftest import World, status
from .waiting import ANN, as_

REPO = "/api/v1/repos/octo/shop"


async def test_github_is_asked_on_request(active: World) -> None:
    shown = await (await active.deploy()).json()
    answer = await active.post(
        "/deployments/1/sync", {"reason": "A webhook was lost."}, Prefer="wait=0"
    )
    assert answer.status == 202
    await until(lambda: len(active.others.of(SyncRequested)) == 1)
    sync = active.others.of(SyncRequested)[0].data
    assert (sync.who.login, sync.reason) == ("gitploy", "A webhook was lost.")
    assert (await answer.json())["sync"] == {
        "id": str(sync.sync_id),
        "at": "2026-01-05T09:00:00Z",
        "answered": False,
    }
    await active.others.say(
        DeploymentSynced(
            deployment_id=shown["uuid"],
            sync_id=sync.sync_id,
            github_deployment_id=901,
        )
    )
    await until(lambda: synced(active))


async def test_who_had_github_asked_is_in_the_audit_and_why(active: World) -> None:
    await active.deploy()
    sent = {"reason": "A webhook was lost."}
    await active.post("/deployments/1/sync", sent, Prefer="wait=0")
    [told] = await (await active.api.get("/api/v1/audit?action=sync")).json()
    assert (told["who"], told["subject"]) == ("gitploy", "#1 to production")
    assert told["details"] == sent
    [asked] = [
        each
        for each in await active.get("/deployments/1/events")
        if each["type"] == "io.gitploy.SyncRequested.v1"
    ]
    assert (asked["who"]["login"], asked["data"]["reason"]) == (
        "gitploy",
        "A webhook was lost.",
    )


async def synced(world: World) -> bool:
    return bool((await world.get("/deployments/1"))["sync"]["answered"])


async def test_what_github_does_not_have_is_not_asked_for(active: World) -> None:
    await active.unanswered()
    before = await active.recorded()
    answer = await active.post("/deployments/1/sync")
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_status_invalid")
    assert await active.recorded() == before


async def test_an_operator_gives_a_place_back(active: World) -> None:
    shown = await (await active.deploy()).json()
    await active.deploy(env="staging")
    answer = await active.post(
        "/environments/production/release", {"reason": "The tool is gone."}
    )
    body = await answer.json()
    assert (answer.status, body) == (
        200,
        {"released": [{"number": 1, "uuid": shown["uuid"]}]},
    )
    await until(lambda: len(active.others.of(SlotReleaseRequested)) == 1)
    [told] = active.others.of(SlotReleaseRequested)
    assert (told.data.cause, told.data.reason) == ("operator", "The tool is gone.")
    assert told.data.who.login == "gitploy"
    events = await active.get("/deployments/1/events")
    assert events[-1]["who"] == {"id": 0, "login": "gitploy"}


async def test_where_nothing_runs_nothing_is_released(active: World) -> None:
    shown = await (await active.deploy()).json()
    await active.others.say(status(shown["uuid"], 1, "success"))
    await active.until_phase(1, "success")
    before = await active.recorded()
    answer = await active.post("/environments/production/release", {"reason": "r"})
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "entity_unprocessable")
    assert await active.recorded() == before


async def test_only_operators_release(active: World) -> None:
    await active.deploy()
    before = await active.recorded()
    answer = await active.post(
        "/environments/production/release", {"reason": "r"}, **as_(ANN)
    )
    body = await answer.json()
    assert (answer.status, body["code"]) == (403, "permission_required")
    assert "ann" in body["message"]
    assert await active.recorded() == before


@pytest.mark.parametrize("sent", [{}, {"reason": ""}, {"reason": "\n"}, {"reason": 5}])
async def test_a_release_says_why(active: World, sent: dict[str, Any]) -> None:
    await active.deploy()
    before = await active.recorded()
    answer = await active.post("/environments/production/release", sent)
    body = await answer.json()
    assert (answer.status, body["code"]) == (400, "parameter_invalid")
    assert "reason" in body["message"]
    assert await active.recorded() == before


async def test_who_has_a_token_is_who_it_names(active: World) -> None:
    answer = await active.api.get("/api/v1/user", headers=as_(ANN))
    body = await answer.json()
    assert (body["id"], body["login"], body["admin"]) == (42, "ann", False)


async def test_what_runs_ends_with_its_repository(active: World) -> None:
    await active.deploy()
    active.clock.advance(timedelta(minutes=1))
    await active.others.say(
        RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=active.clock())
    )
    shown = await active.until_phase(1, "canceled")
    assert shown["code"] == "repository_gone"
    assert "Octo/shop is deleted" in shown["message"]
    [cancel] = active.others.of(CancelRequested)
    assert (cancel.data.by, cancel.data.who) == ("repository", None)
    answer = await active.deploy()
    assert (answer.status, (await answer.json())["code"]) == (
        422,
        "entity_unprocessable",
    )


async def test_what_runs_ends_when_nobody_follows_it_any_more(active: World) -> None:
    shown = await (await active.deploy()).json()
    await active.others.say(status(shown["uuid"], 1, "in_progress"))
    await active.until_phase(1, "running")
    await active.api.patch(REPO, json={"active": False})
    shown = await active.until_phase(1, "canceled")
    assert shown["code"] == "repository_inactive"
    assert len(active.others.of(RepositoryDeactivationRequested)) == 1
    assert len(active.others.of(CancelRequested)) == 1


async def test_a_final_status_that_a_cancel_found_is_asked_for(active: World) -> None:
    active.others.cancels = False
    shown = await (await active.deploy()).json()
    await active.post("/deployments/1/cancel", Prefer="wait=0")
    await active.others.say(
        GitHubDeploymentCanceled(
            deployment_id=shown["uuid"],
            code="canceled",
            message="It had succeeded.",
            github_deployment_id=901,
            final_github_status_id=7,
        )
    )
    await until(lambda: len(active.others.of(SyncRequested)) >= 1)
    await active.others.say(status(shown["uuid"], 7, "success"))
    await active.until_phase(1, "success")
