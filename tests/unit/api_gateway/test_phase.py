"""The phase is a function of the set of facts."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.deadlines import Limits, passed
from api_gateway.domain.deployment import RANKED
from api_gateway.domain.facts import (
    AskedAgain,
    DeploymentFact,
    PushIgnored,
    SilenceNoticed,
)
from api_gateway.domain.outcome import ended_at
from api_gateway.domain.phase import ALL_STATUSES, Phase
from shared.contracts import Fact, Holder, Message, SyncRequested
from shared.testing import T0

from .examples import (
    BOB,
    CARL,
    GITHUB_ID,
    ID,
    REPO,
    after,
    attempted,
    cancel,
    canceled,
    confirmation_refused,
    confirmed,
    created,
    fold,
    given,
    gone,
    messages,
    moved,
    pending,
    pushed,
    queued,
    refused,
    rejected,
    released,
    requested,
    requested_by_push,
    review_requested,
    reviewer_asked,
    status,
    submitted,
    synced,
    verified,
)

Told = list[Message[DeploymentFact]]
SYNC = UUID(int=9)
LIMITS = Limits()
LATE = T0 + timedelta(days=30)
HOLDER = Holder(deployment_id=str(UUID(int=2)), number=2, since=T0)
FINALS = [status(7, "failure", 3), status(8, "success", 3), status(6, "error", 4)]
SYNC_REQUESTED = SyncRequested(
    sync_id=SYNC, deployment_id=ID, repository=REPO, github_deployment_id=GITHUB_ID
)
#: Everything that may be said, whether or not it can come together.
ALL: list[DeploymentFact] = [
    requested(),
    verified(),
    rejected(),
    attempted(1),
    attempted(2, T0),
    created(),
    refused(),
    cancel(),
    canceled(),
    canceled(created=True),
    released(),
    gone(),
    status(1, "queued", 1),
    status(2, "in_progress", 2, log_url="https://log/2"),
    status(3, "pending", 5, log_url="https://log/3"),
    status(9, "inactive", 9),
    status(5, "error", 9, ours=True),
    *FINALS,
    SYNC_REQUESTED,
    synced(SYNC, None),
    synced(SYNC, 3),
    AskedAgain(phase=Phase.REQUESTED, nth=1, at=T0),
    AskedAgain(phase=Phase.REQUESTED, nth=2, at=T0),
    PushIgnored(),
    pushed(),
    pending(),
    pending(after(hours=1)),
    review_requested(),
    reviewer_asked(BOB),
    reviewer_asked(CARL),
    submitted(BOB),
    submitted(BOB, "rejected", "no"),
    submitted(CARL, "pending"),
    submitted(CARL, digest="other"),
    confirmed(1),
    confirmed(2),
    confirmation_refused(1),
    confirmation_refused(2),
    queued(3, HOLDER),
    queued(2),
    moved(2, HOLDER),
    moved(1),
    SilenceNoticed(sync_id=SYNC, at=T0, newest_github_status_id=0),
    SilenceNoticed(sync_id=SYNC, at=T0, newest_github_status_id=3),
]


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        ([requested()], Phase.REQUESTED),
        ([requested(), pending()], Phase.WAITING_FOR_CHECKS),
        ([requested_by_push()], Phase.WAITING_FOR_CHECKS),
        ([requested_by_push(), review_requested()], Phase.WAITING_FOR_REVIEW),
        ([requested(), pending(), review_requested()], Phase.WAITING_FOR_REVIEW),
        ([requested(), review_requested(), confirmed()], Phase.VERIFYING),
        ([requested(), confirmed()], Phase.VERIFYING),
        (
            [requested(), review_requested(), confirmed(), confirmation_refused()],
            Phase.WAITING_FOR_REVIEW,
        ),
        (
            [review_requested(), confirmed(), confirmation_refused(), confirmed(2)],
            Phase.VERIFYING,
        ),
        ([review_requested(), confirmed(), queued()], Phase.WAITING_IN_QUEUE),
        ([requested(), queued(), moved(1)], Phase.WAITING_IN_QUEUE),
        ([requested(), moved(1)], Phase.REQUESTED),
        ([queued(), moved(1), verified()], Phase.DISPATCHING),
        ([review_requested(), rejected()], Phase.REJECTED),
        ([queued(), cancel()], Phase.CANCELING),
        ([requested(), verified()], Phase.DISPATCHING),
        ([requested(), verified(), attempted(1)], Phase.DISPATCHING),
        ([requested(), rejected()], Phase.REJECTED),
        ([requested(), verified(), refused()], Phase.REFUSED),
        ([requested(), verified(), created()], Phase.CREATED),
        ([created(), status(1, "queued")], Phase.QUEUED),
        ([created(), status(1, "pending")], Phase.QUEUED),
        ([created(), status(1, "waiting")], Phase.QUEUED),
        ([created(), status(1, "in_progress")], Phase.RUNNING),
        ([created(), status(1, "a_word_of_next_year")], Phase.RUNNING),
        ([created(), status(1, "in_progress"), status(2, "queued")], Phase.RUNNING),
        ([status(1, "in_progress")], Phase.RUNNING),
        ([status(1, "inactive")], Phase.CREATED),
        ([created(), status(1, "success")], Phase.SUCCESS),
        ([created(), status(1, "failure")], Phase.FAILURE),
        ([created(), status(1, "error")], Phase.ERROR),
        ([created(), status(1, "success"), status(2, "in_progress")], Phase.SUCCESS),
        ([created(), status(1, "success"), status(2, "inactive")], Phase.SUCCESS),
        ([created(), gone()], Phase.GONE),
        ([created(), gone(), status(1, "success")], Phase.SUCCESS),
        ([requested(), cancel()], Phase.CANCELING),
        ([requested(), verified(), created(), cancel()], Phase.CANCELING),
        ([created(), status(1, "in_progress"), cancel()], Phase.CANCELING),
        ([requested(), cancel(), canceled()], Phase.CANCELED),
        ([created(), cancel(), canceled(created=True)], Phase.CANCELED),
        ([created(), cancel(), status(1, "error", ours=True)], Phase.CANCELING),
        ([created(), status(1, "error", ours=True)], Phase.CREATED),
        ([cancel(), canceled(created=True), status(1, "success")], Phase.SUCCESS),
        ([cancel(), canceled(), rejected()], Phase.REJECTED),
        ([rejected(), refused()], Phase.REFUSED),
    ],
)
def test_the_facts_decide_where_it_stands(facts: list[Fact], phase: Phase) -> None:
    assert given(*facts).phase is phase


def test_of_the_final_statuses_the_newest_wins() -> None:
    assert given(*FINALS).phase is Phase.ERROR
    assert given(*FINALS[:2]).phase is Phase.SUCCESS


@pytest.mark.parametrize(
    ("told", "minute"),
    [
        ([(1, "success", 1), (2, "success", 5)], 1),
        ([(1, "success", 1), (2, "inactive", 3), (3, "success", 5)], 1),
        # The tool has deployed it again.
        ([(1, "success", 1), (2, "in_progress", 4), (3, "success", 5)], 5),
        ([(1, "success", 1), (2, "failure", 4), (3, "success", 5)], 5),
        ([(1, "in_progress", 5), (2, "success", 5), (3, "success", 5)], 5),
        ([(1, "success", 1), (2, "in_progress", 5)], 1),
        ([(1, "failure", 1), (2, "failure", 5)], 5),
        ([(1, "in_progress", 1)], None),
    ],
)
def test_a_success_that_is_said_again_is_as_old_as_the_first(
    told: list[tuple[int, str, int]], minute: int | None
) -> None:
    expected = None if minute is None else after(minutes=minute)
    for order in permutations(status(*one) for one in told):
        assert ended_at(given(created(), *order)) == expected


@drawn(st.lists(st.sampled_from(messages(*ALL)), max_size=40), st.data())
def test_every_order_and_duplication_gives_one_state(
    told: Told, data: st.DataObject
) -> None:
    other = data.draw(st.permutations([*told, *told[:5]]))
    assert fold(other) == fold(told)
    assert fold(other).phase is fold(told).phase
    assert passed(fold(other), LATE, LIMITS, SYNC) == passed(
        fold(told), LATE, LIMITS, SYNC
    )


@drawn(st.lists(st.sampled_from(messages(*ALL)), max_size=12))
def test_what_is_not_final_never_beats_what_is(told: Told) -> None:
    more = messages(status(99, "in_progress", 99), verified(), created())
    if fold(told).phase.ended:
        assert fold([*told, *more]).phase is fold(told).phase


@pytest.mark.parametrize(
    ("facts", "frees"),
    [
        ([requested()], False),
        ([created(), cancel(), canceled(created=True)], False),
        ([created(), status(1, "error", ours=True)], False),
        ([created(), status(1, "inactive")], False),
        ([cancel(), canceled(created=True), released()], True),
        ([cancel(), canceled()], True),
        ([rejected()], True),
        ([refused()], True),
        ([gone()], True),
        ([created(), status(1, "failure")], True),
    ],
)
def test_only_what_surely_ended_frees_the_slot(facts: list[Fact], frees: bool) -> None:
    assert given(*facts).frees_slot is frees


def test_each_phase_but_the_first_has_a_rank_and_a_status() -> None:
    assert [phase for phase, _ in RANKED] == list(dict(RANKED))
    assert {phase for phase, _ in RANKED} | {Phase.REQUESTED} == set(Phase)
    assert {
        "waiting", "created", "queued", "running", "success", "failure", "canceled",
        "rejected",
    } == ALL_STATUSES  # fmt: skip
