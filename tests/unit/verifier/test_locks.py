"""Who keeps whom out, until when, and what becomes of every command about it."""

from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import (
    EnvironmentLocked,
    EnvironmentUnlocked,
    LockRefused,
    LockRequested,
)
from shared.testing import T0
from verifier.domain import environment
from verifier.domain.environment import Environment, LockAnswer, LockCommand
from verifier.domain.situation import Lock

from .examples import ANN
from .locking import BEN, HOUR, LOCK, Stream, change, lock, unlock

OTHER = UUID("88888888-8888-4888-8888-888888888888")


def locked(by: LockRequested | None = None) -> Stream:
    stream = Stream()
    stream.take(by or lock(reason="Migration"))
    return stream


def there(stream: Stream) -> EnvironmentLocked | None:
    return stream.state.locks.there


def test_a_lock_says_who_why_and_until_when() -> None:
    stream = Stream()
    (answer,) = stream.take(lock(reason="Migration", expires_at=T0 + HOUR))
    assert isinstance(answer, EnvironmentLocked)
    assert (answer.owner, answer.reason) == (ANN, "Migration")
    assert (answer.locked_at, answer.expires_at) == (T0, T0 + HOUR)
    assert (answer.lock_id, answer.command_id) == (LOCK, LOCK)
    seen = stream.state.locks.at(T0)
    assert seen
    assert seen == Lock(ANN, "Migration", expires_at=T0 + HOUR, locked_at=T0)


def test_there_is_one_lock_at_a_time() -> None:
    stream = locked()
    (answer,) = stream.take(lock(BEN, OTHER))
    assert isinstance(answer, LockRefused)
    assert answer.code == "lock_already_exist"
    assert "ann has locked it since 2026-01-05 09:00 UTC" in answer.message
    assert there(stream) == stream.messages[1].data


def test_somebody_else_takes_it_over_and_that_is_recorded() -> None:
    stream = locked()
    ended, taken = stream.take(lock(BEN, OTHER, take_over=True))
    assert isinstance(ended, EnvironmentUnlocked)
    assert (ended.lock_id, ended.command_id) == (LOCK, None)
    assert (ended.cause, ended.who) == ("taken_over", BEN)
    assert isinstance(taken, EnvironmentLocked)
    assert (taken.owner, taken.command_id) == (BEN, OTHER)


def test_a_take_over_of_nothing_is_a_lock() -> None:
    (answer,) = Stream().take(lock(take_over=True))
    assert isinstance(answer, EnvironmentLocked)


def test_reason_and_end_change_and_the_owner_stays() -> None:
    stream = locked()
    (answer,) = stream.take(change(BEN, reason="Longer", expires_at=T0 + HOUR))
    assert isinstance(answer, EnvironmentLocked)
    assert (answer.owner, answer.locked_at) == (ANN, T0)
    assert (answer.reason, answer.expires_at) == ("Longer", T0 + HOUR)
    assert there(stream) == answer


def test_of_two_changes_the_one_that_was_asked_for_later_counts() -> None:
    first, second = change(minute=1, reason="first"), change(minute=2, reason="second")
    for order in ((first, second), (second, first)):
        stream = locked()
        answers = [answer for c in order for answer in stream.take(c)]
        assert [type(a) for a in answers] == [EnvironmentLocked, EnvironmentLocked]
        told = {a.command_id for a in answers if isinstance(a, EnvironmentLocked)}
        assert told == {first.command_id, second.command_id}
        assert (known := there(stream))
        assert known.reason == "second"


def test_an_unlock_frees_and_says_who() -> None:
    stream = locked()
    (answer,) = stream.take(command := unlock(BEN))
    assert isinstance(answer, EnvironmentUnlocked)
    assert (answer.cause, answer.who) == ("person", BEN)
    assert answer.command_id == command.command_id
    assert stream.state.locks.at(T0) is None


@pytest.mark.parametrize("command", [unlock, change])
def test_what_concerns_an_ended_lock_is_refused(
    command: Callable[[], LockCommand],
) -> None:
    stream = locked()
    stream.take(unlock())
    (answer,) = stream.take(command())
    assert isinstance(answer, LockRefused)
    assert answer.code == "entity_not_found"
    assert answer.message == "The lock has ended already."


def test_an_unlock_that_comes_first_waits_for_its_lock_and_ends_it() -> None:
    stream = Stream()
    assert stream.take(early := unlock()) == []
    made, ended = stream.take(lock())
    assert isinstance(made, EnvironmentLocked)
    assert isinstance(ended, EnvironmentUnlocked)
    assert ended.command_id == early.command_id
    assert there(stream) is None


