"""How well a team delivers: DORA's four key figures of an environment.

They are those of https://dora.dev/guides/dora-metrics-four-keys/, told from what has
come to an end there: how often something new arrives, how long a commit takes until it
has arrived, how much of it fails, and how long it takes until that is mended.

A rollback is no change that arrives. It says that what is live had failed, unless it
brings just that once more: then what it undoes never arrived, and counts already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil


@dataclass(frozen=True, kw_only=True, eq=False)
class Finished:
    """A deployment that the tool has come to an end with."""

    sha: str
    succeeded: bool
    rollback: bool
    finished_at: datetime
    #: When its commit was made, if that is known.
    committed_at: datetime | None = None


@dataclass(frozen=True)
class Figures:
    """What happened in one environment in one period."""

    #: Changes that arrived.
    deployments: int
    #: Changes that were tried, and those of them that failed or were rolled back.
    changes: int
    failed: int
    #: From commit to arrival, one for each change.
    lead_times: Sequence[timedelta]
    #: From each failure to the next success.
    restore_times: Sequence[timedelta]
    #: Since when it is broken, if it was at the end of the period.
    broken_since: datetime | None


def figures(told: Iterable[Finished], since: datetime) -> Figures:
    """Count what has ended since then; what ended before says only how it stood.

    Of what ended at the same time the later one has to come later.
    """
    counted = _Counting(since)
    for each in sorted(told, key=lambda f: f.finished_at):
        counted.take(each)
    return Figures(
        counted.deployments,
        counted.changes,
        len(counted.failures),
        counted.lead_times,
        counted.restore_times,
        counted.broken_since,
    )


def median(times: Sequence[timedelta]) -> timedelta | None:
    """The one in the middle, or what lies between the two that are."""
    if not times:
        return None
    first, last = (len(times) - 1) // 2, len(times) // 2
    told = sorted(times)
    return (told[first] + told[last]) / 2


def percentile(times: Sequence[timedelta], share: float) -> timedelta | None:
    """The least of them that so great a share of them does not exceed."""
    if not times:
        return None
    return sorted(times)[max(ceil(share * len(times)), 1) - 1]


@dataclass(frozen=True)
class _Live:
    """What is there, and since when."""

    sha: str
    since: datetime
    #: The change that brought it, as far as it is known.
    change: Finished | None


class _Counting:
    def __init__(self, since: datetime) -> None:
        self._since = since
        self._live: _Live | None = None
        #: Each commit that was ever there, and the newest change that brought it.
        self._arrived: dict[str, Finished | None] = {}
        self.deployments = 0
        self.changes = 0
        self.failures: set[Finished] = set()
        self.lead_times: list[timedelta] = []
        self.restore_times: list[timedelta] = []
        self.broken_since: datetime | None = None

    def take(self, each: Finished) -> None:
        if each.rollback:
            self._take_rollback(each)
        else:
            self._take_change(each)

    def _take_change(self, each: Finished) -> None:
        counts = self._counts(each)
        self.changes += counts
        if not each.succeeded:
            self._fail(each, each.finished_at)
            return
        self.deployments += counts
        if counts and each.committed_at and each.sha not in self._arrived:
            # Whoever makes a commit may have a clock that is ahead of GitHub's.
            lead_time = max(each.finished_at - each.committed_at, timedelta())
            self.lead_times.append(lead_time)
        self._arrived[each.sha] = each
        self._arrive(each)

    def _take_rollback(self, each: Finished) -> None:
        if self._live and self._live.sha != each.sha:
            self._fail(self._live.change, self._live.since)
        if each.succeeded:
            self._arrive(each)

    def _arrive(self, each: Finished) -> None:
        change = self._arrived.setdefault(each.sha, None)
        self._live = _Live(each.sha, each.finished_at, change)
        if self.broken_since is not None and self._counts(each):
            self.restore_times.append(each.finished_at - self.broken_since)
        self.broken_since = None

    def _fail(self, change: Finished | None, at: datetime) -> None:
        if change and self._counts(change):
            self.failures.add(change)
        self.broken_since = min(at, self.broken_since or at)

    def _counts(self, each: Finished) -> bool:
        return each.finished_at >= self._since
