"""POST …/deployments: recorded, then answered with the outcome if it comes in time."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import (
    CancelRequested,
    DeployRequested,
    GitHubDeploymentCanceled,
    GitHubDeploymentRefused,
)

from .conftest import CHECKS, SHA, World, creation, verdict

DEPLOYMENTS = "/api/v1/repos/octo/shop/deployments"
BODY = {"type": "branch", "ref": "main", "env": "production"}


async def test_a_deployment_is_created(active: World) -> None:
    answer = await active.deploy()
    body = await answer.json()
    assert (answer.status, body["phase"], body["status"]) == (201, "created", "created")
    assert answer.headers["Location"] == "/api/v1/repos/Octo/shop/deployments/1"
    assert body == await active.get("/deployments/1")


async def test_a_deployment_has_gitploys_members_and_ours(active: World) -> None:
    shown = await (await active.deploy(ref="v1.0", type="tag")).json()
    edges, uuid = shown.pop("edges"), shown.pop("uuid")
    assert shown == {
        "id": shown["id"],
        "number": 1,
        "type": "tag",
        "env": "production",
        "ref": "v1.0",
        "dynamic_payload": None,
        "status": "created",
        "uid": 901,
        "sha": SHA,
        "html_url": f"https://github.com/Octo/shop/commit/{SHA}",
        "production_environment": True,
        "is_rollback": False,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "user_id": 0,
        "repo_id": 7,
        "is_approval_enabled": None,
        "required_approval_count": None,
        "phase": "created",
        "code": None,
        "message": None,
        "checks": [CHECKS[0].model_dump(mode="json")],
        "waits_for": {
            "what": "tooling",
            "message": None,
            "since": "2026-01-05T09:00:00Z",
            "until": "2026-01-05T09:30:00Z",
            "asked": None,
            "who": [],
            "required": None,
            "approved": None,
            "emergency": None,
            "position": None,
            "holder": None,
        },
        "config_digest": "d",
        "foreign": False,
        "source": "api",
        "rollback_of": None,
        "override": None,
        "confirmation": None,
        "sync": None,
        "log_url": "",
    }
    [request] = active.others.of(DeployRequested)
    assert uuid == str(request.data.deployment_id)
    assert edges["user"]["login"] == "gitploy"
    assert (edges["repo"]["namespace"], edges["repo"]["name"]) == ("Octo", "shop")
    assert (edges["reviews"], edges["deployment_statuses"]) == ([], [])


async def test_a_rejection_says_why(active: World) -> None:
    active.others.verdict = "rejected"
    answer = await active.deploy(ref="nope")
    body = await answer.json()
    assert answer.status == body["status"] == 422
    assert body["code"] == "entity_unprocessable"
    assert body["message"] == body["detail"] == "There is no branch nope."
    assert body["checks"] == [check.model_dump(mode="json") for check in CHECKS]
    assert (body["number"], body["phase"]) == (1, "rejected")
    assert answer.headers["Location"].endswith("/deployments/1")
    assert (await active.get("/deployments/1"))["status"] == "rejected"


async def test_a_refusal_says_why(active: World) -> None:
    active.others.dispatches = False
    posting = asyncio.create_task(active.deploy())
    shown = await active.until_phase(1, "dispatching")
    await active.others.say(
        GitHubDeploymentRefused(
            deployment_id=shown["uuid"], code="stale", message="Too old."
        )
    )
    answer = await posting
    body = await answer.json()
    assert (answer.status, body["code"], body["message"]) == (422, "stale", "Too old.")
    assert (await active.get("/deployments/1"))["status"] == "failure"


async def test_after_the_wait_what_is_known_is_answered(active: World) -> None:
    active.others.verdict = "none"
    answer = await active.api.post(
        DEPLOYMENTS, json=BODY, headers={"Prefer": "respond-async, wait=0"}
    )
    body = await answer.json()
    assert (answer.status, body["phase"], body["status"]) == (
        202,
        "requested",
        "waiting",
    )
    assert body["waits_for"]["what"] == "verification"
    assert body["waits_for"]["until"] == "2026-01-05T09:15:00Z"
    assert answer.headers["Location"].endswith("/deployments/1")
    [request] = active.others.of(DeployRequested)
    await active.others.say(verdict(request.data))
    await active.until_phase(1, "dispatching")
    await active.others.say(creation(request.data))
    await active.until_phase(1, "created")


async def test_who_waits_is_told_when_it_is_canceled(active: World) -> None:
    active.others.verdict = "none"
    posting = asyncio.create_task(active.deploy())
    await active.until_phase(1, "requested")
    answer = await active.api.post(f"{DEPLOYMENTS}/1/cancel", json={"reason": "oops"})
    assert answer.status == 200
    body = await (posted := await posting).json()
    assert (posted.status, body["code"]) == (422, "canceled")


async def test_64_at_once_get_64_numbers(active: World) -> None:
    answers = await asyncio.gather(*(active.deploy() for _ in range(64)))
    assert {answer.status for answer in answers} == {201}
    numbers = [(await answer.json())["number"] for answer in answers]
    assert sorted(numbers) == list(range(1, 65))
    assert len(active.others.of(DeployRequested)) == 64


async def keyed(world: World, key: str = "k1", **more: Any) -> Any:
    headers = {"Idempotency-Key": key}
    return await world.api.post(DEPLOYMENTS, json=BODY | more, headers=headers)


async def test_a_repeated_key_gets_the_same_answer(active: World) -> None:
    first, second, other = (
        await keyed(active),
        await keyed(active),
        await keyed(active, "k2"),
    )
    assert first.status == second.status == 201
    assert await first.json() == await second.json()
    assert "Idempotent-Replayed" not in first.headers
    active.clock.advance(timedelta(seconds=1))
    third = await keyed(active)
    assert (await third.json())["number"] == 1
    assert third.headers["Idempotent-Replayed"] == "true"
    assert (await other.json())["number"] == 2


async def test_a_repeated_key_gets_the_same_rejection(active: World) -> None:
    active.others.verdict = "rejected"
    first, second = await keyed(active), await keyed(active)
    assert (first.status, await first.text()) == (422, await second.text())
    active.clock.advance(timedelta(seconds=1))
    third = await keyed(active)
    assert (third.status, third.headers["Idempotent-Replayed"]) == (422, "true")


@pytest.mark.parametrize("change", [{"env": "staging"}, {"ref": "x"}, {"type": "tag"}])
async def test_a_key_is_not_used_for_another_body(
    active: World, change: dict[str, str]
) -> None:
    await keyed(active)
    before = await active.recorded()
    answer = await keyed(active, **change)
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "idempotency_key_reused")
    assert await active.recorded() == before


async def test_many_at_once_with_one_key_are_one_deployment(active: World) -> None:
    answers = await asyncio.gather(*(keyed(active) for _ in range(16)))
    numbers = [(await answer.json())["number"] for answer in answers]
    assert set(numbers) == {1}
    assert len(active.others.of(DeployRequested)) == 1


async def test_an_unknown_repository_is_not_found(active: World) -> None:
    answer = await active.api.post("/api/v1/repos/octo/other/deployments", json=BODY)
    body = await answer.json()
    assert (answer.status, body["code"]) == (404, "entity_not_found")
    assert "octo/other" in body["message"]


async def test_an_inactive_repository_takes_no_deployment(active: World) -> None:
    await active.api.patch("/api/v1/repos/octo/shop", json={"active": False})
    answer = await active.deploy()
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "entity_unprocessable")
    assert "is not active" in body["message"]
    assert await active.get("/deployments") == []


async def test_a_person_cancels(active: World) -> None:
    await active.deploy()
    answer = await active.api.post(f"{DEPLOYMENTS}/1/cancel", json={"reason": "oops"})
    body = await answer.json()
    assert (answer.status, body["phase"], body["status"]) == (
        200,
        "canceled",
        "canceled",
    )
    assert body["message"] == "gitploy canceled it: oops."
    again = await active.api.post(f"{DEPLOYMENTS}/1/cancel")
    assert again.status == 200
    assert len(active.others.of(CancelRequested)) == 1


async def test_a_cancel_that_takes_long_is_answered_before(active: World) -> None:
    active.others.cancels = False
    await active.deploy()
    answer = await active.api.post(
        f"{DEPLOYMENTS}/1/cancel", headers={"Prefer": "wait=0"}
    )
    body = await answer.json()
    assert (answer.status, body["phase"], body["status"]) == (
        202,
        "canceling",
        "canceled",
    )
    assert body["waits_for"]["what"] == "cancel"
    await active.others.say(
        GitHubDeploymentCanceled(
            deployment_id=body["uuid"],
            code="canceled",
            message="Stopped.",
            github_deployment_id=901,
        )
    )
    await active.until_phase(1, "canceled")


async def test_what_has_ended_is_not_canceled(active: World) -> None:
    active.others.verdict = "rejected"
    await active.deploy()
    answer = await active.api.post(f"{DEPLOYMENTS}/1/cancel")
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_status_invalid")
    assert "rejected" in body["message"]
