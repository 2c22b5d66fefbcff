"""Whose answers count, and what follows from them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.approvals import Shown, approvals, tally
from api_gateway.domain.confirming import Confirmation, confirmed, why_not_confirmed
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import ReviewAsked, ReviewState, ReviewSubmitted
from api_gateway.domain.reviews import Opinion, asked, reviewed, why_not_reviewed
from shared.contracts import (
    CancelRequested,
    DeployConfirmed,
    Fact,
    Override,
    Person,
)
from shared.testing import T0

from . import examples
from .examples import (
    ANN,
    BOB,
    CARL,
    SHA,
    cancel,
    canceled,
    confirmation_refused,
    created,
    fold,
    given,
    messages,
    queued,
    rejected,
    requested,
    review_requested,
    reviewer_asked,
    submitted,
    verified,
)

DAN = Person(id=45, login="dan")
#: The deployment is ann's.
ASKED = [requested(), review_requested(), reviewer_asked(BOB), reviewer_asked(CARL)]
CONFIRMATION = Confirmation(
    confirmation_id=UUID(int=5),
    by=ANN,
    shown=Shown(),
    at=T0,
    not_after=T0 + timedelta(minutes=15),
)


def opinion(
    who: Person = BOB, state: ReviewState = "approved", comment: str = "", **shown: str
) -> Opinion:
    return Opinion(
        review_id=UUID(int=6),
        reviewer=who,
        state=state,
        comment=comment,
        shown=Shown(**shown),
        at=T0,
    )


def said_by(known: Deployment, answer: Opinion) -> Sequence[Fact]:
    return reviewed(known, answer, CONFIRMATION)


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


def code(known: Deployment, answer: Opinion) -> str | None:
    """Why it can't be said; nothing is recorded then."""
    why = why_not_reviewed(known, answer)
    assert bool(why) != bool(said_by(known, answer))
    return why.code if why else None


def test_each_reviewer_but_the_deployer_is_asked_once() -> None:
    known = given(requested(), review_requested())
    assert asked(known) == [ReviewAsked(reviewer=BOB), ReviewAsked(reviewer=CARL)]
    assert asked(given(*ASKED[:3])) == [ReviewAsked(reviewer=CARL)]
    assert asked(given(*ASKED)) == []
    assert asked(given(requested())) == asked(given(review_requested())) == []


def test_who_is_to_be_asked_may_answer_at_once() -> None:
    known = given(requested(), review_requested())
    assert tally(known) == "It has 0 of 1 approvals; bob, carl may still answer"
    assert ReviewSubmitted in kinds(said_by(known, opinion(BOB)))
    assert code(known, opinion(ANN)) == "entity_not_found"


def test_an_answer_says_what_it_is_about() -> None:
    [answer] = said_by(given(*ASKED), opinion(comment="Fine."))
    assert isinstance(answer, ReviewSubmitted)
    assert (answer.state, answer.comment) == ("approved", "Fine.")
    assert (answer.sha, answer.config_digest) == (SHA, "d")


def test_the_newest_answer_of_a_person_counts() -> None:
    known = given(*ASKED, submitted(BOB), submitted(BOB, "pending"), submitted(CARL))
    assert [a.reviewer for a in approvals(known)] == [CARL]


def test_the_same_answer_twice_is_one() -> None:
    known = given(*ASKED, submitted(BOB))
    assert not said_by(known, opinion())
    assert not why_not_reviewed(known, opinion())
    assert said_by(known, opinion(comment="Really."))


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (ANN, "ann deploys it: nobody reviews what they deploy themselves."),
        (DAN, "dan is not asked to review this deployment, but bob, carl."),
    ],
)
def test_only_who_is_asked_answers(who: Person, why: str) -> None:
    assert code(given(*ASKED), opinion(who)) == "entity_not_found"
    refusal = why_not_reviewed(given(*ASKED), opinion(who))
    assert refusal is not None
    assert refusal.message == why


def test_who_answers_too_late_is_told_what_is_still_possible() -> None:
    sent = given(*ASKED, submitted(CARL), queued())
    told = why_not_reviewed(sent, opinion())
    assert told is not None
    assert told.message == (
        "It is sent already (waiting_in_queue): only a rejection can stop it."
    )
    assert why_not_reviewed(sent, opinion(state="rejected")) is None
    told = why_not_reviewed(given(*ASKED, created()), opinion(state="rejected"))
    assert told is not None
    assert told.message == ("The deployment does not wait for reviews: it is created.")


