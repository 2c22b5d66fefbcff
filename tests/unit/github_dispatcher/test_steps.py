"""What is known, and what is to be done next."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from github_dispatcher.domain.answers import (
    RATE_LIMITED,
    NotNow,
    Refusal,
    Stopped,
    Unclear,
)
from github_dispatcher.domain.dispatch import BEFORE, LATE, Dispatch, evolve
from github_dispatcher.domain.facts import (
    AttemptEnded,
    AttemptStarted,
    BeginningPostponed,
    ExtraFound,
    ExtraStopped,
    LateLooked,
    LookedUp,
    SightingDismissed,
)
from github_dispatcher.domain.steps import (
    Begin,
    Check,
    Conclude,
    LateLook,
    LookFirst,
    LookUp,
    Step,
    Stop,
    StopExtra,
    Wait,
    next_step,
)
from github_dispatcher.domain.verdicts import (
    answered,
    begin,
    conclude,
    extra_stopped,
    looked_first,
    looked_late,
    looked_up,
    stopped,
    unreachable,
)
from github_dispatcher.domain.wording import canceled, deployment_of
from shared.contracts import (
    DispatchAttempted,
    Fact,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    Message,
)
from shared.testing import T0, said

from .examples import (
    ID,
    LIMITS,
    REPOSITORY,
    SHA,
    at_github,
    cancel,
    given,
    order,
    seconds,
    seen,
)


def started(attempt: int = 1, at: float = 0) -> AttemptStarted:
    return AttemptStarted(
        attempt=attempt,
        worker=f"w{attempt}",
        begin_by=T0 + seconds(at + 20),
        until=T0 + seconds(at + 30),
    )


def said_no(attempt: int = 1) -> AttemptEnded:
    retry_at = T0 + seconds(5)
    return AttemptEnded(attempt=attempt, outcome="unreachable", retry_at=retry_at)


def made(number: int = 42, attempt: int = 1) -> AttemptEnded:
    return AttemptEnded(attempt=attempt, outcome="created", github_deployment_id=number)


def created(number: int = 42, sha: str = SHA) -> GitHubDeploymentCreated:
    return GitHubDeploymentCreated(
        deployment_id=ID,
        repository=REPOSITORY,
        environment="production",
        github_deployment_id=number,
        sha=sha,
        url="u",
    )


def extra(number: int = 43) -> ExtraFound:
    return ExtraFound(repository=REPOSITORY, github_deployment_id=number)


REFUSED = GitHubDeploymentRefused(deployment_id=ID, code="stale", message="m")
CANCELED = GitHubDeploymentCanceled(deployment_id=ID, code="canceled", message="m")


def step(*facts: Fact, at: float = 0) -> Step | None:
    return next_step(given(*facts), T0 + seconds(at), LIMITS)


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


# -- the next step -----------------------------------------------------------------


def test_a_verified_ref_is_begun() -> None:
    assert step(order()) == Begin(order())


def test_a_cancel_alone_is_concluded() -> None:
    assert step(cancel()) == Conclude()


def test_github_is_searched_before_an_order_is_carried_out_that_comes_late() -> None:
    late = {"at": LATE.total_seconds() + 1}
    assert step(order(), at=LATE.total_seconds()) == Begin(order())
    assert step(order(), **late) == step(order(), cancel(), **late)
    assert step(order(), **late) == LookFirst(order())
    assert step(order(), LookedUp(attempt=BEFORE), **late) == Begin(order())
    assert step(order(), started(), said_no(), **late) == Begin(order())
    assert step(order(), LookedUp(attempt=BEFORE), created(), at=1e4) is None


def test_what_was_there_before_our_log_begins_is_the_recorded_one() -> None:
    found = [at_github(43), at_github(42)]
    told = looked_first(found, REPOSITORY)(given(order()))
    assert kinds(told) == [LookedUp, GitHubDeploymentCreated, ExtraFound]
    assert deployment_ids(told) == [42, 43]
    for facts in ([order(), created()], [order(), *told], [order(), started()]):
        assert looked_first(found, REPOSITORY)(given(*facts)) == []


def deployment_ids(facts: Sequence[Fact]) -> list[int]:
    told = (getattr(fact, "github_deployment_id", None) for fact in facts)
    return [number for number in told if number]


def test_a_verdict_that_has_ended_is_concluded() -> None:
    assert step(order(), LookedUp(attempt=BEFORE), at=900) == Conclude()


def test_an_open_attempt_is_waited_for_even_if_canceled() -> None:
    waiting = step(order(), cancel(), started(), at=29)
    assert waiting == Wait(T0 + seconds(30), "attempt 1 is open")


def test_after_its_window_an_unanswered_attempt_is_looked_up() -> None:
    assert step(order(), started(), at=30) == LookUp(1, order())


def test_after_a_clear_no_it_waits_and_begins_again() -> None:
    waiting = step(order(), started(), said_no(), at=4)
    assert waiting == Wait(T0 + seconds(5), "attempt 1 did not work")
    assert step(order(), started(), said_no(), at=5) == Begin(order())


def test_an_absent_deployment_counts_only_for_the_last_attempt() -> None:
    facts = [order(), started(), LookedUp(attempt=1), started(2, at=40)]
    assert isinstance(step(*facts, at=50), Wait)
    assert step(*facts, at=70) == LookUp(2, order())


def test_nothing_is_left_once_it_is_created() -> None:
    assert step(order(), started(), made(), created(), seen()) is None


def test_created_does_not_settle_a_newer_open_attempt() -> None:
    facts = [order(), started(), LookedUp(attempt=1), started(2, at=40), created()]
    assert isinstance(step(*facts, cancel(), at=50), Wait)
    assert step(*facts, cancel(), at=70) == LookUp(2, order())


def test_a_cancel_stops_what_was_created() -> None:
    facts = [order(), started(), made(), created(), cancel()]
    assert step(*facts) == Stop(created(), "Not today.")
    assert step(*facts, CANCELED) is None


def test_another_commit_than_the_verified_one_is_stopped() -> None:
    wrong = created(sha="d" * 40)
    found = step(order(), started(), made(), wrong)
    assert found == Stop(wrong, "Not what was verified.")


def test_an_extra_deployment_is_stopped_before_anything_else() -> None:
    facts = [order(), started(), made(), created(), cancel(), extra()]
    assert step(*facts) == StopExtra(REPOSITORY, 43)
    assert isinstance(step(*facts, ExtraStopped(github_deployment_id=43)), Stop)


def test_a_foreign_sighting_is_checked_at_github() -> None:
    known = [order(), started(), made(), created()]
    for facts in (known, [order(), REFUSED], [cancel(), CANCELED]):
        found = step(*facts, seen(99))
        assert isinstance(found, Check)
        assert found.github_deployment_id == 99
        dismissed = SightingDismissed(github_deployment_id=99)
        assert step(*facts, seen(99), dismissed) is None


def test_a_sighting_settles_an_open_attempt() -> None:
    assert isinstance(step(order(), started(), seen()), Check)
    assert step(order(), started(), seen(), created(), at=30) is None


def test_a_sighting_before_anything_was_sent_means_nothing() -> None:
    assert step(seen()) is None
    assert step(order(), seen()) == Begin(order())


def test_a_sighting_in_another_repository_means_nothing() -> None:
    other = REPOSITORY.model_copy(update={"id": 8})
    assert step(order(), REFUSED, seen(repository=other)) is None


def test_an_attempt_settled_without_an_answer_is_looked_up_once_more() -> None:
    facts = [order(), started(), LookedUp(attempt=1), REFUSED]
    waiting = step(*facts, at=599)
    late = "GitHub may have finished an attempt late"
    assert waiting == Wait(T0 + seconds(600), late)
    assert step(*facts, at=600) == LateLook(1, order())
    assert step(*facts, LateLooked(attempt=1), at=600) is None


def test_an_attempt_that_was_found_is_not_looked_up_again() -> None:
    assert step(order(), started(), LookedUp(attempt=1), created(), at=600) is None


def test_of_two_attempts_one_was_found_and_the_other_is_looked_up_again() -> None:
    facts = [order(), started(), LookedUp(attempt=1), started(2), made(42, 2)]
    assert step(*facts, created(), at=600) == LateLook(1, order())
    stopped = [extra(), ExtraStopped(github_deployment_id=43)]
    assert step(*facts, created(), *stopped, at=600) is None


def test_a_rate_limit_moves_the_end_of_the_verdict_at_most_an_hour() -> None:
    def end(reset: float) -> timedelta:
        until = T0 + timedelta(minutes=reset)
        return given(order(), BeginningPostponed(until=until)).not_after - T0

    assert end(5) == timedelta(minutes=15)
    assert end(40) == timedelta(minutes=42)
    assert end(500) == timedelta(minutes=77)


# -- what is recorded --------------------------------------------------------------


def test_an_attempt_has_room_for_its_post_to_begin() -> None:
    (attempt,) = begin("w1", T0, None, LIMITS)(given(order()))
    assert attempt == started()


def test_only_a_known_limit_beyond_the_verdict_is_recorded() -> None:
    def begun(until: float) -> Sequence[Fact]:
        return begin("w1", T0, T0 + seconds(until), LIMITS)(given(order()))

    assert begun(60) == []
    assert begun(1800) == [BeginningPostponed(until=T0 + seconds(1800))]


def test_a_cancel_that_was_first_wins_over_the_attempt() -> None:
    (fact,) = begin("w1", T0, None, LIMITS)(given(order(), cancel()))
    assert isinstance(fact, GitHubDeploymentCanceled)
    assert not fact.created


def test_a_tombstone_binds() -> None:
    known = given(cancel(), CANCELED, order())
    assert begin("w1", T0, None, LIMITS)(known) == []
    assert next_step(known, T0, LIMITS) is None


def test_the_reason_for_a_late_refusal_tells_who_is_to_blame() -> None:
    def told(*facts: Fact) -> tuple[str, str]:
        (fact,) = conclude(T0 + seconds(900))(given(order(), *facts))
        assert isinstance(fact, GitHubDeploymentRefused)
        return fact.code, fact.message

    again = (
        "Nothing had been created at GitHub. Deploy again to have it verified afresh."
    )
    late = f"It was not begun before {T0 + seconds(900):%H:%M} UTC."
    limited = said_no().model_copy(update={"message": "GitHub limits us."})
    assert told() == ("stale", f"{late} {again}")
    assert told(started(), limited) == ("stale", f"{late} GitHub limits us. {again}")
    assert told(started(), LookedUp(attempt=1)) == (
        "github_unavailable",
        f"GitHub did not answer in time. {again}",
    )


def test_a_commit_that_was_not_verified_ends_it_and_both_are_named() -> None:
    end = Stopped("It was set to error.")
    (fact,) = stopped(end)(given(order(), started(), created(sha="d" * 40)))
    assert isinstance(fact, GitHubDeploymentCanceled)
    assert (fact.code, fact.message) == (
        "sha_mismatch",
        f"Commit {SHA} was verified, but GitHub took {'d' * 40}. It was set to error.",
    )


def test_a_second_deployment_at_github_is_told_of() -> None:
    (_, told) = extra_stopped(43, "It was set to error.")(given(order(), extra()))
    assert isinstance(told, DispatchAttempted)
    assert told.message == "GitHub had a second deployment, 43. It was set to error."


def test_nothing_is_said_of_what_nobody_has_told_of() -> None:
    with pytest.raises(ValueError, match="nothing is known of this deployment"):
        deployment_of(Dispatch())
    with pytest.raises(ValueError, match="nobody has canceled this deployment"):
        canceled(given(order()))


def test_an_answer_that_creates_is_said() -> None:
    known = given(order(), started())
    facts = answered(started(), at_github(), REPOSITORY, T0)(known)
    assert kinds(facts) == [AttemptEnded, GitHubDeploymentCreated]


def test_an_answer_for_a_settled_deployment_is_an_extra() -> None:
    known = given(order(), started(), LookedUp(attempt=1), REFUSED)
    facts = answered(started(), at_github(), REPOSITORY, T0)(known)
    assert kinds(facts) == [AttemptEnded, ExtraFound]


def test_an_answer_that_a_webhook_has_told_already_says_nothing_new() -> None:
    known = given(order(), started(), created())
    facts = answered(started(), at_github(), REPOSITORY, T0)(known)
    assert kinds(facts) == [AttemptEnded]


def test_a_late_no_does_not_settle_a_newer_attempt() -> None:
    known = given(order(), started(), LookedUp(attempt=1), started(2, at=40))
    no = Refusal("invalid", "No.")
    assert kinds(answered(started(), no, REPOSITORY, T0)(known)) == [AttemptEnded]
    later = NotNow("unreachable", "No.")
    assert kinds(answered(started(), later, REPOSITORY, T0)(known)) == [AttemptEnded]
    unclear = Unclear("502")
    assert answered(started(), unclear, REPOSITORY, T0)(known) == []


def test_a_no_after_a_cancel_is_a_cancel() -> None:
    no = answered(started(), Refusal("invalid", "No."), REPOSITORY, T0)
    facts = no(given(order(), cancel(), started()))
    expected: list[type[Fact]] = [AttemptEnded, GitHubDeploymentCanceled]
    assert kinds(facts) == expected


def test_a_rate_limit_is_shown_and_waited_for() -> None:
    reset = T0 + timedelta(minutes=30)
    limited = NotNow(RATE_LIMITED, "Wait.", reset)
    facts = answered(started(), limited, REPOSITORY, T0)(given(order(), started()))
    assert kinds(facts) == [AttemptEnded, DispatchAttempted, BeginningPostponed]
    waiting = step(order(), started(), *facts, at=1799)
    assert isinstance(waiting, Wait)
    assert step(order(), started(), *facts, at=1800) == Begin(order())


def test_an_unclear_answer_leaves_the_attempt_open() -> None:
    unclear = answered(started(), Unclear("502"), REPOSITORY, T0)
    (told,) = unclear(given(order(), started()))
    assert isinstance(told, DispatchAttempted)
    assert (told.outcome, told.retry_at) == ("ambiguous", T0 + seconds(30))
    assert step(order(), started(), told, at=30) == LookUp(1, order())


def test_who_was_overtaken_concludes_nothing_from_a_look() -> None:
    known = given(order(), started(), LookedUp(attempt=1), started(2, at=40))
    assert looked_up(1, [], REPOSITORY)(known) == []


def test_what_is_settled_stays_when_its_repository_is_gone() -> None:
    open_ = [order(), started(), LookedUp(attempt=1), started(2, at=40)]
    refused: list[type[Fact]] = [LookedUp, GitHubDeploymentRefused]
    assert kinds(unreachable(2)(given(*open_))) == refused
    assert kinds(unreachable(2)(given(*open_, created()))) == [LookedUp]
    assert unreachable(1)(given(*open_)) == []


def test_of_several_found_the_first_is_recorded_and_the_others_are_extra() -> None:
    found = [at_github(44), at_github(43)]
    facts = looked_up(1, found, REPOSITORY)(given(order(), started()))
    assert kinds(facts) == [LookedUp, GitHubDeploymentCreated, ExtraFound]
    assert facts[1].github_deployment_id == 43  # type: ignore[union-attr]


def test_what_a_late_look_finds_is_an_extra() -> None:
    known = given(order(), started(), LookedUp(attempt=1), REFUSED)
    facts = looked_late(1, [at_github()], REPOSITORY)(known)
    assert kinds(facts) == [LateLooked, ExtraFound]


# -- filing ------------------------------------------------------------------------

FACTS: list[Message[Fact]] = [
    said(fact, time=T0 + seconds(n))
    for n, fact in enumerate(
        [
            order(),
            cancel(),
            cancel(code="tooling_silent", by="deadline", who=None),
            seen(),
            seen(43),
            seen(43),
            started(),
            LookedUp(attempt=1),
            started(2),
            said_no(2),
            started(3),
            made(42, 3),
            created(),
            extra(),
            ExtraStopped(github_deployment_id=43),
            SightingDismissed(github_deployment_id=99),
            LateLooked(attempt=1),
            BeginningPostponed(until=T0),
            CANCELED,
        ]
    )
]


@examples(
    st.lists(st.sampled_from(FACTS), max_size=4).flatmap(
        lambda again: st.permutations([*FACTS, *again])
    )
)
def test_filing_commutes_and_copies_change_nothing(facts: list[Message[Fact]]) -> None:
    assert filed(facts) == filed(FACTS)


def filed(facts: Sequence[Message[Fact]]) -> Dispatch:
    known = Dispatch()
    for fact in facts:
        known = evolve(known, fact)  # type: ignore[arg-type]
    return known
