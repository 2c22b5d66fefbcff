from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.github import (
    Ambiguous,
    AutoMerged,
    BadCredentials,
    ChecksFailed,
    Context,
    Created,
    CreateOutcome,
    Deleted,
    Forbidden,
    HookSaved,
    Invalid,
    MergeConflict,
    NotFound,
    RateLimited,
    Redirected,
    RefNotFound,
    StatusCreated,
    classify_create,
)
from shared.github.classify import classify_delete, classify_hook, classify_status

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DEPLOYMENT = {"id": 7, "sha": "a" * 40, "ref": "main", "payload": {}, "creator": None}
CONTEXTS = [
    {"context": "main", "state": "pending"},
    {"context": "main", "state": "success"},
]
CHECKS = {
    "message": "Conflict: Commit status checks failed for feature/abc.",
    "errors": [
        {
            "contexts": CONTEXTS,
            "resource": "Deployment",
            "field": "required_contexts",
            "code": "invalid",
        }
    ],
    "status": "409",
}
WRONG = {"resource": "Deployment", "field": "task", "code": "invalid"}


def told(message: str, **more: Any) -> dict[str, Any]:
    return {"message": message, **more}


TABLE: list[tuple[int, dict[str, str], Any, CreateOutcome]] = [
    (
        202,
        {},
        told("Auto-merged main into x on deployment."),
        AutoMerged("Auto-merged main into x on deployment."),
    ),
    (409, {}, told("Conflict merging main."), MergeConflict("Conflict merging main.")),
    (
        409,
        {},
        CHECKS,
        ChecksFailed(
            (Context("main", "pending"), Context("main", "success")),
            "Conflict: Commit status checks failed for feature/abc.",
        ),
    ),
    (422, {}, told("No ref found for: x"), RefNotFound("No ref found for: x")),
    (
        422,
        {},
        told("Validation Failed", errors=[WRONG]),
        Invalid("Validation Failed", (WRONG,)),
    ),
    (422, {}, told("No.", errors=["odd"]), Invalid("No.", ({"message": "odd"},))),
    (
        403,
        {"X-Accepted-GitHub-Permissions": "deployments=write"},
        told("Resource not accessible by integration"),
        Forbidden("Resource not accessible by integration", "deployments=write"),
    ),
    (404, {}, told("Not Found", status="404"), NotFound()),
    (401, {}, told("Bad credentials"), BadCredentials()),
    (403, {"retry-after": "5"}, {}, RateLimited(NOW + timedelta(seconds=5), True)),
    (307, {"Location": "/repositories/1"}, {}, Redirected("/repositories/1")),
    (301, {"location": "/repositories/1"}, {}, Redirected("/repositories/1")),
    (400, {}, None, Invalid("GitHub answered 400")),
]


@pytest.mark.parametrize(("status", "headers", "body", "expected"), TABLE)
def test_githubs_answers_to_a_create(
    status: int, headers: dict[str, str], body: Any, expected: CreateOutcome
) -> None:
    assert classify_create(status, headers, orjson.dumps(body), NOW) == expected


def test_a_deployment_is_created() -> None:
    outcome = classify_create(201, {}, orjson.dumps(DEPLOYMENT), NOW)
    assert isinstance(outcome, Created)
    assert (outcome.deployment.id, outcome.deployment.sha) == (7, "a" * 40)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, b""),
        (201, b"{}"),
        (201, b'{"id": 7, "sha": "aaa'),
        (201, b"[]"),
        (202, b""),
        (200, b"{}"),
        (301, b""),
        (408, b""),
        (500, b"oops"),
        (502, b"<html>"),
        (503, b""),
        (504, b""),
    ],
)
def test_an_answer_that_does_not_tell_is_ambiguous(status: int, body: bytes) -> None:
    outcome = classify_create(status, {"X-GitHub-Request-Id": "AB:1"}, body, NOW)
    assert isinstance(outcome, Ambiguous)
    assert str(status) in outcome.reason
    assert "AB:1" in outcome.reason


def test_a_status_is_created_refused_or_unclear() -> None:
    posted = classify_status(201, {}, b'{"id": 3, "state": "error"}', NOW)
    assert isinstance(posted, StatusCreated)
    assert posted.status.id == 3
    assert isinstance(classify_status(422, {}, b"{}", NOW), Invalid)
    assert isinstance(classify_status(201, {}, b"", NOW), Ambiguous)
    assert isinstance(classify_status(202, {}, b"", NOW), Ambiguous)


def test_a_hook_is_saved_and_deleted() -> None:
    saved = classify_hook(201, {}, b'{"id": 9, "events": ["push"]}', NOW)
    assert isinstance(saved, HookSaved)
    assert saved.hook.events == ("push",)
    assert classify_delete(204, {}, b"", NOW) == Deleted()
    assert classify_delete(404, {}, b"", NOW) == NotFound("GitHub answered 404")
