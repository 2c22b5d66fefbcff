"""Reviews and confirmations over HTTP, with several people."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import (
    CancelRequested,
    DeployConfirmed,
    GitHubDeploymentCreated,
    Person,
)
from shared.testing import until

from .conftest import REPO, World
from .live_events import PATIENCE_S
from .waiting import ANN, BOB, CARL, SHA, as_

ONE = "/api/v1/repos/octo/shop/deployments/1"


@pytest.fixture
async def waiting(active: World) -> World:
    """Give the test a deployment of ann's that waits for its reviews."""
    active.others.verdict = "review"
    answer = await active.api.post(
        ONE.removesuffix("/1"),
        json={"type": "branch", "ref": "main", "env": "production"},
        headers=as_(ANN),
    )
    assert answer.status == 201, await answer.text()
    await until(lambda: asked(active))
    return active


async def asked(world: World) -> bool:
    return len(await world.get("/deployments/1/reviews")) == 2


async def review(world: World, who: Person, status: str, **more: Any) -> Any:
    return await world.api.patch(
        f"{ONE}/review", json={"status": status, **more}, headers=as_(who)
    )


async def confirm(world: World, who: Person = ANN, **more: Any) -> Any:
    return await world.api.put(ONE, headers=as_(who), **more)


async def test_each_reviewer_but_the_deployer_is_asked(waiting: World) -> None:
    reviews = await waiting.get("/deployments/1/reviews")
    shown = await waiting.get("/deployments/1")
    assert reviews[0] == {
        "id": reviews[0]["id"],
        "status": "pending",
        "comment": "",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "user_id": 43,
        "deployment_id": shown["id"],
        "edges": reviews[0]["edges"],
    }
    listed = (await waiting.get("/deployments"))[0]
    assert [r["edges"].pop("deployment") for r in reviews] == [listed, listed]
    assert [r["edges"]["user"]["login"] for r in reviews] == ["bob", "carl"]
    assert reviews[0]["id"] < reviews[1]["id"]
    assert shown["edges"]["reviews"] == reviews


async def test_it_says_what_it_waits_for(waiting: World) -> None:
    shown = await waiting.get("/deployments/1")
    assert (shown["phase"], shown["status"]) == ("waiting_for_review", "waiting")
    assert (shown["sha"], shown["config_digest"]) == (SHA, "d")
    assert shown["waits_for"] == {
        "what": "reviews",
        "message": "It has 0 of 1 approvals; bob, carl may still answer.",
        "since": "2026-01-05T09:00:00Z",
        "until": "2026-01-12T09:00:00Z",
        "asked": None,
        "who": ["bob", "carl"],
        "required": 1,
        "approved": 0,
        "emergency": False,
        "position": None,
        "holder": None,
    }


async def test_a_review_is_answered_and_shown(waiting: World) -> None:
    answer = await review(waiting, BOB, "approved", comment=" Fine. ")
    body = await answer.json()
    assert answer.status == 200
    assert (body["status"], body["comment"], body["user_id"]) == (
        "approved",
        "Fine.",
        43,
    )
    mine = await waiting.api.get(f"{ONE}/review", headers=as_(BOB))
    assert await mine.json() == body
    shown = await waiting.get("/deployments/1")
    assert body["edges"].pop("deployment")["number"] == 1
    assert shown["edges"]["reviews"][0] == body
    assert shown["phase"] == "waiting_for_review"
    assert shown["waits_for"]["approved"] == 1


async def test_null_is_no_comment_as_it_was_to_gitploy(waiting: World) -> None:
    answer = await review(waiting, BOB, "approved", comment=None)
    assert (answer.status, (await answer.json())["comment"]) == (200, "")


async def test_minds_are_changed_until_it_is_sent(waiting: World) -> None:
    for status in ("approved", "pending", "approved", "approved"):
        assert (await review(waiting, BOB, status)).status == 200
    events = await waiting.get("/deployments/1/events")
    said = [e["data"]["state"] for e in events if "ReviewSubmitted" in e["type"]]
    assert said == ["approved", "pending", "approved"]
    assert events[-1]["who"] == {"id": 43, "login": "bob"}
    assert (await confirm(waiting)).status == 200
    answer = await review(waiting, BOB, "pending")
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_status_invalid")


