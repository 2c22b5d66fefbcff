"""What is due, and what is recorded when it passes."""

from datetime import datetime
from uuid import UUID

import pytest

from api_gateway.domain.deadlines import due, passed, question
from api_gateway.domain.facts import AskedAgain, SilenceNoticed
from api_gateway.domain.phase import ENDED, Phase
from shared.contracts import (
    CancelRequested,
    Fact,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import T0

from .examples import (
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
    given,
    gone,
    moved,
    pending,
    queued,
    refused,
    rejected,
    released,
    requested,
    review_requested,
    status,
    synced,
    verified,
)
from .timing import (
    CREATED,
    LIMITS,
    REQUESTED,
    SYNC,
    VERIFIED,
    asked,
    at,
    at_the_deadline,
    kinds,
    silent,
    when,
)


def test_a_request_is_asked_every_half_minute() -> None:
    known = at(REQUESTED)
    assert when(known) == after(seconds=30)
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    again = at(REQUESTED, asked(Phase.REQUESTED, 1, after(seconds=31)))
    assert when(again) == after(seconds=61)
    assert at_the_deadline(again) == [
        AskedAgain(phase=Phase.REQUESTED, nth=2, at=after(seconds=61))
    ]


def test_a_request_without_a_verdict_is_canceled_at_its_end() -> None:
    known = at(REQUESTED, asked(Phase.REQUESTED, 29, after(minutes=14, seconds=45)))
    assert when(known) == after(minutes=15, seconds=15)
    [canceling] = at_the_deadline(known)
    assert isinstance(canceling, CancelRequested)
    assert (canceling.by, canceling.code) == ("deadline", "verification_unavailable")


def test_the_timeout_that_was_pinned_is_how_long_a_tool_may_be_silent() -> None:
    pinned = verified()
    config = pinned.config.model_copy(update={"timeout_s": 120})
    short = pinned.model_copy(update={"config": config})
    known = at(REQUESTED, (short, T0), CREATED, (status(1, "in_progress"), T0))
    assert when(known) == after(minutes=2)
    assert when(at(REQUESTED, (short, T0), CREATED)) == after(minutes=30)


def test_an_operators_question_does_not_hide_the_one_about_the_silence() -> None:
    other = SyncRequested(
        sync_id=UUID(int=10),
        deployment_id=ID,
        repository=REPO,
        github_deployment_id=GITHUB_ID,
    )
    known = at(
        REQUESTED, CREATED, *silent(0, after(minutes=30)), (other, after(minutes=31))
    )
    asking = question(known)
    assert asking is not None
    assert asking.data == known.syncs[SYNC].data


def test_a_verdict_is_asked_for_even_past_its_end() -> None:
    known = at(REQUESTED, VERIFIED, asked(Phase.DISPATCHING, 3, after(hours=2)))
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    assert question(known) is known.request


@pytest.mark.parametrize(
    ("reset", "then"),
    [
        (after(minutes=20), after(minutes=20)),
        (after(hours=9), after(hours=1)),
        (after(seconds=1), after(seconds=30)),
    ],
)
def test_a_rate_limit_puts_the_question_off_for_an_hour_at_most(
    reset: datetime, then: datetime
) -> None:
    assert when(at(REQUESTED, VERIFIED, (attempted(1, reset), T0))) == then


def test_what_was_asked_in_another_phase_does_not_count() -> None:
    before = asked(Phase.REQUESTED, 3, after(seconds=50))
    known = at(REQUESTED, before, (verified(), after(seconds=55)))
    assert when(known) == after(seconds=85)


def test_after_many_questions_they_become_rarer() -> None:
    known = at(REQUESTED, VERIFIED, asked(Phase.DISPATCHING, 30, after(hours=1)))
    assert when(known) == after(hours=1, minutes=5)


def test_without_a_tool_github_is_asked_after_half_an_hour() -> None:
    known = at(REQUESTED, VERIFIED, CREATED)
    assert when(known) == after(minutes=30)
    assert kinds(at_the_deadline(known)) == [SyncRequested, SilenceNoticed]


@pytest.mark.parametrize("state", ["queued", "in_progress"])
def test_a_silent_tool_has_an_hour_from_its_last_news(state: str) -> None:
    known = at(REQUESTED, CREATED, (status(1, state), after(minutes=7)))
    assert when(known) == after(hours=1, minutes=7)
    assert kinds(at_the_deadline(known)) == [SyncRequested, SilenceNoticed]


def test_github_is_asked_again_until_it_answers() -> None:
    known = at(REQUESTED, CREATED, *silent(0, after(minutes=30)))
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    asked_often = asked(Phase.CREATED, 99, after(hours=9))
    known = at(REQUESTED, CREATED, *silent(0, after(minutes=30)), asked_often)
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    assert question(known) is known.sync


UNANSWERED = (
    "GitHub has told of it 30 min ago, and no deployment tool has taken it up. Check "
    "that your tool runs, and that the deliveries of its webhook for `deployment` "
    "arrive."
)
SILENT = (
    "The deployment tool has said nothing for 1 h, and GitHub knows nothing newer. "
    "Look at its log{}: it may still be at work. How long it may be silent is "
    "`timeout` in deploy.yml."
)
LOGGED = status(4, "in_progress").model_copy(update={"log_url": "https://logs/4"})


@pytest.mark.parametrize(
    ("news", "code", "reason"),
    [
        ([], "no_tooling_answered", UNANSWERED),
        ([(status(4, "queued"), T0)], "tooling_silent", SILENT.format("")),
        ([(LOGGED, T0)], "tooling_silent", SILENT.format(" (https://logs/4)")),
    ],
)
def test_only_githubs_word_that_there_is_no_news_cancels(
    news: list[tuple[Fact, datetime]], code: str, reason: str
) -> None:
    newest = 4 if news else 0
    answer = (synced(SYNC, newest or None), after(hours=2))
    known = at(REQUESTED, CREATED, *news, *silent(newest, after(hours=2)), answer)
    [canceling] = at_the_deadline(known)
    assert isinstance(canceling, CancelRequested)
    assert (canceling.by, canceling.code) == ("deadline", code)
    assert canceling.reason == reason


def test_where_no_repository_is_left_it_ends_with_that_reason() -> None:
    gone = synced(SYNC, None).model_copy(update={"repository_gone": True})
    silence, answer = silent(0, after(hours=2)), (gone, after(hours=2))
    [canceling] = at_the_deadline(at(REQUESTED, CREATED, *silence, answer))
    assert isinstance(canceling, CancelRequested)
    assert (canceling.by, canceling.code) == ("repository", "repository_gone")
    assert "token" in canceling.reason


def test_an_answer_that_names_an_unknown_status_does_not_cancel() -> None:
    answer = (synced(SYNC, 5), after(minutes=31))
    known = at(REQUESTED, CREATED, *silent(0, after(minutes=30)), answer)
    assert kinds(at_the_deadline(known)) == [AskedAgain]


def test_news_after_the_question_begins_a_new_wait() -> None:
    news = (status(5, "in_progress"), after(minutes=29, seconds=59))
    answer = (synced(SYNC, 5), after(minutes=31))
    known = at(REQUESTED, CREATED, *silent(0, after(minutes=30)), answer, news)
    assert when(known) == after(hours=1, minutes=29, seconds=59)


def test_our_own_error_is_no_news() -> None:
    ours = (status(5, "error", ours=True), after(minutes=20))
    assert when(at(REQUESTED, CREATED, ours)) == after(minutes=30)


def test_a_cancel_is_asked_until_it_is_carried_out() -> None:
    known = at(REQUESTED, (cancel(), after(minutes=1)))
    assert when(known) == after(minutes=1, seconds=30)
    assert kinds(at_the_deadline(known)) == [AskedAgain]
    assert question(known) is known.cancel


def test_what_was_created_and_canceled_keeps_its_place_for_the_grace_period() -> None:
    carried_out = (canceled(created=True), after(minutes=2))
    known = at(REQUESTED, CREATED, (cancel(), T0), carried_out)
    assert when(known) == after(minutes=7)
    [release] = at_the_deadline(known)
    assert isinstance(release, SlotReleaseRequested)
    assert release.cause == "grace"


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [rejected()],
        [requested(), rejected()],
        [requested(), refused()],
        [requested(), gone()],
        [requested(), cancel(), canceled()],
        [requested(), created(), status(1, "success")],
        [requested(), created(), cancel(), canceled(created=True), status(1, "error")],
        [requested(), created(), cancel(), canceled(created=True), released()],
    ],
)
def test_what_has_ended_waits_for_nothing(facts: list[Fact]) -> None:
    assert due(given(*facts), LIMITS) is None
    assert not passed(given(*facts), after(days=99), LIMITS, SYNC)


