"""What GitHub says was reported about a commit, and what that means.

Of a check that ran several times in one suite the last run counts; two suites may have
checks of one name, and both count. What workflows do because of a deployment, or by
the clock, is not about the commit: if it counted, a deployment that failed would
forbid its own repetition.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from pydantic import Field

from verifier.domain.found import Contexts, Reported

from .parts import Page, PageInfo, Part, Word

#: Events whose workflow runs say nothing about the commit.
BESIDE_THE_POINT: Final = frozenset({"deployment", "deployment_status", "schedule"})
_PASSED: Final = frozenset({"success", "neutral", "skipped"})
_UNDECIDED: Final = frozenset({"pending", "expected"})


class WorkflowRun(Part):
    event: Word


class App(Part):
    name: str


class Count(Part):
    total_count: int


class Suite(Part):
    id: str = ""
    status: Word = "completed"
    app: App | None = None
    workflow_run: WorkflowRun | None = None
    check_runs: Count | None = None

    @property
    def counts(self) -> bool:
        run = self.workflow_run
        return run is None or run.event not in BESIDE_THE_POINT

    @property
    def unfinished(self) -> bool:
        """A suite without runs is one that its app never took up."""
        begun = self.check_runs is not None and self.check_runs.total_count > 0
        return self.counts and begun and self.status != "completed"


class Context(Part):
    """A CheckRun or a StatusContext."""

    kind: str = Field(alias="__typename")
    # A commit status:
    context: str = ""
    state: Word = ""
    # A check run:
    name: str = ""
    status: Word = ""
    conclusion: Word = ""
    #: One that waits for its start has none.
    started_at: str | None = None
    check_suite: Suite | None = None

    @property
    def counts(self) -> bool:
        return self.check_suite is None or self.check_suite.counts

    @property
    def key(self) -> tuple[str, str]:
        """What a later report of the same thing shares."""
        suite = self.check_suite.id if self.check_suite else ""
        return suite, self.context or self.name

    @property
    def age(self) -> tuple[bool, str]:
        """Of two with the same key the greater is the later."""
        return self.started_at is None, self.started_at or ""

    def reported(self) -> Reported:
        if self.kind == "StatusContext":
            return Reported(self.context, _judged(self.state), self.state)
        if self.status != "completed":
            return Reported(self.name, "pending", self.status)
        return Reported(self.name, _judged(self.conclusion), self.conclusion)


class Rollup(Part):
    contexts: Page[Context]


class Reports(Part):
    """A commit's suites and contexts: one page of each."""

    check_suites: Page[Suite] | None = None
    status_check_rollup: Rollup | None = None

    @property
    def pages(self) -> dict[str, PageInfo]:
        """Where they end for now."""
        ends = {}
        if self.check_suites:
            ends["suites"] = self.check_suites.page_info
        if self.status_check_rollup:
            ends["contexts"] = self.status_check_rollup.contexts.page_info
        return ends


def contexts(pages: Sequence[Reports], *, withheld: bool) -> Contexts:
    """All that was reported about a commit, from however many pages."""
    newest: dict[tuple[str, str], Context] = {}
    for told in _contexts(pages):
        newest[told.key] = max(told, newest.get(told.key, told), key=lambda c: c.age)
    reported = {key: context.reported() for key, context in newest.items()}
    busy = {suite for (suite, _), told in reported.items() if told.state == "pending"}
    unfinished = {
        suite.app.name if suite.app else "a check suite"
        for page in pages
        for suite in (page.check_suites.nodes if page.check_suites else ())
        if suite and suite.unfinished and suite.id not in busy
    }
    return Contexts(
        reported=tuple(reported.values()),
        unfinished=tuple(sorted(unfinished)),
        withheld=withheld,
    )


def _contexts(pages: Iterable[Reports]) -> Iterable[Context]:
    for page in pages:
        if page.status_check_rollup:
            nodes = page.status_check_rollup.contexts.nodes
            yield from (c for c in nodes if c and c.counts)


def _judged(word: str) -> Literal["passed", "failed", "pending"]:
    if word in _PASSED:
        return "passed"
    return "pending" if word in _UNDECIDED else "failed"
