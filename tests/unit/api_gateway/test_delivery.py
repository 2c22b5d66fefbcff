"""DORA's four key figures, from what has come to an end."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api_gateway.domain.delivery import Finished, figures, median, percentile
from shared.testing import T0

HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    return T0 + hours * HOUR


def good(sha: str, hours: float, made: float | None = None) -> Finished:
    return Finished(
        sha=sha,
        succeeded=True,
        rollback=False,
        finished_at=at(hours),
        committed_at=None if made is None else at(made),
    )


def bad(sha: str, hours: float) -> Finished:
    return Finished(sha=sha, succeeded=False, rollback=False, finished_at=at(hours))


def back(sha: str, hours: float, *, succeeded: bool = True) -> Finished:
    return Finished(sha=sha, succeeded=succeeded, rollback=True, finished_at=at(hours))


def test_what_succeeds_has_arrived() -> None:
    told = figures([good("a", 1, made=0), good("b", 5, made=2)], T0)
    assert (told.deployments, told.changes, told.failed) == (2, 2, 0)
    assert list(told.lead_times) == [HOUR, 3 * HOUR]
    assert told.broken_since is None


def test_what_fails_is_mended_by_the_next_success() -> None:
    told = figures([good("a", 1), bad("b", 2), bad("c", 3), good("d", 5)], T0)
    assert (told.deployments, told.changes, told.failed) == (2, 4, 2)
    assert list(told.restore_times) == [3 * HOUR]


def test_a_rollback_says_that_what_it_undoes_had_failed() -> None:
    told = figures([good("a", 1), good("b", 2), back("a", 4)], T0)
    assert (told.deployments, told.changes, told.failed) == (2, 2, 1)
    assert list(told.restore_times) == [2 * HOUR]
    assert told.broken_since is None


def test_a_rollback_that_fails_mends_nothing_and_counts_the_change_once() -> None:
    told = figures(
        [good("a", 1), good("b", 2), back("a", 3, succeeded=False), back("a", 6)], T0
    )
    assert (told.changes, told.failed) == (2, 1)
    assert list(told.restore_times) == [4 * HOUR]


def test_a_rollback_to_what_is_live_fails_only_what_never_arrived() -> None:
    told = figures([good("a", 1), bad("b", 2), back("a", 4)], T0)
    assert (told.deployments, told.changes, told.failed) == (1, 2, 1)
    assert list(told.restore_times) == [2 * HOUR]


def test_a_rollback_past_what_is_live_fails_that_too() -> None:
    told = figures([good("a", 1), good("b", 2), bad("c", 3), back("a", 7)], T0)
    assert (told.deployments, told.changes, told.failed) == (2, 3, 2)
    assert list(told.restore_times) == [5 * HOUR]


def test_what_a_rollback_brought_back_may_fail_as_well() -> None:
    told = figures(
        [good("a", 1), good("b", 2), good("c", 3), back("b", 5), back("a", 8)], T0
    )
    assert (told.changes, told.failed) == (3, 2)
    assert list(told.restore_times) == [2 * HOUR, 3 * HOUR]
    # And live again it may fail and be tried once more.
    told = figures([good("a", 1), good("b", 2), back("a", 4), good("b", 5)], T0)
    assert (told.deployments, told.changes, told.failed) == (3, 3, 1)


def test_a_retry_is_one_more_deployment_of_the_same_commit() -> None:
    told = figures([bad("a", 2), good("a", 3, made=1)], T0)
    assert (told.deployments, told.changes, told.failed) == (1, 2, 1)
    assert list(told.lead_times) == [2 * HOUR]
    assert list(told.restore_times) == [HOUR]


def test_of_what_ended_in_one_second_each_counts_in_its_order() -> None:
    told = figures([bad("a", 1), bad("a", 1), good("b", 1)], T0)
    assert (told.changes, told.failed, told.broken_since) == (3, 2, None)
    told = figures([good("b", 1), bad("a", 1)], T0)
    assert told.broken_since == at(1)


def test_no_commit_arrives_before_it_was_made() -> None:
    assert list(figures([good("a", 1, made=3)], T0).lead_times) == [0 * HOUR]


def test_what_is_still_broken_at_the_end_is_said() -> None:
    told = figures([good("a", 1), bad("b", 2)], T0)
    assert told.broken_since == at(2)
    assert told.restore_times == []


def test_the_same_commit_once_more_is_no_new_change() -> None:
    told = figures([good("a", 1, made=0), good("a", 9, made=0)], T0)
    assert list(told.lead_times) == [HOUR]
    assert told.deployments == 2


def test_what_came_before_the_period_says_only_how_it_stood() -> None:
    earlier = [good("a", -3, made=-4), bad("b", -2)]
    told = figures([*earlier, good("a", 1, made=-4)], T0)
    assert (told.deployments, told.changes, told.failed) == (1, 1, 0)
    assert told.lead_times == []
    assert list(told.restore_times) == [3 * HOUR]


def test_a_rollback_of_what_came_before_the_period_fails_nothing_in_it() -> None:
    told = figures([good("a", -2), back("z", 1)], T0)
    assert (told.changes, told.failed) == (0, 0)
    assert list(told.restore_times) == [3 * HOUR]


def test_a_percentile_is_one_of_the_times() -> None:
    times = [n * HOUR for n in (5, 1, 3, 2, 4)]
    assert percentile(times, 0.9) == 5 * HOUR
    assert percentile([], 0.9) is None


def test_the_median_is_in_the_middle() -> None:
    assert median([n * HOUR for n in (5, 1, 3, 2, 4)]) == 3 * HOUR
    assert median([n * HOUR for n in (4, 1, 2, 9)]) == 3 * HOUR
    assert median([HOUR]) == HOUR
    assert median([]) is None


def _shuffled(
    told: list[Finished],
) -> st.SearchStrategy[tuple[list[Finished], list[Finished]]]:
    return st.tuples(st.just(told), st.permutations(told))


FINISHED = st.builds(
    Finished,
    sha=st.sampled_from("abc"),
    succeeded=st.booleans(),
    rollback=st.booleans(),
    finished_at=st.integers(-9, 9).map(at),
    committed_at=st.none() | st.integers(-20, -10).map(at),
)


@given(st.lists(FINISHED, unique_by=lambda f: f.finished_at).flatmap(_shuffled))
def test_the_figures_hang_together(told: tuple[list[Finished], list[Finished]]) -> None:
    counted = figures(told[0], T0)
    assert figures(told[1], T0) == counted
    assert 0 <= counted.failed <= counted.changes
    assert len(counted.lead_times) <= counted.deployments <= counted.changes
    assert all(time > timedelta() for time in counted.restore_times)
    newest = max(told[0], key=lambda f: f.finished_at, default=None)
    if newest and not newest.rollback:
        assert newest.succeeded == (counted.broken_since is None)
