"""Retries, rollbacks and promotions: what they want, and when they can't be."""

import pytest

from api_gateway.domain.again import (
    Terms,
    promoted_again,
    promotion_of,
    retry_of,
    rollback_to,
)
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
NOTHING_SAID = Terms()
PASSING = Terms(override=OVERRIDE)
OTHER = "e" * 40
APPROVED = Approval(reviewer=BOB, approved_at=T0)
SUCCESS = [requested(), verified(), created(), status(1, "success")]


def target(*facts: Fact) -> RollbackTarget:
    wanted = rollback_to(given(*facts), NOTHING_SAID)
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
    assert retry_of(given(*facts), PASSING, wait_for_checks=True) == Wanted(
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
        retry_of(known, NOTHING_SAID),
        rollback_to(known, NOTHING_SAID),
        promotion_of(known, "production", NOTHING_SAID),
    ):
        assert isinstance(told, Refusal)
        assert told.code == "deployment_status_invalid"
        assert f". It is {known.phase.value}." in told.message


def test_who_can_have_nothing_again_is_told_why() -> None:
    known = given(requested())
    told = [
        retry_of(known, NOTHING_SAID),
        rollback_to(known, NOTHING_SAID),
        promotion_of(known, "eu", NOTHING_SAID),
    ]
    assert [why.message for why in told if isinstance(why, Refusal)] == [
        "#1 has not ended: wait for its end, or cancel it. It is requested.",
        "#1 can't be rolled back to: it has not succeeded. It is requested.",
        "#1 is not live, so it can't be promoted. It is requested.",
    ]


def test_a_push_is_retried_at_the_pushed_commit() -> None:
    push = requested().model_copy(update={"source": "push", "expected_sha": SHA})
    ended = given(push, rejected().model_copy(update={"sha": None}))
    wanted = retry_of(ended, NOTHING_SAID)
    assert isinstance(wanted, Wanted)
    assert (wanted.source, wanted.expected_sha) == ("retry", SHA)


def test_a_rollback_goes_to_what_was_sent_then() -> None:
    wanted = rollback_to(given(*SUCCESS), PASSING, take_over=True)
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
    wanted = rollback_to(given(*facts), NOTHING_SAID)
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
        given(requested(), created(), status(1, "success")), NOTHING_SAID
    )
    assert isinstance(told, Refusal)
    assert "its rules are not known" in told.message


def test_what_is_live_is_promoted() -> None:
    assert promotion_of(given(*SUCCESS), "eu", PASSING) == Wanted(
        environment="eu",
        ref=Ref(type="commit", name=SHA),
        source="promotion",
        expected_sha=SHA,
        override=OVERRIDE,
    )


@pytest.mark.parametrize("shown", [SHA, None])
def test_what_somebody_was_shown_goes_out(shown: str | None) -> None:
    known, terms = given(*SUCCESS), Terms(expected_sha=shown)
    for told in (
        retry_of(known, terms),
        rollback_to(known, terms),
        promotion_of(known, "eu", terms),
    ):
        assert isinstance(told, Wanted)
        assert told.expected_sha == SHA


def test_another_commit_than_was_shown_does_not_go_out() -> None:
    known, terms = given(*SUCCESS), Terms(expected_sha=OTHER)
    refusal = Refusal(
        "entity_unprocessable",
        f"expected_sha: #1 is of {SHA}, and not of {OTHER}, which was to be deployed: "
        "look at it again before you deploy it.",
    )
    assert retry_of(known, terms) == rollback_to(known, terms) == refusal
    assert promotion_of(known, "eu", terms) == Refusal(
        "entity_unprocessable",
        f"expected_sha: #1 is live there now, of {SHA}, and not {OTHER}, which was to "
        "be promoted: another one has gone out meanwhile. Look at what has changed, "
        "and promote again.",
    )


def test_what_a_push_was_about_is_what_is_expected() -> None:
    push = requested().model_copy(update={"source": "push", "expected_sha": SHA})
    ended = given(push, rejected().model_copy(update={"sha": None}))
    assert isinstance(retry_of(ended, Terms(expected_sha=OTHER)), Refusal)


def test_where_no_commit_was_found_the_verifier_compares() -> None:
    ended = given(requested(), rejected().model_copy(update={"sha": None}))
    wanted = retry_of(ended, Terms(expected_sha=OTHER))
    assert isinstance(wanted, Wanted)
    assert wanted.expected_sha == OTHER


def test_a_promotion_that_is_asked_for_anew_means_the_same() -> None:
    before = promotion_of(given(*SUCCESS), "eu", NOTHING_SAID)
    assert isinstance(before, Wanted)
    for terms in (NOTHING_SAID, Terms(expected_sha=SHA)):
        assert promoted_again(before, "eu", terms) == before
    for environment, terms in (
        ("us", NOTHING_SAID),
        ("eu", Terms(expected_sha=OTHER)),
        ("eu", PASSING),
    ):
        assert promoted_again(before, environment, terms) != before
