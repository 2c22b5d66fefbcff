from datetime import timedelta

from shared.testing import T0
from status_sync.reconcile import Attempt, lost


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


def test_events_that_tell_us_nothing_are_left() -> None:
    assert lost([attempt(1, "a", event="watch")]) == []
