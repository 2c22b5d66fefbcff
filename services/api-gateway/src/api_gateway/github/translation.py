"""From what GitHub tells to the words of the ports and of Gitploy's clients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal, TypeVar

from api_gateway.ports import Author, Commit, Known, NamedCommit, Part, Report
from shared.github import GitHubForbidden, browsing
from shared.github.questions import Listed

T = TypeVar("T")
S = TypeVar("S")
State = Literal["success", "failure", "pending", "cancelled", "skipped"]

STATUSES: Final[dict[str, State]] = {"success": "success", "pending": "pending"}
#: All that is neither here nor in progress has failed: nobody says that it passed.
CONCLUSIONS: Final[dict[str, State]] = {
    "success": "success",
    "neutral": "skipped",
    "skipped": "skipped",
    "cancelled": "cancelled",
    "stale": "cancelled",
}


def lacking(error: GitHubForbidden) -> str:
    """What GitHub says to a token that may not do this, and what would do."""
    return f"{error} (it takes {error.needed})" if error.needed else str(error)


def answering(value: S, first: Known[Any], *others: Known[Any]) -> Known[S]:
    """An answer that was made from several: as old as the oldest of them."""
    asked = (first, *others)
    oldest = max(asked, key=lambda told: told.age)
    stale = next((told.stale for told in asked if told.stale), None)
    return replace(oldest, value=value, stale=stale)


def part(told: Known[Listed[T]], of: Callable[[T], S]) -> Known[Part[S]]:
    items = tuple(of(item) for item in told.value.items)
    return answering(Part(items, told.value.more), told)


def branch(told: browsing.Branch) -> NamedCommit:
    return NamedCommit(told.name, told.commit.sha)


def commit(told: browsing.Commit) -> Commit:
    return Commit(told.sha, told.commit.message, told.html_url, _author(told))


def _author(told: browsing.Commit) -> Author | None:
    """GitHub knows some authors by their address; others are only names in git."""
    who, written = told.author, told.commit.author
    if who is None or not who.login:
        return None
    return Author(who.login, who.avatar_url, written.date if written else None)


def reports(
    told: browsing.CombinedStatus | browsing.CheckRuns,
) -> tuple[Report, ...]:
    if isinstance(told, browsing.CheckRuns):
        return tuple(of_run(run) for run in told.check_runs)
    return tuple(of_status(status) for status in told.statuses)


def of_status(told: browsing.CommitStatus) -> Report:
    return Report(
        context=told.context,
        avatar_url=told.avatar_url,
        target_url=told.target_url,
        state=STATUSES.get(told.state, "failure"),
    )


def of_run(told: browsing.CheckRun) -> Report:
    owner = told.app.owner if told.app else None
    done = told.status == "completed"
    return Report(
        context=told.name,
        avatar_url=owner.avatar_url if owner else "",
        target_url=told.html_url or told.details_url,
        state=CONCLUSIONS.get(told.conclusion or "", "failure") if done else "pending",
    )
