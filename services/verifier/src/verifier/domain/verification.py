"""Everything known about one deployment's verification.

Messages arrive in any order, so `evolve` only files them. What was said is filed like
what was heard: it tells how far this deployment has come.

    DeployRequested ─▶ RefResolved ─┬───────────────────────────────▶ RefVerified
                                    ├─▶ ChecksPending   ─┐                 ▲
                                    ├─▶ ReviewRequested ─┤ each at most    │
                                    ├─▶ PlaceAwaited    ─┘ once, downwards ┘
                                    └─▶ RefRejected, from each of them

What ends a deployment (a final status, Refused, Canceled, Gone, SlotReleaseRequested)
ends this, too. A deployment that somebody made at GitHub has only a beginning and ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple, assert_never
from uuid import UUID

from shared.contracts import (
    Check,
    ChecksPending,
    ConfirmationRefused,
    DeployConfirmed,
    DeployRequested,
    Fact,
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    RefRejected,
    RefVerified,
    ReviewRequested,
    SlotReleaseRequested,
    StatusUpdated,
)

from .resolution import ChecksAnswered, RefResolved

#: For so long GitHub's word about a commit's checks is taken without asking again.
CHECKS_HOLD: Final = timedelta(seconds=10)


class PlaceAwaited(Fact):
    """All that is asked for once is there; it waits in line for the place."""

    #: The confirmation that was accepted, where a review was needed.
    confirmation: DeployConfirmed | None = None
    #: Whether whoever gave it may pass over checks; known if that was tried.
    may_override: bool = False


class Sent(NamedTuple):
    """Somebody's word that it is to go out, and whether they may pass over checks."""

    confirmation: DeployConfirmed
    may_override: bool = False


Verdict = RefVerified | RefRejected
News = RefResolved | ChecksAnswered
Told = ChecksPending | ReviewRequested | PlaceAwaited | ConfirmationRefused | Verdict
VerificationFact = (
    DeployRequested
    | DeployConfirmed
    | News
    | Told
    | GitHubDeploymentCanceled
    | GitHubDeploymentRefused
    | GitHubDeploymentGone
    | SlotReleaseRequested
    | StatusUpdated
    | ForeignDeploymentSeen
)


@dataclass(frozen=True)
class Verification:
    """One deployment, as far as the verifier knows of it."""

    request: DeployRequested | None = None
    resolved: RefResolved | None = None
    #: GitHub's newest word about the commit's checks, if it was asked again.
    answered: ChecksAnswered | None = None
    checks_pending: ChecksPending | None = None
    review: ReviewRequested | None = None
    confirmations: Mapping[UUID, DeployConfirmed] = field(default_factory=dict)
    refused: frozenset[UUID] = frozenset()
    awaited: PlaceAwaited | None = None
    verdict: Verdict | None = None
    canceled: bool = False
    #: It needs its place no longer, or never will. This isn't undone.
    freed: bool = False
    #: The tooling's last word.
    final: StatusUpdated | None = None
    #: Somebody else made it, at GitHub.
    foreign: ForeignDeploymentSeen | None = None

    def open(self, now: datetime) -> bool:
        """Whether there is still something to be found out and said."""
        if self.request is None or self.verdict or self.canceled or self.freed:
            return False
        waits = self.checks_pending or self.review or self.awaited
        return bool(waits) or now < self.request.not_after

    @property
    def id(self) -> UUID | None:
        """Whose verification this is, once that is known."""
        told = self.request or self.foreign
        return told.deployment_id if told else None

    @property
    def sha(self) -> str | None:
        """What was deployed, by us or by another."""
        if self.foreign:
            return self.foreign.sha
        return self.verdict.sha if isinstance(self.verdict, RefVerified) else None

    @property
    def checks(self) -> tuple[Check, ...]:
        """What GitHub's answers come to, each check with its newest."""
        if self.resolved is None:
            return ()
        newer = {self.answered.check.code: self.answered.check} if self.answered else {}
        return tuple(newer.get(c.code, c) for c in self.resolved.checks)

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Those of its commit's checks that had not finished when GitHub was asked."""
        told = self.answered or self.resolved
        return told.unfinished if told else ()

    def needs_checks(self, now: datetime, *, anew: bool = False) -> bool:
        """Whether the commit's checks may have changed, and matter now."""
        if self.resolved is None or not self.resolved.hangs_on_checks:
            return False
        if self.review and not self.awaited and not self.unanswered(now):
            return False
        told = self.answered.answered_at if self.answered else self.resolved.resolved_at
        return anew or now - told > CHECKS_HOLD

    @property
    def waits_for_checks(self) -> bool:
        """Whether the next step is that its commit's checks have passed."""
        further = self.review or self.awaited or self.verdict
        return self.checks_pending is not None and not further

    def unanswered(self, now: datetime) -> Sequence[DeployConfirmed]:
        """Confirmations that wait for an answer, the oldest first."""
        waiting = (
            c
            for id_, c in self.confirmations.items()
            if id_ not in self.refused and now < c.not_after
        )
        return sorted(waiting, key=lambda c: (c.confirmed_at, c.confirmation_id))

    @property
    def sent(self) -> Sent | None:
        """The confirmation that was accepted."""
        if self.awaited is None or self.awaited.confirmation is None:
            return None
        return Sent(self.awaited.confirmation, self.awaited.may_override)


