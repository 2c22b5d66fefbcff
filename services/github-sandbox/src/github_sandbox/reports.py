"""What was reported about a commit: statuses, check runs, and what they add up to.

Of the statuses of one context, and of the runs of one name in one suite, the newest
counts. A suite's own state follows from its runs unless it was told.
"""

from typing import Any

from github_sandbox.records import CheckRun, CheckSuite, CommitStatus
from github_sandbox.tables import Tables

_BAD = ("failure", "timed_out", "cancelled", "action_required", "startup_failure")


def latest_statuses(store: Tables, sha: str) -> list[CommitStatus]:
    newest = {status.context: status for status in store.commit_statuses.of(sha)}
    return list(newest.values())


def latest_runs(store: Tables, suite: CheckSuite) -> list[CheckRun]:
    return list({run.name: run for run in store.runs.of(suite.id)}.values())


def runs_of_commit(store: Tables, sha: str) -> list[CheckRun]:
    suites = store.suites.of(sha)
    return [run for suite in suites for run in latest_runs(store, suite)]


def contexts_of(store: Tables, sha: str) -> list[dict[str, Any]]:
    """All that a deployment's `required_contexts` looks at."""
    statuses = [(one.context, one.state) for one in latest_statuses(store, sha)]
    runs = [
        (one.name, one.conclusion or "pending") for one in runs_of_commit(store, sha)
    ]
    return [{"context": name, "state": state} for name, state in statuses + runs]


def suite_status(store: Tables, suite: CheckSuite) -> str:
    if suite.status:
        return suite.status
    states = {run.status for run in latest_runs(store, suite)}
    if states == {"completed"}:
        return "completed"
    return "in_progress" if states & {"in_progress", "completed"} else "queued"


def suite_conclusion(store: Tables, suite: CheckSuite) -> str | None:
    if suite_status(store, suite) != "completed":
        return None
    conclusions = [run.conclusion for run in latest_runs(store, suite)]
    for bad in _BAD:
        if bad in conclusions:
            return bad
    only_passive = conclusions and "success" not in conclusions
    return conclusions[0] if only_passive else "success"


def combined_state(statuses: list[CommitStatus]) -> str:
    states = {status.state for status in statuses}
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def rollup_state(store: Tables, sha: str) -> str | None:
    """GraphQL's word for all of it; none when nothing was reported."""
    states = {status.state.upper() for status in latest_statuses(store, sha)}
    for run in runs_of_commit(store, sha):
        if run.status != "completed":
            states.add("PENDING")
        else:
            states.add("FAILURE" if run.conclusion in _BAD else "SUCCESS")
    ranked = (state for state in ("ERROR", "FAILURE", "PENDING") if state in states)
    return next(ranked, "SUCCESS" if states else None)
