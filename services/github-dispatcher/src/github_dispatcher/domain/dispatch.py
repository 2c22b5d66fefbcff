"""One deployment at GitHub: everything known about it.

Facts arrive in any order, so `evolve` only files them under their natural keys. What
they mean together is asked with the properties: which attempt is open, which of
GitHub's deployments is the recorded one, which are too many.

An attempt is *answered* when its worker heard GitHub. Each unanswered one may have made
a deployment; as long as there are more of those than deployments that were found, one
may still turn up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never, cast

from shared.contracts import (
    CancelRequested,
    DispatchAttempted,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    GitHubDeploymentSeen,
    Message,
    RefVerified,
    Repository,
)

from .answers import REDIRECTED
from .facts import (
    AttemptEnded,
    AttemptStarted,
    BeginningPostponed,
    ExtraFound,
    ExtraStopped,
    LateLooked,
    LookedUp,
    SightingDismissed,
)

#: How far a known rate limit can move the end of a verdict.
LONGEST_DELAY: Final = timedelta(hours=1)
#: After a limit's reset there must be time to begin.
AFTER_RESET: Final = timedelta(minutes=2)
#: An order that is taken later than this may have been carried out already, by this
#: service as its log no longer tells: an older state of it was restored.
LATE: Final = timedelta(seconds=20)
#: The look before the first attempt is the look for what none made.
BEFORE: Final = 0
AGES_AGO: Final = datetime.fromisoformat("0001-01-01T00:00:00Z")

Incoming = RefVerified | CancelRequested | GitHubDeploymentSeen
Said = (
    GitHubDeploymentCreated
    | DispatchAttempted
    | GitHubDeploymentRefused
    | GitHubDeploymentCanceled
)
Private = (
    AttemptStarted
    | AttemptEnded
    | BeginningPostponed
    | LookedUp
    | LateLooked
    | ExtraFound
    | ExtraStopped
    | SightingDismissed
)
DispatchFact = Incoming | Said | Private


@dataclass(frozen=True)
class Sighting:
    """A webhook told of a deployment with our marker. It may be forged."""

    repository: Repository
    at: datetime


@dataclass(frozen=True)
class Dispatch:
    order: RefVerified | None = None
    #: When it was given.
    ordered_at: datetime = AGES_AGO
    #: The first of those that were requested.
    cancel: Message[CancelRequested] | None = None
    #: One of them because the repository is gone, or out of our reach.
    lost: bool = False
    postponed_until: datetime = AGES_AGO
    started: Mapping[int, AttemptStarted] = field(default_factory=dict)
    ended: Mapping[int, AttemptEnded] = field(default_factory=dict)
    #: When each attempt without an answer was looked up.
    looked_up: Mapping[int, datetime] = field(default_factory=dict)
    #: Those up to this one were looked up once more.
    late_looked: int = 0
    seen: Mapping[int, Sighting] = field(default_factory=dict)
    dismissed: frozenset[int] = frozenset()
    extras: Mapping[int, Repository] = field(default_factory=dict)
    stopped: frozenset[int] = frozenset()
    created: GitHubDeploymentCreated | None = None
    refused: bool = False
    canceled: bool = False

    @property
    def settled(self) -> bool:
        """Whether it is decided what becomes of this. Nothing reverses it."""
        return bool(self.created or self.refused or self.canceled)

    @property
    def last(self) -> int:
        return max(self.started, default=0)

    @property
    def known(self) -> frozenset[int]:
        """GitHub's deployments that are ours, the recorded one and the extra ones."""
        recorded = {self.created.github_deployment_id} if self.created else set()
        return frozenset(recorded | self.extras.keys())

    @property
    def incomplete(self) -> bool:
        """Whether GitHub may have, or get, one that isn't known."""
        answered = {e.github_deployment_id for e in self.ended.values()}
        return len(self.started) - len(self.ended) > len(self.known - answered)

    @property
    def open(self) -> AttemptStarted | None:
        """The last attempt, if it can't be told yet what it made."""
        last = self.last
        if not last or last in self.ended or last in self.looked_up:
            return None
        return self.started[last] if self.incomplete else None

    @property
    def not_before(self) -> datetime:
        """No other attempt may start before that."""
        ended = self.ended.get(self.last)
        return (ended and ended.retry_at) or AGES_AGO

    def ready(self, now: datetime) -> bool:
        """Whether another attempt may start."""
        if self.settled or self.open or self.cancel or not self.order:
            return False
        return self.not_before <= now < self.not_after

    def late(self, now: datetime) -> bool:
        """Whether GitHub is to be searched before anything is begun or concluded."""
        if self.order is None or self.started or BEFORE in self.looked_up:
            return False
        return now - self.ordered_at > LATE

    def held_by(self, worker: str) -> AttemptStarted | None:
        """The open attempt, if this is who may POST."""
        attempt = self.open
        return attempt if attempt and attempt.worker == worker else None

    @property
    def named_at(self) -> datetime:
        """When the repository was known to have the name that the order tells."""
        ended = self.ended.get(self.last)
        if self.order is None or (ended and ended.outcome == REDIRECTED):
            return AGES_AGO
        return self.order.resolved_at

    @property
    def overtaken(self) -> bool:
        """Whether GitHub has created another commit than the verified one."""
        return bool(self.created and self.order and self.created.sha != self.order.sha)

    @property
    def to_stop(self) -> GitHubDeploymentCreated | None:
        """The recorded deployment, if it is to end and nobody has ended it."""
        if self.canceled or not (self.cancel or self.overtaken):
            return None
        return self.created

    @property
    def extras_to_stop(self) -> Iterator[tuple[int, Repository]]:
        for number, repository in sorted(self.extras.items(), key=lambda e: e[0]):
            if number not in self.stopped:
                yield number, repository

    @property
    def sightings(self) -> Iterator[tuple[int, Sighting]]:
        """Those about which GitHub itself is to be asked."""
        if not (self.started or self.settled):
            return
        for number, seen in sorted(self.seen.items(), key=lambda s: s[0]):
            ours = not self.order or self.order.repository.id == seen.repository.id
            if ours and number not in self.known | self.dismissed:
                yield number, seen

    def late_look_at(self, after: timedelta) -> datetime | None:
        """When GitHub is to be searched once more, if at all."""
        if not (self.settled and self.incomplete):
            return None
        missing = self.looked_up.keys() - self.ended.keys()
        times = [self.looked_up[n] for n in missing if n > self.late_looked]
        return min(times) + after if times else None

    @property
    def not_after(self) -> datetime:
        """When the verdict ends: a known rate limit moves it, for a while."""
        end = self.order.not_after if self.order else AGES_AGO
        reset = min(self.postponed_until, end + LONGEST_DELAY)
        return max(end, reset + AFTER_RESET)


