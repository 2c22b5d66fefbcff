"""A lock: what is known of it in every order, its end by the clock, and the askings."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import reduce
from uuid import UUID

from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.deadlines import Limits
from api_gateway.domain.lock import (
    Lock,
    LockAskedAgain,
    LockChange,
    LockFact,
    LockLeftUnanswered,
    LockState,
    changed,
    due,
    evolve,
    expiry,
    passed,
)
from shared.contracts import Message, UnlockRequested
from shared.testing import T0, said

from .examples import after
from .lock_examples import (
    BEN,
    CHANGE,
    LOCK,
    SOON,
    UNLOCK,
    asked,
    change,
    locked,
    refused,
    unlock,
    unlocked,
)

LIMITS = Limits()
Told = list[Message[LockFact]]


def fold(told: Iterable[Message[LockFact]]) -> Lock:
    return reduce(evolve, told, Lock())


def messages(*facts: LockFact) -> Told:
    return [
        said(fact, time=after(seconds=n), id=f"m{n}", revision=n + 1)
        for n, fact in enumerate(facts)
    ]


def given(*facts: LockFact) -> Lock:
    return fold(messages(*facts))


ALL = messages(
    asked(expires_at=SOON),
    locked(expires_at=SOON),
    change(),
    locked(reason="Longer", command_id=CHANGE),
    unlock(),
    unlocked(),
    refused(),
    refused(CHANGE),
    unlocked("taken_over", None),
    LockAskedAgain(command_id=CHANGE, at=after(seconds=30)),
    LockAskedAgain(command_id=CHANGE, at=after(seconds=60), nth=2),
    LockLeftUnanswered(command_id=UNLOCK),
)


@drawn(st.lists(st.sampled_from(ALL), max_size=20), st.data())
def test_every_order_and_duplication_gives_one_state(
    told: Told, data: st.DataObject
) -> None:
    one, other = fold(told), fold(data.draw(st.permutations([*told, *told[:5]])))
    assert other == one
    assert (other.state, due(other, LIMITS)) == (one.state, due(one, LIMITS))


def test_the_verifier_alone_says_that_it_is_locked() -> None:
    assert given(asked()).state is LockState.REQUESTED
    assert given(asked(), locked()).state is LockState.LOCKED
    assert given(asked(), refused()).state is LockState.REFUSED
    assert given(asked(), LockLeftUnanswered(command_id=LOCK)).state == "requested"


def test_an_end_that_comes_before_the_lock_is_an_end() -> None:
    assert given(asked(), unlocked(), locked()).state is LockState.UNLOCKED


def test_of_two_that_tell_of_one_lock_the_greater_revision_counts() -> None:
    first = said(locked(reason="first"), id="m1", revision=4)
    second = said(locked(reason="second", command_id=CHANGE), id="m0", revision=7)
    for order in ([first, second], [second, first]):
        known = fold(order).locked
        assert known
        assert known.data.reason == "second"


def test_its_time_is_over_once() -> None:
    known = given(asked(), locked(expires_at=SOON))
    assert due(known, LIMITS) == SOON
    assert not passed(known, after(minutes=59), LIMITS)
    [end] = passed(known, SOON, LIMITS)
    assert isinstance(end, UnlockRequested)
    assert (end.by, end.expires_at, end.lock_id) == ("deadline", SOON, LOCK)
    known = evolve(known, said(end, time=SOON))
    assert not passed(known, after(hours=1, seconds=29), LIMITS)
    assert due(known, LIMITS) == after(hours=1, seconds=30)


def test_two_replicas_mean_the_same_end_of_time() -> None:
    known = given(asked(), locked(expires_at=SOON))
    [one] = passed(known, SOON, LIMITS)
    [two] = passed(known, after(hours=2), LIMITS)
    assert one.command_id == two.command_id == expiry(locked(expires_at=SOON))
    assert expiry(locked(expires_at=after(hours=2))) != one.command_id


def test_a_time_that_was_moved_is_noticed_again() -> None:
    [end] = passed(given(asked(), locked(expires_at=SOON)), SOON, LIMITS)
    later = locked(expires_at=after(hours=2), command_id=CHANGE)
    known = given(asked(), locked(expires_at=SOON), end, later, refused(end.command_id))
    assert due(known, LIMITS) == after(hours=2)


def test_without_a_time_or_after_its_end_nothing_is_due() -> None:
    assert due(given(asked(), locked()), LIMITS) is None
    assert due(given(asked(), locked(expires_at=SOON), unlocked()), LIMITS) is None
    assert due(given(asked(), refused()), LIMITS) is None
    assert due(Lock(), LIMITS) is None


def test_a_command_is_asked_every_half_minute_and_then_left() -> None:
    known = fold([said(asked(), time=T0)])
    assert due(known, LIMITS) == after(seconds=30)
    assert passed(known, after(seconds=30), LIMITS) == [
        LockAskedAgain(command_id=LOCK, at=after(seconds=30))
    ]
    assert passed(known, after(minutes=15), LIMITS) == [
        LockLeftUnanswered(command_id=LOCK)
    ]


def test_each_open_command_is_asked_by_itself() -> None:
    known = given(asked(), locked(), change(), unlock())
    at = after(minutes=1)
    assert {fact.command_id for fact in passed(known, at, LIMITS)} == {CHANGE, UNLOCK}


def test_what_the_clock_wants_is_asked_rarely_but_never_left() -> None:
    [end] = passed(given(asked(), locked(expires_at=SOON)), SOON, LIMITS)
    asked_often = LockAskedAgain(command_id=end.command_id, at=SOON, nth=30)
    known = given(asked(), locked(expires_at=SOON), end, asked_often)
    assert due(known, LIMITS) == after(hours=1, minutes=5)
    [again] = passed(known, after(hours=9), LIMITS)
    assert isinstance(again, LockAskedAgain)
    assert again.nth == 31


def test_an_end_settles_every_unlock() -> None:
    known = given(asked(), locked(), unlock(), unlocked("taken_over", None))
    assert due(known, LIMITS) is None


def wish(
    reason: str | None = None,
    sets_end: bool = False,
    expires_at: datetime | None = None,
) -> LockChange:
    return LockChange(
        command_id=UUID(int=9),
        by=BEN,
        at=after(minutes=3),
        reason=reason,
        sets_end=sets_end,
        expires_at=expires_at,
    )


def test_a_change_says_the_whole_of_what_is_wanted() -> None:
    known = given(asked(), locked(expires_at=SOON))
    [told] = changed(known, wish("Longer"))
    assert (told.reason, told.expires_at) == ("Longer", SOON)
    assert (told.requested_by, told.environment) == (BEN, "Production")
    [told] = changed(known, wish(sets_end=True))
    assert (told.reason, told.expires_at) == ("Migration", None)
    [told] = changed(known, wish(sets_end=True, expires_at=after(hours=5)))
    assert told.expires_at == after(hours=5)


def test_a_change_leaves_what_another_change_wants() -> None:
    known = given(asked(), locked(), change("Longer", SOON))
    [told] = changed(known, wish(sets_end=True))
    assert (told.reason, told.expires_at) == ("Longer", None)
    known = given(asked(), locked(), change("Longer", SOON), refused(CHANGE))
    [told] = changed(known, wish(sets_end=True))
    assert told.reason == "Migration"


def test_nobody_changes_a_lock_that_nobody_asked_for() -> None:
    assert not changed(Lock(), wish("Longer"))
    assert not changed(given(unlock()), wish("Longer"))


def test_a_change_is_later_than_all_before_whatever_the_clock_says() -> None:
    known = given(asked(), locked(), change())
    [told] = changed(known, replace(wish("Longer"), at=T0))
    assert told.requested_at == after(minutes=1, microseconds=1)
    [told] = changed(known, wish("Longer"))
    assert told.requested_at == after(minutes=3)
