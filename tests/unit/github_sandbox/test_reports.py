"""What statuses and check runs add up to."""

from itertools import count

import pytest

from github_sandbox.records import CheckRun, CheckSuite, CommitStatus
from github_sandbox.reports import (
    combined_state,
    contexts_of,
    latest_runs,
    rollup_state,
    suite_conclusion,
    suite_status,
)
from github_sandbox.tables import Tables

SHA = "a" * 40


class Reported:
    """The tables, and short words for filling them."""

    def __init__(self) -> None:
        self.tables = Tables(lambda *_: None)
        self.ids = count(1)

    def suite(self, status: str | None = None) -> CheckSuite:
        suite = CheckSuite(next(self.ids), SHA, "app", None, None, status, "")
        return self.tables.suites.put(suite)

    def run(self, suite: CheckSuite, conclusion: str | None, name: str = "test") -> int:
        status = "completed" if conclusion else "in_progress"
        run = CheckRun(
            id=next(self.ids),
            suite_id=suite.id,
            sha=SHA,
            name=name,
            status=status,
            conclusion=conclusion,
            details_url=None,
            external_id="",
            started_at=None,
            completed_at=None,
            title=None,
            summary=None,
            text=None,
        )
        return self.tables.runs.put(run).id

    def status(self, state: str, context: str = "ci") -> CommitStatus:
        number = next(self.ids)
        status = CommitStatus(number, SHA, context, state, None, None, "mona", "")
        return self.tables.commit_statuses.put(status)


@pytest.mark.parametrize(
    ("conclusions", "status", "conclusion"),
    [
        ([], "queued", None),
        ([None], "in_progress", None),
        (["success", None], "in_progress", None),
        (["success", "skipped"], "completed", "success"),
        (["skipped", "skipped"], "completed", "skipped"),
        (["success", "timed_out"], "completed", "timed_out"),
        (["cancelled", "failure"], "completed", "failure"),
    ],
)
def test_a_suite_is_what_its_runs_are(
    conclusions: list[str | None], status: str, conclusion: str | None
) -> None:
    reported = Reported()
    suite = reported.suite()
    for number, one in enumerate(conclusions):
        reported.run(suite, one, f"test {number}")
    assert suite_status(reported.tables, suite) == status
    assert suite_conclusion(reported.tables, suite) == conclusion


def test_a_suite_is_what_it_was_told_to_be() -> None:
    reported = Reported()
    suite = reported.suite("in_progress")
    reported.run(suite, "success")
    assert suite_status(reported.tables, suite) == "in_progress"
    assert suite_conclusion(reported.tables, suite) is None


def test_the_newest_of_a_name_counts() -> None:
    reported = Reported()
    suite, other = reported.suite(), reported.suite()
    reported.run(suite, "failure")
    newest, elsewhere = reported.run(suite, "success"), reported.run(other, None)
    assert [run.id for run in latest_runs(reported.tables, suite)] == [newest]
    assert [run.id for run in latest_runs(reported.tables, other)] == [elsewhere]
    assert contexts_of(reported.tables, SHA) == [
        {"context": "test", "state": "success"},
        {"context": "test", "state": "pending"},
    ]


@pytest.mark.parametrize(
    ("states", "combined", "rollup"),
    [
        ([], "pending", None),
        (["success"], "success", "SUCCESS"),
        (["success", "pending"], "pending", "PENDING"),
        (["pending", "error"], "failure", "ERROR"),
        (["pending", "failure"], "failure", "FAILURE"),
    ],
)
def test_statuses_add_up(states: list[str], combined: str, rollup: str | None) -> None:
    reported = Reported()
    made = [reported.status(state, f"ci {n}") for n, state in enumerate(states)]
    assert combined_state(made) == combined
    assert rollup_state(reported.tables, SHA) == rollup


@pytest.mark.parametrize(
    ("conclusion", "rollup"),
    [
        ("neutral", "SUCCESS"),
        ("skipped", "SUCCESS"),
        ("cancelled", "FAILURE"),
        (None, "PENDING"),
    ],
)
def test_runs_count_in_the_rollup(conclusion: str | None, rollup: str) -> None:
    reported = Reported()
    reported.status("success")
    reported.run(reported.suite(), conclusion)
    assert rollup_state(reported.tables, SHA) == rollup
