"""What becomes of a status that somebody wants, fact by fact."""

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from github_dispatcher.domain.answers import NotNow, PostedStatus, Refusal, Unclear
from github_dispatcher.domain.posting import (
    PostingEnded,
    PostingLookedUp,
    Postings,
    PostingStarted,
    StatusFact,
    evolve,
)
from github_dispatcher.domain.statuses import (
    Begin,
    GiveUp,
    LookUp,
    Wait,
    answered,
    looked_up,
    next_step,
)
from shared.contracts import (
    Fact,
    Message,
    RemoteStatusPosted,
    RemoteStatusRefused,
)
from shared.testing import T0, said

from .examples import ID, REPOSITORY, seconds, wish

ONE = wish(1).command_id


def started(attempt: int = 1, at: float = 0) -> PostingStarted:
    return PostingStarted(
        command_id=ONE,
        attempt=attempt,
        worker=f"w{attempt}",
        begin_by=T0 + seconds(at + 20),
        until=T0 + seconds(at + 30),
    )


def looked(attempt: int = 1) -> PostingLookedUp:
    return PostingLookedUp(command_id=ONE, attempt=attempt)


def posted(number: int = 100, n: int = 1) -> RemoteStatusPosted:
    return RemoteStatusPosted(
        command_id=wish(n).command_id,
        repository=REPOSITORY,
        deployment_id=ID,
        github_status_id=number,
    )


def known(*facts: StatusFact) -> Postings:
    return reduce(evolve, [said(fact) for fact in facts], Postings())


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


def test_what_is_wanted_is_begun_and_what_is_answered_is_done() -> None:
    now = known(wish())
    assert now.next
    assert next_step(now, T0) == Begin(now.next)
    assert next_step(known(wish(), posted()), T0) is None
    assert next_step(known(started()), T0) is None


def test_an_open_attempt_is_waited_for_and_then_looked_up() -> None:
    now = known(wish(), started())
    waiting = next_step(now, T0 + seconds(29))
    told = "attempt 1 to post a status is open"
    assert waiting == Wait(T0 + seconds(30), told)
    assert isinstance(next_step(now, T0 + seconds(30)), LookUp)
    # However long GitHub is away: only it can tell.
    assert isinstance(next_step(now, T0 + timedelta(hours=5)), LookUp)


def test_after_a_clear_no_it_waits_and_begins_again() -> None:
    no = PostingEnded(
        command_id=ONE, attempt=1, outcome="limited", retry_at=T0 + seconds(5)
    )
    now = known(wish(), started(), no)
    told = "attempt 1 to post a status did not work"
    assert next_step(now, T0 + seconds(4)) == Wait(T0 + seconds(5), told)
    assert isinstance(next_step(now, T0 + seconds(5)), Begin)


def test_what_nobody_has_asked_for_has_no_wish() -> None:
    begun = known(started()).postings[ONE]
    with pytest.raises(ValueError, match="nobody has asked for this status yet"):
        _ = begun.wish


def test_after_its_time_it_is_given_up() -> None:
    late = T0 + timedelta(minutes=15)
    stale = next_step(known(wish()), late)
    assert isinstance(stale, GiveUp)
    assert stale.refusal.code == "stale"
    lost = next_step(known(wish(), started(), looked()), late)
    assert isinstance(lost, GiveUp)
    assert lost.refusal.code == "github_unavailable"


def test_what_comes_late_changes_no_answer() -> None:
    answers = PostedStatus(101), Refusal("invalid", "No."), NotNow("limited", "No.")
    for settled in ([posted()], [looked(), posted()], [looked(), started(2)]):
        now = known(wish(), started(), *settled)
        for answer in answers:
            facts = answered(started(), answer, T0)(now)
            told = [f for f in facts if not isinstance(f, PostingEnded)]
            first = isinstance(answer, PostedStatus) and posted() not in settled
            assert bool(told) == first
        assert answered(started(), Unclear("502"), T0)(now) == []


def test_githubs_no_is_the_answer_of_the_attempt_that_is_open() -> None:
    facts = answered(started(), Refusal("invalid", "No."), T0)(known(wish(), started()))
    assert kinds(facts) == [PostingEnded, RemoteStatusRefused]


def test_what_another_command_has_is_not_found_again() -> None:
    now = known(wish(1), wish(2), posted(100, n=2), started())
    assert now.next
    assert kinds(looked_up(now.next, [100])(now)) == [PostingLookedUp]
    told = looked_up(now.next, [100, 102, 101])(now)
    assert told[-1] == posted(101)
    assert looked_up(now.next, [101])(known(wish(1), started(), posted())) == []


TOLD: list[StatusFact] = [
    wish(1),
    started(),
    looked(),
    started(2),
    PostingEnded(command_id=ONE, attempt=2, outcome="posted"),
    posted(),
    wish(2),
    posted(101, n=2),
]
FACTS: list[Message[StatusFact]] = [
    said(fact, time=T0 + seconds(n)) for n, fact in enumerate(TOLD)
]


@examples(
    st.lists(st.sampled_from(FACTS), max_size=4).flatmap(
        lambda again: st.permutations([*FACTS, *again])
    )
)
def test_filing_commutes_and_copies_change_nothing(
    facts: list[Message[StatusFact]],
) -> None:
    assert reduce(evolve, facts, Postings()) == reduce(evolve, FACTS, Postings())
