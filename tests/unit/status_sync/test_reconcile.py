from datetime import timedelta

import pytest

from shared.testing import T0
from status_sync.domain.hooks import HookState
from status_sync.reconcile import Attempt, begin, hook_state, lost


def attempt(
    number: int, guid: str, *, arrived: bool = False, event: str = "deployment_status"
) -> Attempt:
    return Attempt(number, guid, event, T0 + timedelta(seconds=number), arrived)


def test_a_delivery_whose_attempts_all_failed_is_lost_once() -> None:
    first, again = attempt(1, "a"), attempt(2, "a")
    assert lost([again, first]) == [again]


def test_a_delivery_that_arrived_at_last_is_not_lost() -> None:
    assert lost([attempt(1, "a"), attempt(2, "a", arrived=True)]) == []
    assert lost([attempt(1, "a", arrived=True), attempt(2, "a")]) == []


def test_the_oldest_comes_first() -> None:
    old, new = attempt(1, "b"), attempt(2, "a")
    assert lost([new, old]) == [old, new]


@pytest.mark.parametrize("event", ["watch", "check_run", "status", "meta"])
def test_events_that_tell_us_nothing_lasting_are_left(event: str) -> None:
    assert lost([attempt(1, "a", event=event)]) == []


@pytest.mark.parametrize(
    "event", ["push", "repository", "deployment", "deployment_status"]
)
def test_events_that_nothing_else_would_tell_are_taken(event: str) -> None:
    assert lost([attempt(1, "a", event=event)]) == [attempt(1, "a", event=event)]


def test_a_sweep_begins_a_little_before_the_last_one_ended() -> None:
    assert begin(T0 - timedelta(hours=1), T0) == T0 - timedelta(hours=1, minutes=10)


def test_a_sweep_goes_no_further_back_than_github_remembers() -> None:
    assert begin(T0 - timedelta(days=30), T0) == T0 - timedelta(days=3)


ALL = ["check_run", "check_suite", "deployment", "deployment_status", "meta", "push"]
ALL += ["repository", "status"]


@pytest.mark.parametrize(
    ("active", "events", "state"),
    [
        (True, ALL, HookState.OK),
        (True, [*ALL, "create"], HookState.OK),
        (True, ["*"], HookState.OK),
        (True, ALL[1:], HookState.OUTDATED),
        (True, [], HookState.OUTDATED),
        (False, ALL, HookState.DISABLED),
    ],
)
def test_what_a_hook_is_good_for(
    active: bool, events: list[str], state: HookState
) -> None:
    assert hook_state(active=active, events=events) is state