def test_who_was_shown_another_commit_is_told_which_one_it_is() -> None:
    told = why_not_reviewed(given(*ASKED), opinion(sha="b" * 40))
    assert told is not None
    assert told.message == (
        f"sha: this deployment is of {SHA}, not of {'b' * 40}. Look at it again before "
        "you decide."
    )


def test_where_nobody_is_asked_nobody_answers() -> None:
    why = why_not_reviewed(given(requested()), opinion())
    assert why is not None
    assert why.message == "Nobody is asked to review this deployment."


def test_an_approval_of_another_pair_does_not_count() -> None:
    known = given(*ASKED, submitted(BOB, digest="other"))
    assert approvals(known) == ()
    why = why_not_confirmed(known, CONFIRMATION)
    assert why is not None
    assert why.code == "deployment_not_approved"


@pytest.mark.parametrize(
    "shown", [{"sha": "b" * 40}, {"config_digest": "e"}, {"sha": SHA.upper()}]
)
def test_who_was_shown_another_pair_decides_nothing(shown: dict[str, Any]) -> None:
    assert code(given(*ASKED), opinion(**shown)) == "entity_unprocessable"
    known = given(*ASKED, submitted(BOB))
    decided = replace(CONFIRMATION, shown=Shown(**shown))
    why = why_not_confirmed(known, decided)
    assert why is not None
    assert why.code == "entity_unprocessable"
    open_ = given(*ASKED, submitted(BOB), examples.confirmed())
    assert why_not_confirmed(open_, decided) == why


def test_a_rejection_ends_it() -> None:
    facts = said_by(given(*ASKED), opinion(CARL, "rejected", "No tests."))
    assert kinds(facts) == [ReviewSubmitted, CancelRequested]
    ends = facts[1]
    assert isinstance(ends, CancelRequested)
    assert (ends.by, ends.who, ends.code) == ("reviewer", CARL, "review_rejected")
    assert ends.reason == "carl rejected it: No tests."


@pytest.mark.parametrize(
    "since",
    [
        [examples.confirmed()],
        [examples.confirmed(), queued()],
    ],
)
def test_what_is_sent_can_only_be_rejected(since: list[Fact]) -> None:
    known = given(*ASKED, submitted(BOB), *since)
    assert code(known, opinion(BOB, "pending")) == "deployment_status_invalid"
    assert code(known, opinion(CARL)) == "deployment_status_invalid"
    assert kinds(said_by(known, opinion(CARL, "rejected")))[1:] == [CancelRequested]


@pytest.mark.parametrize(
    "since",
    [
        [examples.confirmed(), verified()],
        [created()],
        [cancel()],
        [cancel(), canceled()],
        [rejected()],
    ],
)
def test_what_is_dispatched_or_ended_hears_nobody(since: list[Fact]) -> None:
    known = given(*ASKED, *since)
    for state in ("approved", "rejected", "pending"):
        assert code(known, opinion(state=state)) == "deployment_status_invalid"
    assert not confirmed(known, CONFIRMATION)


def test_after_a_refused_confirmation_minds_may_change_again() -> None:
    known = given(*ASKED, submitted(BOB), examples.confirmed(), confirmation_refused())
    assert code(known, opinion(BOB, "pending")) is None
    [again] = confirmed(known, CONFIRMATION)
    assert [a.reviewer for a in again.approvals] == [BOB]


def test_a_confirmation_carries_the_pair_and_the_approvals() -> None:
    known = given(*ASKED, submitted(CARL), submitted(BOB))
    [sent] = confirmed(known, CONFIRMATION)
    assert (sent.sha, sent.config_digest) == (SHA, "d")
    assert [a.reviewer for a in sent.approvals] == [BOB, CARL]
    assert (sent.confirmed_by, sent.confirmation_id) == (ANN, UUID(int=5))


def test_one_confirmation_is_open_at_a_time() -> None:
    known = given(*ASKED, submitted(BOB), examples.confirmed())
    assert not confirmed(known, CONFIRMATION)
    assert why_not_confirmed(known, CONFIRMATION) is None