@pytest.mark.parametrize(("who", "named"), [(ANN, "ann deploys it"), (None, "gitploy")])
async def test_who_is_not_asked_has_no_review(
    waiting: World, who: Person | None, named: str
) -> None:
    before = await waiting.recorded()
    headers = as_(who) if who else {}
    mine = await waiting.api.get(f"{ONE}/review", headers=headers)
    answer = await waiting.api.patch(
        f"{ONE}/review", json={"status": "approved"}, headers=headers
    )
    body = await answer.json()
    assert (mine.status, answer.status, body["code"]) == (404, 404, "entity_not_found")
    assert named in body["message"]
    assert await waiting.recorded() == before


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, "status"),
        ({"status": "yes"}, "status"),
        ({"status": None}, "status"),
        ({"status": "approved", "comment": 5}, "comment"),
        ({"status": "approved", "comment": "a\0"}, "comment"),
        ({"status": "approved", "comment": "x" * 1001}, "comment"),
        ({"status": "approved", "sha": "main"}, "sha"),
        ({"status": "approved", "config_digest": "d" * 65}, "config_digest"),
    ],
)
async def test_a_wrong_review_is_explained(
    waiting: World, sent: dict[str, Any], named: str
) -> None:
    before = await waiting.recorded()
    answer = await waiting.api.patch(f"{ONE}/review", json=sent, headers=as_(BOB))
    body = await answer.json()
    assert (answer.status, body["code"]) == (400, "parameter_invalid")
    assert named in body["message"]
    assert await waiting.recorded() == before


@pytest.mark.parametrize("other", [{"sha": "b" * 40}, {"config_digest": "other"}])
async def test_a_decision_on_another_pair_is_refused(
    waiting: World, other: dict[str, str]
) -> None:
    answer = await review(waiting, BOB, "approved", **other)
    assert (answer.status, (await answer.json())["code"]) == (
        422,
        "entity_unprocessable",
    )
    await review(waiting, BOB, "approved", sha=SHA, config_digest="d")
    before = await waiting.recorded()
    answer = await confirm(waiting, json=other)
    assert (answer.status, (await answer.json())["code"]) == (
        422,
        "entity_unprocessable",
    )
    assert await waiting.recorded() == before
    assert (await confirm(waiting, json={"sha": SHA})).status == 200


async def test_one_rejection_ends_it(waiting: World) -> None:
    answer = await review(waiting, CARL, "rejected", comment="Not today.")
    assert (answer.status, (await answer.json())["status"]) == (200, "rejected")
    shown = await waiting.until_phase(1, "canceled")
    assert (shown["code"], shown["message"]) == (
        "review_rejected",
        "carl rejected it: Not today.",
    )
    [cancel] = waiting.others.of(CancelRequested)
    assert (cancel.data.by, cancel.data.who) == ("reviewer", CARL)
    again = await review(waiting, BOB, "approved")
    assert (again.status, (await again.json())["code"]) == (
        422,
        "deployment_status_invalid",
    )


async def test_what_is_not_approved_is_not_sent(waiting: World) -> None:
    before = await waiting.recorded()
    answer = await confirm(waiting)
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_not_approved")
    assert body["message"] == "It has 0 of 1 approvals; bob, carl may still answer."
    assert await waiting.recorded() == before


async def test_a_person_sends_what_is_approved(waiting: World) -> None:
    await review(waiting, BOB, "approved")
    answer = await confirm(waiting, CARL, json={"status": "created"})
    body = await answer.json()
    assert (answer.status, body["phase"], body["status"]) == (
        200,
        "created",
        "created",
    )
    [sent] = waiting.others.of(DeployConfirmed)
    assert (sent.data.sha, sent.data.config_digest) == (SHA, "d")
    assert [a.reviewer for a in sent.data.approvals] == [BOB]
    assert sent.data.confirmed_by == CARL
    assert body["confirmation"]["by"] == {"id": 44, "login": "carl"}
    again = await confirm(waiting)
    assert (again.status, (await again.json())["code"]) == (
        422,
        "deployment_status_invalid",
    )


