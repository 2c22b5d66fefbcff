"""Retries, rollbacks and promotions: what they want, and when they can't be."""

import pytest

from api_gateway.domain.again import promotion_of, retry_of, rollback_to
from api_gateway.domain.refusal import Refusal
from api_gateway.domain.requests import Wanted
from shared.contracts import Approval, Fact, Override, Ref, RollbackTarget
from shared.testing import T0

from .examples import (
    BOB,
    ID,
    SHA,
    cancel,
    canceled,
    created,
    given,
    gone,
    pending,
    queued,
    refused,
    rejected,
    requested,
    review_requested,
    status,
    verified,
)

OVERRIDE = Override(checks=("frozen",), reason="Shop is down.")
APPROVED = Approval(reviewer=BOB, approved_at=T0)
SUCCESS = [requested(), verified(), created(), status(1, "success")]


def target(*facts: Fact) -> RollbackTarget:
    wanted = rollback_to(given(*facts), None, take_over=False)
    assert isinstance(wanted, Wanted)
    assert wanted.rollback_of
    return wanted.rollback_of


@pytest.mark.parametrize(
    "facts",
    [
        [requested(), rejected()],
        [requested(), verified(), refused()],
        [requested(), verified(), created(), gone()],
        [requested(), verified(), cancel(), canceled()],
        [requested(), created(), status(1, "failure")],
        SUCCESS,
    ],
)
def test_what_has_ended_is_retried_at_the_same_commit(facts: list[Fact]) -> None:
    assert retry_of(given(*facts), OVERRIDE, wait_for_checks=True) == Wanted(
        environment="production",
        ref=Ref(type="branch", name="main"),
        source="retry",
        expected_sha=SHA,
        override=OVERRIDE,
        wait_for_checks=True,
    )


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [requested()],
        [requested(), pending()],
        [requested(), review_requested()],
        [requested(), queued()],
        [requested(), verified(), created()],
        [requested(), created(), status(1, "in_progress")],
        [requested(), cancel()],
    ],
)
def test_what_goes_on_is_neither_retried_nor_gone_back_to(facts: list[Fact]) -> None:
    known = given(*facts)
    for told in (
        retry_of(known, None, wait_for_checks=False),
        rollback_to(known, None, take_over=False),
        promotion_of(known, "production", None),
    ):
        assert isinstance(told, Refusal)
        assert told.code == "deployment_status_invalid"
        assert known.phase.value in told.message


def test_a_push_is_retried_at_the_pushed_commit() -> None:
    push = requested().model_copy(update={"source": "push", "expected_sha": SHA})
    ended = given(push, rejected().model_copy(update={"sha": None}))
    wanted = retry_of(ended, None, wait_for_checks=False)
    assert isinstance(wanted, Wanted)
    assert (wanted.source, wanted.expected_sha) == ("retry", SHA)


def test_a_rollback_goes_to_what_was_sent_then() -> None:
    wanted = rollback_to(given(*SUCCESS), OVERRIDE, take_over=True)
    assert isinstance(wanted, Wanted)
    assert (wanted.source, wanted.expected_sha) == ("rollback", SHA)
    assert wanted.ref == Ref(type="commit", name=SHA)
    assert (wanted.override, wanted.take_over) == (OVERRIDE, True)
    pinned = target(*SUCCESS)
    assert (pinned.deployment_id, pinned.number, pinned.sha) == (ID, 1, SHA)
    assert pinned.config == verified().config


def test_a_tag_stays_a_tag() -> None:
    tag = Ref(type="tag", name="v1")
    facts = [requested().model_copy(update={"ref": tag}), *SUCCESS[1:]]
    wanted = rollback_to(given(*facts), None, take_over=False)
    assert isinstance(wanted, Wanted)
    assert wanted.ref == tag


def test_a_late_success_is_rolled_back_to() -> None:
    late = [*SUCCESS[:3], cancel(), canceled(created=True), status(1, "success")]
    assert target(*late).sha == SHA


def test_what_was_approved_is_said_to_be() -> None:
    approved = verified().model_copy(update={"approvals": (APPROVED,)})
    assert not target(*SUCCESS).approved
    first = target(requested(), approved, status(1, "success"))
    assert first.approved
    repeated = verified().model_copy(update={"rollback_of": first})
    assert target(requested(), repeated, status(1, "success")).approved


def test_without_its_rules_nothing_is_rolled_back_to() -> None:
    told = rollback_to(
        given(requested(), created(), status(1, "success")), None, take_over=False
    )
    assert isinstance(told, Refusal)
    assert "its rules are not known" in told.message


def test_what_is_live_is_promoted() -> None:
    assert promotion_of(given(*SUCCESS), "eu", OVERRIDE) == Wanted(
        environment="eu",
        ref=Ref(type="commit", name=SHA),
        source="promotion",
        expected_sha=SHA,
        override=OVERRIDE,
    )