def test_what_lacks_approvals_is_not_sent() -> None:
    known = given(
        requested(),
        review_requested(required=2),
        reviewer_asked(BOB),
        reviewer_asked(CARL),
        submitted(BOB),
    )
    assert not confirmed(known, CONFIRMATION)
    assert tally(known) == "It has 1 of 2 approvals (by bob); carl may still answer"
    full = given(*messages_of(known), submitted(CARL))
    assert tally(full) == "It has 2 of 2 approvals (by bob, carl)"


@pytest.mark.parametrize(
    ("emergency", "checks", "hint"),
    [
        (True, ("review",), None),
        (True, ("frozen", "review"), None),
        (True, ("frozen",), "an overrider may send it: `override` the review."),
        (True, (), "an overrider may send it: `override` the review."),
        (False, ("review",), "can't be overridden: no `review.emergency: true`."),
        (False, (), "bob, carl may still answer."),
    ],
)
def test_only_in_an_emergency_it_is_sent_without_approvals(
    emergency: bool, checks: tuple[str, ...], hint: str | None
) -> None:
    known = given(requested(), review_requested(emergency=emergency), *ASKED[2:])
    over = Override(checks=checks, reason="It burns.") if checks else None
    confirmation = replace(CONFIRMATION, override=over)
    sent, why = confirmed(known, confirmation), why_not_confirmed(known, confirmation)
    if hint is None:
        assert why is None
        assert [(c.override, c.approvals) for c in sent] == [(over, ())]
    else:
        assert not sent
        assert why
        assert why.code == "deployment_not_approved"
        assert why.message.startswith("It has 0 of 1 approvals")
        assert why.message.endswith(hint)


def messages_of(known: Deployment) -> list[Fact]:
    """The facts that made it, in an order of their own."""
    facts = [known.request, known.review, *known.reviews.values()]
    asked_for = [ReviewAsked(reviewer=who) for who in known.reviewers.values()]
    return [m.data for m in facts if m] + list(asked_for)


@pytest.mark.parametrize(("required", "sends"), [(1, [True]), (2, [False, True])])
def test_the_last_approval_sends_it_where_the_rules_say_so(
    required: int, sends: list[bool]
) -> None:
    asked_for = review_requested(required=required, on_approval="deploy")
    facts: list[Fact] = [requested(), asked_for, *ASKED[2:]]
    for who, sent in zip((BOB, CARL), sends, strict=False):
        follows = said_by(given(*facts), opinion(who))
        assert (DeployConfirmed in kinds(follows)) is sent
        facts += follows
    [confirmation] = [f for f in facts if isinstance(f, DeployConfirmed)]
    assert len(confirmation.approvals) == required


def test_who_was_not_asked_does_not_count() -> None:
    assert approvals(given(*ASKED, submitted(ANN), submitted(DAN))) == ()


def test_who_approves_twice_counts_once() -> None:
    asked_for = review_requested(required=2, on_approval="deploy")
    known = given(requested(), asked_for, *ASKED[2:], submitted(BOB))
    assert kinds(said_by(known, opinion(BOB, comment="Really."))) == [ReviewSubmitted]


FACTS = messages(
    *ASKED,
    review_requested(emergency=True),
    submitted(BOB),
    submitted(CARL),
    submitted(CARL, "rejected"),
    submitted(BOB, digest="other"),
    submitted(ANN),
    submitted(DAN),
    examples.confirmed(1),
    examples.confirmed(2),
    confirmation_refused(1),
    confirmation_refused(2),
    queued(),
    verified(),
    cancel(),
    canceled(),
    rejected(),
)


@drawn(
    st.lists(st.sampled_from(FACTS)),
    st.sampled_from([BOB, CARL, ANN, DAN]),
    st.sampled_from([(), ("frozen",), ("review",)]),
)
def test_nothing_is_sent_without_the_approvals_of_others(
    told: list[examples.DeploymentMessage], who: Person, passed: tuple[str, ...]
) -> None:
    known = fold(told)
    answers = said_by(known, opinion(who))
    over = Override(checks=passed, reason="It burns.") if passed else None
    sent = confirmed(known, replace(CONFIRMATION, by=who, override=over))
    for fact in [*sent, *answers]:
        if isinstance(fact, DeployConfirmed):
            people = {a.reviewer for a in fact.approvals}
            assert people <= {BOB, CARL}
            emergency = known.review and known.review.data.emergency
            assert people or (emergency and "review" in passed)
            assert people or fact.override == over
            assert (fact.sha, fact.config_digest) == (SHA, "d")
    if answers or sent:
        assert not known.cancel
        assert not known.verified