def _first(
    known: Message[CancelRequested] | None, cancel: Message[CancelRequested]
) -> Message[CancelRequested]:
    """Of several cancels the earliest is the one that is carried out."""
    return min(known or cancel, cancel, key=lambda m: (m.time, m.id))


def evolve(known: Dispatch, message: Message[DispatchFact]) -> Dispatch:  # noqa: C901, PLR0912 - a table, one row each
    """File a fact. The order in which facts are filed makes no difference."""
    match fact := message.data:
        case RefVerified():
            return replace(known, order=fact, ordered_at=message.time)
        case CancelRequested():
            cancel = _first(known.cancel, cast("Message[CancelRequested]", message))
            lost = known.lost or fact.by == "repository"
            return replace(known, cancel=cancel, lost=lost)
        case GitHubDeploymentSeen(github_deployment_id=number):
            first = known.seen.get(number)
            at = min(first.at, message.time) if first else message.time
            seen = {**known.seen, number: Sighting(fact.repository, at)}
            return replace(known, seen=seen)
        case AttemptStarted(attempt=n):
            return replace(known, started={**known.started, n: fact})
        case AttemptEnded(attempt=n):
            return replace(known, ended={**known.ended, n: fact})
        case BeginningPostponed(until=until):
            return replace(known, postponed_until=max(known.postponed_until, until))
        case LookedUp(attempt=n):
            return replace(known, looked_up={**known.looked_up, n: message.time})
        case LateLooked(attempt=n):
            return replace(known, late_looked=max(known.late_looked, n))
        case ExtraFound(github_deployment_id=number):
            return replace(known, extras={**known.extras, number: fact.repository})
        case ExtraStopped(github_deployment_id=number):
            return replace(known, stopped=known.stopped | {number})
        case SightingDismissed(github_deployment_id=number):
            return replace(known, dismissed=known.dismissed | {number})
        case GitHubDeploymentCreated():
            return replace(known, created=fact)
        case GitHubDeploymentRefused():
            return replace(known, refused=True)
        case GitHubDeploymentCanceled():
            return replace(known, canceled=True)
        case DispatchAttempted():
            return known
    assert_never(fact)
