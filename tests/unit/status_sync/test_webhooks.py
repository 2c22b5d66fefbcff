import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import GitHubDeploymentSeen, Person, RefPushed
from shared.github.marker import mark_status
from shared.testing import T0
from status_sync.domain.told import StatusKept
from status_sync.webhooks import (
    DeploymentShown,
    MalformedWebhook,
    PushShown,
    StatusShown,
    Told,
    Webhook,
    fields,
    read,
)

from .examples import ABOUT, DEPLOYMENT, GITHUB_ID, OF_A_RUN, REPOSITORY, SEEN

COMMAND = UUID("44444444-4444-4444-8444-444444444444")
REPO = {"id": 7, "full_name": "octo/shop", "name": "shop"}
DEPLOYED = {
    "id": GITHUB_ID,
    "sha": "a" * 40,
    "ref": "main",
    "environment": "production",
    "task": "deploy",
    "payload": {},
    "description": None,
    "created_at": "2026-01-05T09:00:00Z",
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
    return read(Webhook(event, "guid", "application/json", orjson.dumps(body), T0))


def status(**changed: Any) -> StatusKept:
    found = told(
        "deployment_status",
        deployment=DEPLOYED,
        deployment_status={**STATUS, **changed},
    )
    assert isinstance(found, StatusShown)
    assert found.about == ABOUT
    return found.status


def deployment(**changed: Any) -> DeploymentShown:
    found = told("deployment", deployment={**DEPLOYED, **changed})
    assert isinstance(found, DeploymentShown)
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
    assert deployment(**marked) == DeploymentShown(ABOUT, SEEN)


def test_other_deployments_are_told_without_it() -> None:
    assert deployment() == DeploymentShown(ABOUT, None)


@pytest.mark.parametrize("event", ["deployment", "deployment_status"])
def test_the_run_that_filed_a_deployment_is_told_with_what_started_it(
    event: str,
) -> None:
    run = {"id": 77, "name": "Deploy", "event": "deployment", "head_sha": "a" * 40}
    status = {"deployment_status": STATUS} if event == "deployment_status" else {}
    found = told(event, deployment=DEPLOYED, workflow_run=run, **status)
    assert isinstance(found, DeploymentShown | StatusShown)
    assert found.about == OF_A_RUN


def test_a_deployment_of_which_github_does_not_say_when_was_made_just_now() -> None:
    assert deployment(created_at=None).about.created_at == T0


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
    found = read(Webhook("deployment", "guid", kind, body, T0))
    assert isinstance(found, DeploymentShown)
    assert isinstance(found.seen, GitHubDeploymentSeen)
    assert found.seen.deployment_id == DEPLOYMENT


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


@pytest.mark.parametrize("sha", ["", "main", "A" * 40, "a" * 41, "a" * 39 + "\n"])
def test_a_commit_that_is_none_is_refused(sha: str) -> None:
    with pytest.raises(MalformedWebhook, match=r"deployment\.sha"):
        deployment(sha=sha)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//shop.example",
        "ftp://shop.example",
        "https:shop.example",
        " https://shop.example",
        "https://shop.example/\u202etxt",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://" + "a" * 2_041,
    ],
)
def test_an_address_that_nobody_should_open_is_dropped(address: str) -> None:
    found = status(log_url=address, target_url="", environment_url=address)
    assert (found.log_url, found.environment_url) == ("", "")


@pytest.mark.parametrize(
    "address", ["https://shop.example/é?x=1#y", "HTTP://10.0.0.1:8080/"]
)
def test_an_address_of_the_web_is_kept(address: str) -> None:
    assert status(environment_url=address).environment_url == address


@given(st.text())
def test_text_is_one_short_line_whatever_was_written(text: str) -> None:
    kept = fields.line(text)
    assert len(kept) <= fields.LONGEST_TEXT
    assert not any(unicodedata.category(c) == "Cc" for c in kept)
    assert fields.line(kept) == kept


def test_what_is_longer_than_anybody_reads_is_cut() -> None:
    found = status(description="x" * 5_000, state="y" * 5_000)
    assert (len(found.description), len(found.state)) == (1_000, 255)
    assert len(deployment(environment="z" * 300).about.environment) == 255


PUSH = {
    "ref": "refs/heads/main",
    "before": "b" * 40,
    "after": "c" * 40,
    "created": False,
    "deleted": False,
    "forced": False,
    "head_commit": {"id": "c" * 40},
    "pusher": {"name": "mona"},
    "sender": {"id": 3, "login": "mona", "type": "User"},
    "repository": {**REPO, "pushed_at": 1767603540},
}
NOTHING = "0" * 40


def push(**changed: Any) -> RefPushed:
    found = told("push", **{**PUSH, **changed})
    assert isinstance(found, PushShown)
    return found.pushed


def test_a_push_tells_what_was_pushed_by_whom_and_when() -> None:
    assert push() == RefPushed(
        delivery_id="guid",
        repository=REPOSITORY,
        ref="refs/heads/main",
        before="b" * 40,
        after="c" * 40,
        pusher=Person(id=3, login="mona"),
        pushed_at=T0 - timedelta(minutes=1),
    )


def test_a_branch_that_was_created_was_at_nothing_before() -> None:
    assert push(before=NOTHING, created=True).before is None


def test_a_branch_that_was_deleted_is_at_nothing_now() -> None:
    assert push(after=NOTHING, deleted=True, head_commit=None).after is None


def test_zeros_mean_nothing_also_without_a_word_of_deletion() -> None:
    assert push(after=NOTHING, head_commit=None).after is None
    assert push(before="0" * 64).before is None


def test_a_branch_that_was_forced_is_at_its_new_commit() -> None:
    assert push(forced=True).after == "c" * 40


def test_an_annotated_tag_is_at_the_commit_that_it_names() -> None:
    tag = push(ref="refs/tags/v1", before=NOTHING, after="d" * 40)
    assert (tag.ref, tag.after) == ("refs/tags/v1", "c" * 40)


def test_who_is_not_known_is_nobody_who_may_do_anything() -> None:
    assert push(sender=None).pusher == Person(id=10137, login="ghost")


def test_when_is_just_now_if_github_does_not_say() -> None:
    assert push(repository=REPO).pushed_at == T0
    said = {**REPO, "pushed_at": "2026-01-05T08:00:00Z"}
    assert push(repository=said).pushed_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize("ref", ["refs/notes/commits", "refs/pull/1/head", "main", ""])
def test_what_is_neither_branch_nor_tag_tells_nothing(ref: str) -> None:
    assert told("push", **{**PUSH, "ref": ref}) is None


@pytest.mark.parametrize("name", ["a\nb", "a\0", "x" * 1_100])
def test_a_ref_that_git_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(MalformedWebhook, match="ref"):
        push(ref=f"refs/heads/{name}")


def test_a_ref_may_have_any_name_that_git_takes() -> None:
    family = "refs/heads/👨‍👩‍👧/ü"
    assert push(ref=family).ref == family


@pytest.mark.parametrize("field", ["before", "after"])
def test_a_push_to_no_commit_is_refused(field: str) -> None:
    with pytest.raises(MalformedWebhook, match=field):
        push(**{field: "main", "head_commit": None})


@given(
    st.dictionaries(
        st.sampled_from(sorted(PUSH)),
        st.none()
        | st.integers(-(2**63), 2**64 - 1)
        | st.text()
        | st.booleans()
        | st.just([]),
    )
)
def test_no_push_however_strange_is_more_than_malformed(changed: Any) -> None:
    try:
        found = told("push", **{**PUSH, **changed})
    except MalformedWebhook:
        return
    assert found is None or isinstance(found, PushShown)
