"""Everything known about one deployment's verification.

Messages arrive in any order, so `evolve` only files them.

    DeployRequested ──────────────────────┐
    RefResolved, ChecksAnswered ──────────┤
    GitHubDeploymentCanceled ─────────────┼─ evolve ─▶ Verification
    a final status, Refused, Gone,        │
    SlotReleaseRequested: what frees ─────┤
    RefVerified | RefRejected: the verdict┘
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from shared.contracts import (
    Check,
    DeployRequested,
    GitHubDeploymentCanceled,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    RefRejected,
    RefVerified,
    SlotReleaseRequested,
    StatusUpdated,
)

from .resolution import ChecksAnswered, RefResolved

#: For so long GitHub's word about a commit's checks is taken without asking again.
CHECKS_HOLD: Final = timedelta(seconds=10)

Verdict = RefVerified | RefRejected
VerificationFact = (
    DeployRequested
    | RefResolved
    | ChecksAnswered
    | GitHubDeploymentCanceled
    | GitHubDeploymentRefused
    | GitHubDeploymentGone
    | SlotReleaseRequested
    | StatusUpdated
    | Verdict
)


@dataclass(frozen=True)
class Verification:
    """One deployment, as far as the verifier knows of it."""

    request: DeployRequested | None = None
    resolved: RefResolved | None = None
    #: GitHub's newest word about the commit's checks, if it was asked again.
    answered: ChecksAnswered | None = None
    canceled: bool = False
    #: It needs its place no longer, or never will. This isn't undone.
    freed: bool = False
    verdict: Verdict | None = None

    def open(self, now: datetime) -> bool:
        """Whether there is still something to be found out and said."""
        if self.request is None or self.verdict or self.canceled or self.freed:
            return False
        return now < self.request.not_after

    @property
    def checks(self) -> tuple[Check, ...]:
        """What GitHub's answers come to, each check with its newest."""
        if self.resolved is None:
            return ()
        newer = {self.answered.check.code: self.answered.check} if self.answered else {}
        return tuple(newer.get(c.code, c) for c in self.resolved.checks)

    def needs_checks(self, now: datetime) -> bool:
        """Whether the commit's checks may have changed, and matter."""
        if self.resolved is None or not self.resolved.hangs_on_checks:
            return False
        told = self.answered.answered_at if self.answered else self.resolved.resolved_at
        return now - told > CHECKS_HOLD


def evolve(known: Verification, message: Message[VerificationFact]) -> Verification:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case DeployRequested() as request:
            return replace(known, request=request)
        case RefResolved() as resolved:
            return replace(known, resolved=resolved)
        case ChecksAnswered() as answered:
            older = known.answered or answered
            newest = max(older, answered, key=lambda a: a.answered_at)
            return replace(known, answered=newest)
        case GitHubDeploymentCanceled(created=created):
            return replace(known, canceled=True, freed=known.freed or not created)
        case GitHubDeploymentRefused() | GitHubDeploymentGone():
            return replace(known, freed=True)
        case SlotReleaseRequested():
            return replace(known, freed=True)
        case StatusUpdated(final=final):
            return replace(known, freed=known.freed or final)
        case RefVerified() | RefRejected() as verdict:
            return replace(known, verdict=verdict)
    assert_never(message.data)


def learn(
    known: Verification, fact: RefResolved | ChecksAnswered
) -> list[VerificationFact]:
    """Keep what GitHub said, unless it has already said which commit it is."""
    if known.verdict or (known.resolved and isinstance(fact, RefResolved)):
        return []
    return [fact]
