from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus, urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.github import (
    CheckRunWebhook,
    CheckSuiteWebhook,
    DeploymentStatusWebhook,
    DeploymentWebhook,
    MalformedWebhook,
    MetaWebhook,
    PingWebhook,
    PushWebhook,
    RepositoryWebhook,
    StatusWebhook,
    Unknown,
    Webhook,
    parse,
    parse_payload,
)

SHA = "a" * 40
TAG = "b" * 40
REPOSITORY = {"id": 1, "full_name": "o/r", "default_branch": "main", "owner": {}}
SENDER = {"id": 2, "login": "octocat", "type": "User"}
ACCOUNT = {"repository": REPOSITORY, "sender": SENDER}
DEPLOYMENT = {
    "id": 145988746,
    "node_id": "MDEw",
    "sha": SHA,
    "ref": "main",
    "task": "deploy",
    "payload": {"gitploy": {}},
    "environment": "production",
    "description": None,
    "creator": None,
    "created_at": "2019-05-15T15:20:53Z",
}
STATUS = {
    "id": 209916254,
    "state": "in_progress",
    "creator": SENDER,
    "description": "",
    "target_url": "https://ci/1",
    "created_at": "2019-05-15T15:20:55Z",
    "performed_via_github_app": None,
}
PUSH = {
    "ref": "refs/heads/main",
    "before": "0" * 40,
    "after": SHA,
    "created": True,
    "deleted": False,
    "forced": False,
    "head_commit": {"id": SHA, "timestamp": "2019-05-15T15:20:53+02:00"},
    "pusher": {"name": "octocat", "email": None},
    "repository": {**REPOSITORY, "created_at": 1557933565, "pushed_at": 1557933657},
    "sender": SENDER,
}
RUN = {"id": 4, "name": "build", "head_sha": SHA, "status": "completed"}

KNOWN: list[tuple[str, dict[str, Any], type[Webhook]]] = [
    ("deployment", {"deployment": DEPLOYMENT}, DeploymentWebhook),
    (
        "deployment_status",
        {"deployment": DEPLOYMENT, "deployment_status": STATUS, "workflow_run": None},
        DeploymentStatusWebhook,
    ),
    ("push", PUSH, PushWebhook),
    ("status", {"id": 5, "sha": SHA, "state": "success"}, StatusWebhook),
    ("check_run", {"check_run": {**RUN, "conclusion": None}}, CheckRunWebhook),
    ("check_suite", {"check_suite": {"head_sha": SHA}}, CheckSuiteWebhook),
    (
        "repository",
        {
            "action": "renamed",
            "changes": {"repository": {"name": {"from": "old"}}},
        },
        RepositoryWebhook,
    ),
    ("meta", {"action": "deleted", "hook_id": 3}, MetaWebhook),
    ("ping", {"zen": "Keep it simple.", "hook_id": 3}, PingWebhook),
    ("star", {"action": "created"}, Unknown),
]


def read(event: str, payload: Any) -> Webhook:
    return parse(event, "guid", "application/json", orjson.dumps(payload))


@pytest.mark.parametrize(("event", "fields", "model"), KNOWN)
def test_each_known_event_has_its_model(
    event: str, fields: dict[str, Any], model: type[Webhook]
) -> None:
    webhook = read(event, ACCOUNT | fields)
    assert type(webhook) is model
    assert (webhook.event, webhook.delivery) == (event, "guid")


def test_the_status_of_a_deployment_is_told_in_full() -> None:
    body = {**ACCOUNT, "deployment": DEPLOYMENT, "deployment_status": STATUS}
    webhook = read("deployment_status", {"action": "created", **body})
    assert isinstance(webhook, DeploymentStatusWebhook)
    status = webhook.deployment_status
    assert (status.id, status.state, status.log) == (
        209916254,
        "in_progress",
        "https://ci/1",
    )
    assert status.creator is not None
    assert status.creator.login == "octocat"
    assert status.created_at is not None
    assert status.created_at.isoformat() == "2019-05-15T15:20:55+00:00"
    assert webhook.deployment.payload == {"gitploy": {}}
    assert webhook.repository.full_name == "o/r"


