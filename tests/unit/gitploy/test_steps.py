from typing import Any

import pytest

from gitploy.steps import Steps

from .documents import SHA, T0, deployment


def review(status: str, comment: str = "") -> dict[str, Any]:
    return {
        "id": 3, "status": status, "comment": comment,
        "updated_at": "2026-01-05T09:00:00Z",
        "edges": {"user": {"login": "bob"}, "deployment": deployment("created")},
    }  # fmt: skip


def lock(**more: Any) -> dict[str, Any]:
    return {
        "id": 5, "env": "production", "reason": "Move", "expired_at": None,
        "ended": None, "commands": [{"at": "2026-01-05T09:00:00Z"}],
        "edges": {"user": {"login": "ada"}}, **more,
    }  # fmt: skip


def hold(*, active: bool) -> dict[str, Any]:
    return {
        "uuid": "6f1c", "env": "production", "number": 7, "active": active,
        "since": "2026-01-05T09:00:00Z",
    }  # fmt: skip


def status(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 9, "status": state, "description": "Deploying", "log_url": "http://log",
        "created_at": "2026-01-05T09:00:00Z",
        "edges": {"deployment": deployment("created")}, **more,
    }  # fmt: skip


OVERRIDE = {"checks": ["frozen", "locked"], "reason": "Hotfix."}
LINE = {"message": "It is number 2 in line, behind #1.", "until": None}
CHECKS = {"message": "test has not passed.", "until": "2026-01-05T09:30:00Z"}


@pytest.mark.parametrize(
    ("document", "word", "sentence"),
    [
        (deployment("requested"), "requested", "ada wants it there."),
        (
            deployment("requested", override=OVERRIDE),
            "requested",
            "ada wants it there. Past frozen, locked: Hotfix.",
        ),
        (
            deployment("requested", source="rollback", rollback_of={"number": 3}),
            "requested",
            "ada goes back to #3.",
        ),
        (
            deployment("requested", source="promotion"),
            "requested",
            "ada promotes it there.",
        ),
        (deployment("requested", source="retry"), "requested", "ada tries it again."),
        (
            deployment("waiting_for_checks", source="push", sha=""),
            "pushed",
            "ada pushed it.",
        ),
        (
            deployment("waiting_for_review", waits_for={"message": "0 of 1."}),
            "review",
            "0 of 1.",
        ),
        (
            deployment("waiting_in_queue", waits_for=LINE),
            "in line",
            "It is number 2 in line, behind #1.",
        ),
        (
            deployment("verifying"),
            "sent",
            "It has its approvals; what may have changed is asked again.",
        ),
        (
            deployment("dispatching"),
            "verified",
            "8350dd2 may be deployed: 6 checks passed.",
        ),
        (
            deployment(
                "dispatching",
                checks=[
                    {"state": "passed", "code": "ref"},
                    {"state": "overridden", "code": "frozen"},
                ],
            ),
            "verified",
            "8350dd2 may be deployed: 1 checks passed, frozen overridden.",
        ),
        (
            deployment("dispatching", waits_for={"message": "GitHub is away."}),
            "verified",
            "GitHub is away.",
        ),
        (deployment("created"), "created", "GitHub has 8350dd2 as deployment 31."),
        (deployment("rejected", message="Behind."), "rejected", "Behind."),
        (deployment("canceled", sha=None), "canceled", ""),
    ],
)
def test_each_phase_is_a_step(
    document: dict[str, Any], word: str, sentence: str
) -> None:
    step = Steps().of("deployment", document)
    assert step
    assert (step.word, step.sentence) == (word, sentence)
    assert (step.number, step.environment, step.ref) == (1, "production", "main")


@pytest.mark.parametrize("source", ["api", "push"])
def test_checks_are_named_and_until_when_they_are_waited_for(source: str) -> None:
    waiting = deployment("waiting_for_checks", source=source, waits_for=CHECKS)
    step = Steps().of("deployment", waiting)
    assert step
    assert step.word == "checks"
    assert step.sentence.startswith("test has not passed. Until 2026-01-05 ")


@pytest.mark.parametrize(
    ("event", "document", "word", "sentence"),
    [
        ("review", review("approved"), "review", "bob approves it."),
        ("review", review("rejected", "No."), "review", "bob rejects it: No."),
        ("lock", lock(), "locked", "ada has locked it: Move."),
        ("lock", lock(reason=""), "locked", "ada has locked it."),
        (
            "lock",
            lock(ended={"at": T0, "who": {"login": "bob"}, "cause": "person"}),
            "unlocked",
            "bob has unlocked it.",
        ),
        (
            "lock",
            lock(ended={"at": T0, "who": {"login": "bob"}, "cause": "taken_over"}),
            "unlocked",
            "bob has taken the lock over.",
        ),
        (
            "lock",
            lock(ended={"at": T0, "who": None, "cause": "expired"}),
            "unlocked",
            "The lock's time is over.",
        ),
        (
            "hold",
            hold(active=True),
            "held",
            "Pushes are not deployed here since #7 went back.",
        ),
        ("hold", hold(active=False), "resumed", "Pushes are deployed here again."),
    ],
)
def test_reviews_locks_and_holds_are_steps(
    event: str, document: dict[str, Any], word: str, sentence: str
) -> None:
    step = Steps().of(event, document)
    assert step
    assert (step.word, step.sentence) == (word, sentence)
    assert step.environment == "production"
    assert step.number == (1 if event == "review" else None)


def test_a_lock_says_until_when() -> None:
    step = Steps().of("lock", lock(expired_at="2026-01-05T18:00:00Z"))
    assert step
    assert step.sentence.startswith("ada has locked it: Move. Until 2026-01-05 ")


def test_that_somebody_is_asked_is_told_with_the_deployment() -> None:
    assert not Steps().of("review", review("pending"))
    assert not Steps().of("review", {**review("approved"), "edges": {}})


def test_what_was_told_is_not_told_again() -> None:
    steps = Steps()
    assert steps.of("deployment", deployment("requested"))
    assert not steps.of("deployment", deployment("requested"))
    assert steps.of("deployment", deployment("requested", id=5))
    assert steps.of("deployment", deployment("rejected"))
    assert steps.of("lock", lock(id=4))
    assert not steps.of("lock", lock(id=4))


def test_a_commit_is_shortened() -> None:
    step = Steps().of("deployment", deployment("requested", type="commit", ref=SHA))
    assert step
    assert step.ref == "8350dd2"


def test_what_others_made_has_no_number() -> None:
    theirs = deployment("created", foreign=True, number=None, source="github")
    step = Steps().of("deployment", theirs)
    assert step
    assert (step.number, step.sentence) == (
        None,
        "ada made it at GitHub, past Gitploy.",
    )


def test_a_status_is_a_step_with_its_log() -> None:
    step = Steps().of("deployment_status", status("in_progress"))
    assert step
    assert (step.word, step.url) == ("running", "http://log")


@pytest.mark.parametrize("phase", ["queued", "running", "success", "failure"])
def test_what_statuses_tell_is_not_told_twice(phase: str) -> None:
    assert not Steps().of("deployment", deployment(phase))


def test_what_is_no_deployments_is_no_step() -> None:
    assert not Steps().of("ping", {})
    assert not Steps().of("deployment_status", status("success", edges={}))
