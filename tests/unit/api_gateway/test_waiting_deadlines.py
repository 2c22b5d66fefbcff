"""What is due while people, checks or others are waited for, and after a cancel."""

from datetime import timedelta

from api_gateway.domain.deadlines import passed, question
from api_gateway.domain.facts import AskedAgain
from api_gateway.domain.phase import Phase
from shared.contracts import (
    CancelRequested,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import T0

from .examples import (
    BOB,
    CARL,
    after,
    cancel,
    confirmation_refused,
    confirmed,
    moved,
    pending,
    queued,
    requested_by_push,
    review_requested,
    reviewer_asked,
    status,
    submitted,
    synced,
)
from .timing import (
    CREATED,
    LIMITS,
    REQUESTED,
    SYNC,
    asked,
    at,
    at_the_deadline,
    found_final,
    kinds,
    when,
)


def test_a_confirmation_is_asked_until_its_end() -> None:
    sent = after(days=1)
    known = at(REQUESTED, (review_requested(), T0), (confirmed(at=sent), sent))
    assert when(known) == sent + timedelta(seconds=30)
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    assert question(known) is known.open_confirmation
    last = sent + timedelta(minutes=14, seconds=45)
    known = at(
        REQUESTED,
        (review_requested(), T0),
        (confirmed(at=sent), sent),
        asked(Phase.VERIFYING, 29, last),
    )
    assert when(known) == last + timedelta(seconds=30)
    [canceling] = at_the_deadline(known)
    assert isinstance(canceling, CancelRequested)
    assert canceling.code == "verification_unavailable"
    assert canceling.reason == (
        "The verifier did not answer within 15 min. It or GitHub may be out of reach: "
        "look at the verifier's /readyz and at githubstatus.com, then deploy again."
    )


def test_after_being_down_a_confirmation_is_asked_before_it_is_given_up() -> None:
    known = at(REQUESTED, (review_requested(), T0), (confirmed(), T0))
    [asking] = passed(known, after(hours=3), LIMITS, SYNC)
    assert isinstance(asking, AskedAgain)
    again = at(
        REQUESTED,
        (review_requested(), T0),
        (confirmed(), T0),
        asked(Phase.VERIFYING, 1, asking.at),
    )
    assert when(again) == after(hours=3, seconds=30)


def test_a_second_confirmation_has_a_time_of_its_own() -> None:
    second = after(hours=1)
    known = at(
        REQUESTED,
        (review_requested(), T0),
        (confirmed(1), T0),
        asked(Phase.VERIFYING, 1, after(seconds=30)),
        (confirmation_refused(1), after(seconds=31)),
        (confirmed(2, at=second), second),
    )
    assert when(known) == second + timedelta(seconds=30)


def test_pending_checks_are_asked_after_until_their_time_is_up() -> None:
    known = at(REQUESTED, (pending(), T0))
    assert when(known) == after(seconds=30)
    assert question(known) is known.request
    late = asked(Phase.WAITING_FOR_CHECKS, 59, after(minutes=29, seconds=50))
    assert when(at(REQUESTED, (pending(), T0), late)) == after(minutes=30)
    past = asked(Phase.WAITING_FOR_CHECKS, 5, after(minutes=30))
    known = at(REQUESTED, (pending(), T0), past)
    assert when(known) == after(minutes=30, seconds=30)
    assert kinds(at_the_deadline(known)) == [AskedAgain]


def test_a_push_waits_for_a_day_while_nobody_sees_its_checks() -> None:
    wanted = (requested_by_push(), T0)
    assert when(at(wanted)) == after(seconds=30)
    assert question(known := at(wanted)) is known.request
    last = asked(Phase.WAITING_FOR_CHECKS, 99, after(hours=23, minutes=58))
    known = at(wanted, last)
    assert when(known) == after(hours=24, minutes=3)
    [canceling] = at_the_deadline(known)
    assert isinstance(canceling, CancelRequested)
    assert canceling.code == "verification_unavailable"
    assert "within 24 h" in canceling.reason
    seen = at(wanted, (pending(after(hours=1)), T0))
    late = asked(Phase.WAITING_FOR_CHECKS, 99, after(hours=1))
    assert when(seen) == after(seconds=30)
    assert kinds(at_the_deadline(at(wanted, (pending(), T0), late))) == [AskedAgain]


def test_what_nobody_reviews_is_canceled_and_says_whom_to_ask() -> None:
    known = at(
        REQUESTED,
        (review_requested(required=2), T0),
        (reviewer_asked(BOB), T0),
        (reviewer_asked(CARL), T0),
        (submitted(CARL), T0),
    )
    assert when(known) == after(days=7)
    [canceling] = at_the_deadline(known)
    assert isinstance(canceling, CancelRequested)
    assert (canceling.by, canceling.code) == ("deadline", "review_timeout")
    assert canceling.reason == (
        "The time for its reviews is over. It has 1 of 2 approvals (by carl); bob may "
        "still answer. Deploy again and ask them, or give them longer with "
        "`review.timeout` in deploy.yml."
    )


def test_who_waits_in_line_asks_every_five_minutes() -> None:
    known = at(REQUESTED, (queued(), T0))
    assert when(known) == after(minutes=5)
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    assert question(known) is known.request
    often = asked(Phase.WAITING_IN_QUEUE, 99, after(hours=9))
    known = at(REQUESTED, (queued(), T0), often, (moved(1), after(hours=9, minutes=1)))
    assert when(known) == after(hours=9, minutes=5)


def test_a_final_status_that_a_cancel_has_found_is_asked_for_at_once() -> None:
    carried_out = (found_final(7), after(minutes=2))
    known = at(REQUESTED, CREATED, (cancel(), T0), carried_out)
    assert when(known) == after(minutes=2)
    asking = at_the_deadline(known)
    assert kinds(asking) == [SyncRequested, AskedAgain]
    told = [(fact, after(minutes=2)) for fact in asking]
    known = at(REQUESTED, CREATED, (cancel(), T0), carried_out, *told)
    assert when(known) == after(minutes=2, seconds=30)
    assert question(known) is known.sync
    answered = (synced(SYNC, 7), after(minutes=3))
    known = at(REQUESTED, CREATED, (cancel(), T0), carried_out, *told, answered)
    assert when(known) == after(minutes=7)
    assert kinds(at_the_deadline(known)) == [SlotReleaseRequested]


def test_a_final_status_that_is_known_is_not_asked_for() -> None:
    known = at(
        REQUESTED,
        CREATED,
        (status(8, "error", ours=True), T0),
        (cancel(), T0),
        (found_final(7), T0),
    )
    assert when(known) == after(minutes=5)
    ended = at(REQUESTED, CREATED, (found_final(7), T0), (status(7, "success"), T0))
    assert when(ended) is None