@pytest.mark.parametrize("payload", [None, {}, {"a": [1]}, "", "text", '{"a":1}'])
def test_a_deployments_payload_comes_as_it_was_sent(payload: Any) -> None:
    webhook = read(
        "deployment", {**ACCOUNT, "deployment": {**DEPLOYMENT, "payload": payload}}
    )
    assert isinstance(webhook, DeploymentWebhook)
    assert webhook.deployment.payload == payload


def test_a_form_says_the_same_as_json() -> None:
    payload = {**PUSH, "pusher": {"name": "a+b & c=d %20 ümläut 🚀"}}
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    form = "application/x-www-form-urlencoded; charset=utf-8"
    assert parse("push", "guid", form, body) == read("push", payload)


def test_a_past_delivery_is_read_like_a_fresh_one() -> None:
    assert parse_payload("push", "guid", PUSH) == read("push", PUSH)


def test_a_payload_cannot_name_another_event_or_delivery() -> None:
    webhook = read("star", {"event": "push", "delivery": "another"})
    assert (webhook.event, webhook.delivery) == ("star", "guid")


def push(**fields: Any) -> PushWebhook:
    webhook = read("push", {**PUSH, **fields})
    assert isinstance(webhook, PushWebhook)
    return webhook


def test_a_pushed_branch_is_at_its_new_commit() -> None:
    assert push().commit == SHA


def test_a_push_says_when_in_seconds_or_in_words() -> None:
    moments = [
        push(repository={**REPOSITORY, "pushed_at": told}).repository.pushed_at
        for told in (1557933657, "2019-05-15T15:20:57Z", None)
    ]
    assert moments == [datetime(2019, 5, 15, 15, 20, 57, tzinfo=UTC)] * 2 + [None]


def test_an_annotated_tag_is_at_the_commit_it_names() -> None:
    assert push(ref="refs/tags/v1/x", after=TAG).commit == SHA


def test_a_deleted_ref_is_at_no_commit() -> None:
    assert push(deleted=True, after="0" * 40, head_commit=None).commit is None


def test_without_a_head_commit_the_ref_itself_counts() -> None:
    assert push(head_commit=None).commit == SHA


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("text/plain", b"{}", "content type 'text/plain'"),
        ("application/json", b"", "not JSON"),
        ("application/json", b"{", "not JSON"),
        ("application/json", b"[]", "not a JSON object"),
        ("application/json", b"{}", "push: "),
        ("application/json", b'{"ref": 5}', "push: "),
        ("application/x-www-form-urlencoded", b"{}", "no field `payload`"),
        ("application/x-www-form-urlencoded", b"payload=%7B", "not JSON"),
        ("application/x-www-form-urlencoded", b"payload=%FF", "not JSON"),
    ],
)
def test_a_malformed_webhook_says_what_is_wrong(
    content_type: str, body: bytes, reason: str
) -> None:
    with pytest.raises(MalformedWebhook, match=reason):
        parse("push", "guid", content_type, body)


def test_the_place_of_a_mistake_is_named() -> None:
    body = {**ACCOUNT, "deployment": {**DEPLOYMENT, "id": "seven"}}
    with pytest.raises(MalformedWebhook, match=r"deployment\.id: .*integer"):
        read("deployment", body)


@given(st.binary(max_size=200), st.sampled_from(["json", "x-www-form-urlencoded"]))
def test_no_bytes_raise_anything_else(body: bytes, kind: str) -> None:
    try:
        webhook = parse("star", "guid", f"application/{kind}", body)
    except MalformedWebhook:
        return
    assert isinstance(webhook, Unknown)


json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(sorted(PUSH)), json)
def test_no_value_anywhere_raises_anything_else(field: str, value: Any) -> None:
    with suppress(MalformedWebhook):
        parse_payload("push", "guid", {**PUSH, field: value})


def test_quoting_of_a_form_is_undone_once() -> None:
    payload = orjson.dumps({"action": "%2B"}).decode()
    body = f"x=1&payload={quote_plus(payload)}&y=2".encode()
    webhook = parse("star", "guid", "application/x-www-form-urlencoded", body)
    assert isinstance(webhook, Unknown)
    assert webhook.action == "%2B"
