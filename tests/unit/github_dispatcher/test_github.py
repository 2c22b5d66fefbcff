"""What GitHub's answers mean, what is sent to it, and how fast."""

from datetime import timedelta

import pytest

from github_dispatcher.domain.answers import NotNow, Refusal, Unclear
from github_dispatcher.github.body import body_of
from github_dispatcher.github.outcomes import answer
from github_dispatcher.github.pace import PacedWrites
from shared.contracts import PinnedConfig, RefVerified
from shared.github import (
    Ambiguous,
    AutoMerged,
    BadCredentials,
    ChecksFailed,
    Created,
    CreateOutcome,
    Deployment,
    Forbidden,
    Invalid,
    MergeConflict,
    NotFound,
    RateLimited,
    Redirected,
    RefNotFound,
    UnmarkablePayload,
    Unreachable,
)
from shared.testing import T0, FakeClock

from .examples import ID, SHA, at_github, order, seconds


def with_payload(payload: object) -> RefVerified:
    config = PinnedConfig.model_validate(
        {
            "commit": "b" * 40,
            "digest": "c" * 64,
            "environment": "production",
            "payload": payload,
        }
    )
    return order(config=config)


def test_nothing_is_left_to_github() -> None:
    body = body_of(order())
    assert body["ref"] == SHA
    assert body["auto_merge"] is False
    assert body["required_contexts"] == []
    assert body["transient_environment"] is False
    assert body["payload"]["gitploy"]["deployment_id"] == str(ID)


def test_a_payload_that_github_does_not_take_is_not_sent() -> None:
    with pytest.raises(UnmarkablePayload, match=r"change `payload` in deploy.yml"):
        body_of(with_payload([1, 2]))


def test_the_created_deployment_is_known_by_its_marker() -> None:
    payload = body_of(order())["payload"]
    made = Deployment(
        id=42,
        sha=SHA,
        environment="production",
        task="deploy",
        payload=payload,
        url="https://api.github.com/deployments/42",
    )
    assert answer(Created(made)) == at_github()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (RefNotFound("No ref found for: x"), "ref_not_found"),
        (Invalid("Validation Failed"), "invalid"),
        (Forbidden("Resource not accessible by integration"), "forbidden"),
        (NotFound(), "repository_gone"),
        (MergeConflict("Conflict"), "conflict"),
        (ChecksFailed((), "Conflict"), "conflict"),
        (AutoMerged("Auto-merged"), "merged_instead"),
    ],
)
def test_a_clear_no_is_final_and_says_what_to_do(
    outcome: CreateOutcome, code: str
) -> None:
    refusal = answer(outcome)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert ": " in refusal.message
    assert refusal.message.endswith(".")


def test_what_github_says_of_each_field_is_passed_on() -> None:
    outcome = Invalid("Validation Failed", ({"message": "Name is too long"},))
    refusal = answer(outcome)
    assert isinstance(refusal, Refusal)
    assert "Validation Failed; Name is too long" in refusal.message


def test_the_right_that_is_missing_is_named() -> None:
    refusal = answer(Forbidden("No.", needed="deployments=write"))
    assert isinstance(refusal, Refusal)
    assert "deployments=write" in refusal.message


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (RateLimited(T0), "rate_limited"),
        (Unreachable("connection refused"), "unreachable"),
        (BadCredentials(), "bad_credentials"),
        (Redirected("https://api.github.com/repositories/7"), "redirected"),
    ],
)
def test_what_may_work_another_time_is_tried_again(
    outcome: CreateOutcome, word: str
) -> None:
    later = answer(outcome)
    assert isinstance(later, NotNow)
    assert later.outcome == word


def test_what_tells_nothing_is_unclear() -> None:
    assert answer(Ambiguous("502")) == Unclear("502")


def test_a_write_that_was_set_aside_is_not_taken_by_others() -> None:
    clock = FakeClock()
    pace = PacedWrites(per_minute=60, burst=2, clock=clock)
    assert pace.reserve() is None
    assert pace.reserve() is None
    assert pace.reserve() == T0 + seconds(1)
    assert pace.take() is None
    assert pace.take() is None
    assert pace.take() == RateLimited(T0 + seconds(1))


def test_a_write_that_was_given_back_can_be_had_again() -> None:
    pace = PacedWrites(per_minute=60, burst=1, clock=FakeClock())
    assert pace.reserve() is None
    pace.release()
    assert pace.reserve() is None


def test_a_pause_holds_for_what_was_set_aside() -> None:
    pace = PacedWrites(clock=FakeClock())
    pace.reserve()
    pause = T0 + timedelta(minutes=5)
    pace.pause(pause)
    assert pace.take() == RateLimited(pause)
    assert pace.reserve() == pause