def test_an_unlock_of_a_lock_that_was_refused_is_refused() -> None:
    stream = locked()
    assert stream.take(unlock(BEN, OTHER)) == []
    answers = stream.take(lock(BEN, OTHER))
    assert [type(a) for a in answers] == [LockRefused, LockRefused]
    assert there(stream)


def test_its_time_ends_it_once() -> None:
    stream = locked(lock(expires_at=T0 + HOUR))
    deadline = unlock(by="deadline", expires_at=T0 + HOUR)
    (answer,) = stream.take(deadline)
    assert isinstance(answer, EnvironmentUnlocked)
    assert (answer.cause, answer.who) == ("expired", None)
    (again,) = stream.take(unlock(by="deadline", expires_at=T0 + HOUR))
    assert isinstance(again, LockRefused)


def test_a_deadline_does_not_end_a_lock_that_was_prolonged() -> None:
    stream = locked(lock(expires_at=T0 + HOUR))
    stream.take(change(expires_at=T0 + 2 * HOUR))
    (answer,) = stream.take(unlock(by="deadline", expires_at=T0 + HOUR))
    assert isinstance(answer, LockRefused)
    assert answer.code == "entity_unprocessable"
    assert "it ends at 2026-01-05 11:00 UTC" in answer.message
    assert there(stream)
    stream.take(change(minute=3, expires_at=None))
    (answer,) = stream.take(unlock(by="deadline", expires_at=T0 + HOUR))
    assert isinstance(answer, LockRefused)
    assert "it ends at no time" in answer.message


def test_a_lock_that_ran_out_keeps_nobody_out_although_nobody_said_so() -> None:
    stream = locked(lock(expires_at=T0 + HOUR))
    assert stream.state.locks.at(T0 + HOUR - timedelta(seconds=1))
    assert stream.state.locks.at(T0 + HOUR) is None
    ended, taken = stream.take(lock(BEN, OTHER), T0 + HOUR)
    assert isinstance(ended, EnvironmentUnlocked)
    assert (ended.cause, ended.who) == ("expired", None)
    assert isinstance(taken, EnvironmentLocked)


def test_a_copy_of_a_command_is_not_answered_again() -> None:
    stream = locked()
    assert stream.take(lock()) == []


COMMANDS: list[LockCommand] = [
    lock(expires_at=T0 + HOUR),
    change(minute=1, reason="x", expires_at=T0 + 2 * HOUR),
    change(minute=2, reason="y"),
    unlock(minute=3),
    unlock(minute=4, by="deadline", expires_at=T0 + HOUR),
    lock(BEN, OTHER, minute=5, take_over=True),
    unlock(BEN, OTHER, minute=6),
    lock(BEN, uuid4(), minute=7),
]


@given(st.permutations([*COMMANDS, *COMMANDS[:3]]))
def test_each_command_is_answered_once_in_every_order(order: list[LockCommand]) -> None:
    stream = Stream()
    for command in order:
        stream.take(command)
    answers = [m.data for m in stream.messages if isinstance(m.data, LockAnswer)]
    told = [a.command_id for a in answers if a.command_id]
    assert sorted(told) == sorted(c.command_id for c in COMMANDS)
    assert never_two_locks(answers)


@given(st.permutations(COMMANDS), st.data())
def test_facts_about_locks_commute(
    order: list[LockCommand], data: st.DataObject
) -> None:
    stream = Stream()
    for command in order:
        stream.take(command)
    copies = data.draw(st.lists(st.sampled_from(stream.messages), max_size=4))
    shuffled = data.draw(st.permutations([*stream.messages, *copies]))
    again = reduce(environment.evolve, shuffled, Environment())
    assert again == stream.state


def test_a_lock_is_as_it_was_said_last_in_whatever_order_that_is_filed() -> None:
    stream = locked()
    stream.take(change(reason="Longer"))
    again = reduce(environment.evolve, stream.messages[::-1], Environment())
    assert again == stream.state
    assert again.locks.there
    assert again.locks.there.reason == "Longer"


def never_two_locks(answers: list[LockAnswer]) -> bool:
    there: set[UUID] = set()
    for answer in answers:
        match answer:
            case EnvironmentLocked(lock_id=id_):
                there.add(id_)
            case EnvironmentUnlocked(lock_id=id_):
                there.discard(id_)
        if len(there) > 1:
            return False
    return True