def evolve(known: Verification, message: Message[VerificationFact]) -> Verification:
    """File a fact. The order in which facts are filed makes no difference."""
    return file(known, message.data)


def file(known: Verification, fact: VerificationFact) -> Verification:
    match fact:
        case DeployRequested() as request:
            return replace(known, request=request)
        case DeployConfirmed(confirmation_id=id_) as confirmed:
            confirmations = {**known.confirmations, id_: confirmed}
            return replace(known, confirmations=confirmations)
        case RefResolved() as resolved:
            return replace(known, resolved=resolved)
        case ChecksAnswered() as answered:
            older = known.answered or answered
            newest = max(older, answered, key=lambda a: a.answered_at)
            return replace(known, answered=newest)
        case ForeignDeploymentSeen() as foreign:
            return replace(known, foreign=foreign)
        case ChecksPending() | ReviewRequested() | PlaceAwaited() as told:
            return _told(known, told)
        case ConfirmationRefused(confirmation_id=id_):
            return replace(known, refused=known.refused | {id_})
        case RefVerified() | RefRejected() as verdict:
            return replace(known, verdict=verdict)
        case _:
            return _ended(known, fact)


def _told(
    known: Verification, fact: ChecksPending | ReviewRequested | PlaceAwaited
) -> Verification:
    match fact:
        case ChecksPending():
            return replace(known, checks_pending=fact)
        case ReviewRequested():
            return replace(known, review=fact)
        case PlaceAwaited():
            return replace(known, awaited=fact)
    assert_never(fact)


def _ended(
    known: Verification,
    fact: GitHubDeploymentCanceled
    | GitHubDeploymentRefused
    | GitHubDeploymentGone
    | SlotReleaseRequested
    | StatusUpdated,
) -> Verification:
    match fact:
        case GitHubDeploymentCanceled(created=created):
            return replace(known, canceled=True, freed=known.freed or not created)
        case GitHubDeploymentRefused() | GitHubDeploymentGone():
            return replace(known, freed=True)
        case SlotReleaseRequested():
            return replace(known, freed=True)
        case StatusUpdated(final=True) as status:
            newest = max(known.final or status, status, key=_age)
            return replace(known, freed=True, final=newest)
        case StatusUpdated():
            return known
    assert_never(fact)


def _age(status: StatusUpdated) -> tuple[datetime, int]:
    return status.created_at, status.github_status_id


def learn(known: Verification, news: News | None) -> Sequence[News]:
    """Keep what GitHub said, unless it has already said which commit it is."""
    match news:
        case RefResolved() if known.resolved is None:
            return [news]
        case ChecksAnswered(check=check) if check.state != "pending":
            return [news]
        case ChecksAnswered(check=check) if check not in known.checks:
            return [news]
    return []
