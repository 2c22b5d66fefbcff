"""`POST /hooks` over a real socket, as GitHub and as those who aren't GitHub."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest

from shared.contracts import (
    Event,
    GitHubDeploymentCreated,
    RefPushed,
    Repository,
    StatusUpdated,
)
from shared.github.signature import sign
from shared.messaging import MemoryBus
from shared.testing import said, until
from status_sync.domain.told import DeploymentTold, StatusKept
from status_sync.routes import MAX_BODY

from .conftest import REPOSITORY, Hooks, status_webhook
from .world import SECRET

FORM = "application/x-www-form-urlencoded"
REFUSED = 'gitploy_webhooks_refused_total{reason="%s"}'
CREATED = GitHubDeploymentCreated(
    deployment_id=UUID(int=1),
    repository=Repository(id=7, full_name="octo/shop"),
    environment="production",
    github_deployment_id=4001,
    sha="a" * 40,
    url="https://api.github.com/repos/octo/shop/deployments/4001",
)
PUSH = orjson.dumps(
    {
        "ref": "refs/heads/main",
        "before": "0" * 40,
        "after": "b" * 40,
        "repository": REPOSITORY,
        "sender": {"id": 3, "login": "mona"},
    }
)
RECEIVED = 'gitploy_webhooks_received_total{event="%s",outcome="%s"}'


async def test_a_signed_webhook_is_committed_before_it_is_answered(
    hooks: Hooks,
) -> None:
    answer = await hooks.post(status_webhook(901))
    assert answer.status == 202
    assert await answer.json() == {"status": "recorded"}
    deployment, status = await hooks.recorded()
    assert isinstance(deployment, DeploymentTold)
    assert isinstance(status, StatusKept)
    assert status.github_status_id == 901


async def test_a_form_is_taken_too(hooks: Hooks) -> None:
    body = urlencode({"payload": status_webhook(901)}).encode()
    answer = await hooks.post(body, content_type=FORM)
    assert answer.status == 202
    assert len(await hooks.recorded()) == 2


async def test_a_delivery_that_comes_again_is_recorded_once(hooks: Hooks) -> None:
    for _ in range(3):
        assert (await hooks.post(status_webhook(901))).status == 202
    assert len(await hooks.recorded()) == 2


async def test_a_push_that_comes_again_is_said_once(hooks: Hooks) -> None:
    for _ in range(3):
        assert (await hooks.post(PUSH, event="push")).status == 202
    (pushed,) = await hooks.recorded()
    assert isinstance(pushed, RefPushed)
    assert (pushed.delivery_id, pushed.after) == ("guid-1", "b" * 40)


async def test_a_repository_that_changes_is_noticed_and_asked_for(
    hooks: Hooks,
) -> None:
    line = RECEIVED % ("repository", "noticed")
    before = await hooks.counted(line)
    body = orjson.dumps({"action": "renamed", "repository": REPOSITORY})
    answer = await hooks.post(body, event="repository")
    assert (answer.status, await answer.json()) == (202, {"status": "noticed"})
    assert await hooks.recorded() == []
    assert await hooks.counted(line) == before + 1


SHA1 = "sha1=" + hmac.new(SECRET.encode(), status_webhook(), hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    ("reason", "spoilt"),
    [
        ("bad_signature", {"X-Hub-Signature-256": "sha256=" + "0" * 64}),
        ("bad_signature", {"X-Hub-Signature-256": "sha256=é"}),
        ("bad_signature", {"X-Hub-Signature-256": ""}),
        ("no_signature", {"X-Hub-Signature-256": None}),
        ("sha1_only", {"X-Hub-Signature-256": None, "X-Hub-Signature": SHA1}),
        ("bad_signature", {"X-Hub-Signature-256": SHA1, "X-Hub-Signature": SHA1}),
    ],
)
async def test_without_a_good_signature_nothing_is_recorded(
    hooks: Hooks, reason: str, spoilt: dict[str, str | None]
) -> None:
    before = await hooks.counted(REFUSED % reason)
    answer = await hooks.post(status_webhook(), spoilt=spoilt)
    assert answer.status == 401
    problem = await answer.json()
    assert problem["code"] == "unauthorized"
    assert problem["status"] == 401
    assert "X-Hub-Signature-256" in problem["message"]
    assert await hooks.recorded() == []
    assert await hooks.counted(REFUSED % reason) == before + 1


async def test_a_signature_of_other_bytes_is_bad(hooks: Hooks) -> None:
    body = status_webhook(901)
    answer = await hooks.post(
        body + b" ", spoilt={"X-Hub-Signature-256": sign(SECRET, body)}
    )
    assert answer.status == 401


async def test_the_signature_is_checked_before_anything_is_parsed(
    hooks: Hooks,
) -> None:
    answer = await hooks.post(
        b"{", spoilt={"X-Hub-Signature-256": None, "X-GitHub-Event": None}
    )
    assert answer.status == 401


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b"\xff\xfe", "JSON"),
        (b'{"repository": {"id": 7}}', "full_name"),
        (status_webhook(deployment_status={"id": "x"}), "deployment_status"),
        (status_webhook(deployment={"sha": "a"}), "deployment.id"),
    ],
)
async def test_a_signed_webhook_that_is_malformed_is_told_what_is_wrong(
    hooks: Hooks, body: bytes, says: str
) -> None:
    before = await hooks.counted(REFUSED % "malformed")
    answer = await hooks.post(body)
    assert answer.status == 400
    problem = await answer.json()
    assert problem["code"] == "parameter_invalid"
    assert says in problem["message"]
    assert await hooks.recorded() == []
    assert await hooks.counted(REFUSED % "malformed") == before + 1


@pytest.mark.parametrize("header", ["X-GitHub-Event", "X-GitHub-Delivery"])
async def test_a_missing_header_is_named(hooks: Hooks, header: str) -> None:
    answer = await hooks.post(status_webhook(), spoilt={header: None})
    assert answer.status == 400
    assert header in (await answer.json())["message"]


@pytest.mark.parametrize("guid", ["é", "a\tb", "x" * 129])
async def test_a_header_that_can_not_be_kept_is_named(hooks: Hooks, guid: str) -> None:
    answer = await hooks.post(status_webhook(), spoilt={"X-GitHub-Delivery": guid})
    assert answer.status == 400
    assert "X-GitHub-Delivery" in (await answer.json())["message"]


async def test_another_content_type_is_named(hooks: Hooks) -> None:
    answer = await hooks.post(status_webhook(), content_type="text/xml")
    assert answer.status == 400
    assert "text/xml" in (await answer.json())["message"]


@pytest.mark.parametrize(
    ("event", "counted_as", "body"),
    [
        ("ping", "ping", b'{"zen": "Design for failure.", "hook_id": 1}'),
        ("watch", "other", b'{"action": "started"}'),
        (
            "push",
            "push",
            b'{"ref": "r", "before": "a", "after": "b", "repository": %s}'
            % orjson.dumps(REPOSITORY),
        ),
    ],
)
async def test_an_event_that_tells_us_nothing_is_fine(
    hooks: Hooks, event: str, counted_as: str, body: bytes
) -> None:
    line = RECEIVED % (counted_as, "ignored")
    before = await hooks.counted(line)
    answer = await hooks.post(body, event=event)
    assert answer.status == 202
    assert await hooks.recorded() == []
    assert await hooks.counted(line) == before + 1


async def test_a_body_above_githubs_limit_is_refused(hooks: Hooks) -> None:
    before = await hooks.counted(REFUSED % "too_large")
    answer = await hooks.post(b" " * (MAX_BODY + 1))
    assert answer.status == 413
    assert (await answer.json())["code"] == "body_too_large"
    assert await hooks.recorded() == []
    assert await hooks.counted(REFUSED % "too_large") == before + 1


async def test_a_body_of_unknown_length_has_the_same_limit(hooks: Hooks) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(26):
            yield b" " * 1024 * 1024

    answer = await hooks.client.post("/hooks", data=drip())
    assert answer.status == 413


async def test_what_a_webhook_tells_reaches_the_gateway_once_it_is_linked(
    hooks: Hooks, bus: MemoryBus, heard: list[Event]
) -> None:
    await hooks.post(status_webhook(901))
    await bus.publish(said(CREATED))
    await hooks.post(status_webhook(902, "success"))
    await until(lambda: len(updates(heard)) == 2)
    told = {(e.deployment_id, e.github_status_id) for e in updates(heard)}
    assert told == {(CREATED.deployment_id, 901), (CREATED.deployment_id, 902)}


async def test_what_it_needs_is_named_when_it_is_ready(hooks: Hooks) -> None:
    answer = await hooks.client.get("/readyz")
    assert await answer.json() == {"ready": True, "missing": {}, "degraded": {}}


def updates(events: list[Event]) -> list[StatusUpdated]:
    return [event for event in events if isinstance(event, StatusUpdated)]