async def test_a_wrong_confirmation_is_explained(waiting: World) -> None:
    wrong: list[Any] = [{"status": "running"}, {"sha": 5}, []]
    for sent in wrong:
        answer = await confirm(waiting, json=sent)
        assert (answer.status, (await answer.json())["code"]) == (
            400,
            "parameter_invalid",
        )


async def test_a_refused_confirmation_keeps_its_approvals(waiting: World) -> None:
    await review(waiting, BOB, "approved")
    waiting.others.confirmation = "refused"
    answer = await confirm(waiting)
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_locked")
    assert body["message"] == "carl has locked production."
    assert body["checks"][0]["code"] == "locked"
    assert (body["number"], body["phase"]) == (1, "waiting_for_review")
    shown = await waiting.get("/deployments/1")
    assert shown["waits_for"]["approved"] == 1
    assert shown["waits_for"]["message"].endswith("carl has locked production.")
    assert shown["confirmation"]["code"] == "deployment_locked"
    assert shown["checks"][0]["code"] == "locked"
    waiting.others.confirmation = "taken"
    assert (await confirm(waiting)).status == 200


async def test_in_an_emergency_it_is_sent_without_approvals(active: World) -> None:
    active.others.verdict, active.others.emergency = "review", True
    asking = {"type": "branch", "ref": "main", "env": "production"}
    await active.api.post(ONE.removesuffix("/1"), json=asking, headers=as_(ANN))
    await until(lambda: asked(active))
    assert (await active.get("/deployments/1"))["waits_for"]["emergency"] is True
    answer = await confirm(active)
    body = await answer.json()
    assert (answer.status, body["code"]) == (422, "deployment_not_approved")
    assert "an overrider may send it" in body["message"]
    over = {"checks": ["review"], "reason": "The shop burns."}
    answer = await confirm(active, CARL, json={"sha": SHA, "override": over})
    assert answer.status == 200, await answer.text()
    [sent] = active.others.of(DeployConfirmed)
    assert (sent.data.approvals, sent.data.confirmed_by) == ((), CARL)
    assert sent.data.override.model_dump(mode="json") == over
    shown = await active.get("/deployments/1")
    assert shown["confirmation"]["by"]["login"] == "carl"
    assert shown["confirmation"]["override"] == over
    [told] = [
        e
        for e in await active.get("/deployments/1/events")
        if "DeployConfirmed" in e["type"]
    ]
    assert (told["who"]["login"], told["data"]["override"]) == ("carl", over)


@pytest.mark.parametrize(
    "override",
    [
        {"checks": ["review"], "reason": " "},
        {"checks": ["ref"], "reason": "The shop burns."},
        {"checks": [], "reason": "The shop burns."},
        "review",
    ],
)
async def test_an_override_that_says_too_little_sends_nothing(
    waiting: World, override: Any
) -> None:
    answer = await confirm(waiting, json={"override": override})
    assert (answer.status, (await answer.json())["code"]) == (400, "parameter_invalid")
    assert not waiting.others.of(DeployConfirmed)


async def test_two_confirmations_at_once_are_one(waiting: World) -> None:
    await review(waiting, BOB, "approved")
    waiting.others.confirmation = "none"
    sending = [asyncio.create_task(confirm(waiting, who)) for who in (ANN, BOB)]
    await until(lambda: len(waiting.others.of(DeployConfirmed)) == 1)
    shown = await waiting.until_phase(1, "verifying")
    assert shown["waits_for"]["what"] == "verification"
    await waiting.others.say(
        GitHubDeploymentCreated(
            deployment_id=shown["uuid"],
            repository=REPO,
            environment="production",
            github_deployment_id=901,
            sha=SHA,
            url="https://api.github.com/",
        )
    )
    answers = await asyncio.gather(*sending)
    assert [a.status for a in answers] == [200, 200]
    assert len(waiting.others.of(DeployConfirmed)) == 1


