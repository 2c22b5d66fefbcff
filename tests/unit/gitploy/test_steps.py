from typing import Any

import pytest

from gitploy.steps import Steps


def deployment(phase: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 4, "number": 1, "env": "production", "ref": "main", "phase": phase,
        "updated_at": "2026-01-05T09:00:00Z", "waits_for": None, "message": None,
        "sha": "8350dd2c1e45cd30", "uid": 31, "checks": [{"state": "passed"}] * 6,
        "edges": {"user": {"login": "ada"}}, **more,
    }  # fmt: skip


def status(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 9, "status": state, "description": "Deploying", "log_url": "http://log",
        "created_at": "2026-01-05T09:00:00Z",
        "edges": {"deployment": deployment("created")}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("document", "word", "sentence"),
    [
        (deployment("requested"), "requested", "ada wants it there."),
        (
            deployment("dispatching"),
            "verified",
            "8350dd2 may be deployed: 6 checks passed.",
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


def test_what_was_told_is_not_told_again() -> None:
    steps = Steps()
    assert steps.of("deployment", deployment("requested"))
    assert not steps.of("deployment", deployment("requested"))
    assert steps.of("deployment", deployment("requested", id=5))
    assert steps.of("deployment", deployment("rejected"))


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