GOING_ON: list[list[Fact]] = [
    [requested()],
    [requested(), pending()],
    [requested(), review_requested()],
    [requested(), review_requested(), confirmed()],
    [requested(), review_requested(), confirmed(), confirmation_refused()],
    [requested(), queued()],
    [requested(), queued(), moved(1)],
    [requested(), verified()],
    [requested(), created()],
    [requested(), status(1, "error", ours=True)],
    [requested(), status(1, "queued")],
    [requested(), status(1, "in_progress")],
    [requested(), cancel()],
]


def test_every_phase_that_has_not_ended_is_among_these() -> None:
    phases = {given(*facts).phase for facts in GOING_ON}
    assert phases == frozenset(Phase) - ENDED


@pytest.mark.parametrize("facts", GOING_ON)
def test_whatever_has_not_ended_waits_for_something(facts: list[Fact]) -> None:
    known = given(*facts)
    assert not known.phase.ended
    assert due(known, LIMITS) is not None


@pytest.mark.parametrize("facts", GOING_ON)
def test_who_was_away_for_a_day_asks_once_before_anything_is_given_up(
    facts: list[Fact],
) -> None:
    now = after(days=1)
    recorded = passed(given(*facts), now, LIMITS, SYNC)
    assert CancelRequested not in kinds(recorded)
    asking = [
        fact for fact in recorded if isinstance(fact, AskedAgain | SilenceNoticed)
    ]
    assert len(asking) <= 1
    # Another replica that sees it then, or whose clock is behind, does nothing.
    for moment in (now, after(seconds=1)):
        assert passed(given(*facts, *recorded), moment, LIMITS, SYNC) == []