async def test_two_confirmations_at_once_are_both_refused(waiting: World) -> None:
    await review(waiting, BOB, "approved")
    waiting.others.confirmation = "refused"
    answers = await asyncio.gather(confirm(waiting), confirm(waiting))
    assert [a.status for a in answers] == [422, 422]
    codes = {(await a.json())["code"] for a in answers}
    assert codes == {"deployment_locked"}


async def test_the_last_approval_sends_it_where_the_rules_say_so(
    active: World,
) -> None:
    active.others.verdict, active.others.required = "review", 2
    active.others.on_approval = "deploy"
    await active.api.post(
        ONE.removesuffix("/1"),
        json={"type": "branch", "ref": "main", "env": "production"},
        headers=as_(ANN),
    )
    await until(lambda: asked(active))
    await review(active, BOB, "approved")
    assert not active.others.of(DeployConfirmed)
    await review(active, CARL, "approved")
    await active.until_phase(1, "created")
    [sent] = active.others.of(DeployConfirmed)
    assert [a.reviewer for a in sent.data.approvals] == [BOB, CARL]
    assert sent.data.confirmed_by == CARL


async def test_nobody_sends_what_waits_for_nobody(active: World) -> None:
    await active.deploy()
    answer = await confirm(active)
    assert (answer.status, (await answer.json())["code"]) == (
        422,
        "deployment_status_invalid",
    )
    assert await active.get("/deployments/1/reviews") == []
    answer = await review(active, BOB, "approved")
    assert answer.status == 404


async def test_without_reviews_the_time_ends_it(waiting: World) -> None:
    waiting.clock.advance(timedelta(days=7))
    shown = await waiting.until_phase(1, "canceled")
    assert shown["code"] == "review_timeout"
    assert "bob, carl may still answer" in shown["message"]
    assert "review.timeout" in shown["message"]


async def test_a_verifier_that_is_away_is_asked_about_a_confirmation(
    waiting: World,
) -> None:
    await review(waiting, BOB, "approved")
    waiting.others.confirmation = "none"
    answer = await waiting.api.put(ONE, headers=as_(ANN, Prefer="wait=0"))
    assert (answer.status, (await answer.json())["phase"]) == (202, "verifying")
    waiting.clock.advance(timedelta(seconds=30))
    await until(lambda: len(waiting.others.of(DeployConfirmed)) == 2)
    first, again = waiting.others.of(DeployConfirmed)
    assert (again.id, again.asked) == (first.id, True)
    waiting.clock.advance(timedelta(minutes=14))
    await until(lambda: len(waiting.others.of(DeployConfirmed)) == 3)
    waiting.clock.advance(timedelta(minutes=1))
    shown = await waiting.until_phase(1, "canceled")
    assert shown["code"] == "verification_unavailable"


async def test_a_review_is_a_live_event(waiting: World) -> None:
    last = await waiting.recorded()
    await review(waiting, BOB, "approved")
    async with waiting.api.get(
        "/api/v1/stream/events", headers={"Last-Event-ID": str(last)}
    ) as events:
        async with asyncio.timeout(PATIENCE_S):
            # What the stream begins with is a block of its own.
            await events.content.readuntil(b"\n\n")
            lines = [await events.content.readline() for _ in range(3)]
    assert lines[1] == b"event: review\n"
    assert b'"status":"approved"' in lines[2]
    assert b'"phase":"waiting_for_review"' in lines[2]


async def test_reviews_are_shown_as_they_were(waiting: World) -> None:
    waiting.clock.advance(timedelta(minutes=1))
    await review(waiting, BOB, "approved")
    then = await waiting.get("/deployments/1?at=2026-01-05T09:00:30Z")
    now = await waiting.get("/deployments/1")
    assert [r["status"] for r in then["edges"]["reviews"]] == ["pending", "pending"]
    assert [r["status"] for r in now["edges"]["reviews"]] == ["approved", "pending"]
