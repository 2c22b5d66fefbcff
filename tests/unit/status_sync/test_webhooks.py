from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest

from shared.contracts import GitHubDeploymentSeen, Person
from shared.github.marker import mark_status
from status_sync.domain.github_deployment import StatusKept
from status_sync.webhooks import MalformedWebhook, Told, Webhook, read

from .examples import DEPLOYMENT, GITHUB_ID, REPOSITORY, SEEN

COMMAND = UUID("44444444-4444-4444-8444-444444444444")
REPO = {"id": 7, "full_name": "octo/shop", "name": "shop"}
DEPLOYED = {
    "id": GITHUB_ID,
    "sha": "a" * 40,
    "environment": "production",
    "task": "deploy",
    "payload": {},
    "description": None,
}
STATUS = {
    "id": 903,
    "state": "success",
    "description": "done",
    "log_url": "",
    "target_url": "https://tool/logs/1",
    "environment_url": "https://shop",
    "creator": {"id": 3, "login": "deploybot"},
    "created_at": "2026-01-05T09:00:00Z",
}


def told(event: str, **members: Any) -> Told | None:
    body = {"action": "created", "repository": REPO, **members}
    return read(Webhook(event, "guid", "application/json", orjson.dumps(body)))


def status(**changed: Any) -> StatusKept:
    found = told(
        "deployment_status",
        deployment=DEPLOYED,
        deployment_status={**STATUS, **changed},
    )
    assert isinstance(found, StatusKept)
    return found


def test_a_status_webhook_tells_a_status() -> None:
    found = status()
    assert (found.repository, found.github_deployment_id) == (REPOSITORY, GITHUB_ID)
    assert (found.github_status_id, found.state) == (903, "success")
    assert found.log_url == "https://tool/logs/1"
    assert found.environment_url == "https://shop"
    assert found.creator == Person(id=3, login="deploybot")
    assert not found.ours


def test_a_status_with_our_mark_is_ours() -> None:
    assert status(state="error", description=mark_status("Canceled", COMMAND)).ours


def test_a_tool_that_repeats_our_marker_is_heard() -> None:
    assert not status(description=mark_status("The shop", COMMAND)).ours


def test_what_github_leaves_empty_is_empty() -> None:
    found = status(description=None, environment_url=None, creator=None)
    assert (found.description, found.environment_url, found.creator) == ("", "", None)


def test_a_status_that_is_newer_than_we_are_is_taken_as_it_is() -> None:
    assert status(state="teleported").state == "teleported"


@pytest.mark.parametrize(
    "marked",
    [
        {"payload": {"gitploy": {"deployment_id": str(DEPLOYMENT)}}},
        {"payload": "as it is", "description": f"Ship it (gitploy {DEPLOYMENT})"},
    ],
)
def test_a_deployment_webhook_with_our_marker_is_seen(marked: dict[str, Any]) -> None:
    assert told("deployment", deployment={**DEPLOYED, **marked}) == SEEN


def test_other_deployments_tell_nothing() -> None:
    assert told("deployment", deployment=DEPLOYED) is None


def test_other_events_tell_nothing() -> None:
    assert told("ping", zen="Keep it logically awesome.") is None
    assert told("event_of_tomorrow", anything=[1]) is None


def test_a_form_tells_the_same() -> None:
    payload = orjson.dumps(
        {
            "repository": REPO,
            "deployment": {**DEPLOYED, "description": f"ü+%&(gitploy {DEPLOYMENT})"},
        }
    )
    body = urlencode({"payload": payload}).encode()
    kind = "application/x-www-form-urlencoded"
    found = read(Webhook("deployment", "guid", kind, body))
    assert isinstance(found, GitHubDeploymentSeen)
    assert found.deployment_id == DEPLOYMENT


def test_a_webhook_that_lacks_something_says_what() -> None:
    with pytest.raises(MalformedWebhook, match=r"deployment_status\.id"):
        told(
            "deployment_status",
            deployment=DEPLOYED,
            deployment_status={"state": "success"},
        )
    with pytest.raises(MalformedWebhook, match="created_at"):
        status(created_at=None)


def test_what_no_table_can_keep_goes_no_further() -> None:
    assert status(description="do\0ne", state="suc\0cess").description == "done"
    for number in (0, -1, 2**63):
        with pytest.raises(MalformedWebhook, match=r"deployment_status\.id"):
            status(id=number)
