"""What has come furthest of each branch and tag: a push that waits gives way to it.

A push gives way to a newer commit of its ref as soon as that one has gone out; while
it still waits for its own checks, as soon as that one has passed them. A newer push
alone is no reason, or else a busy branch would never be deployed.
"""

from dataclasses import dataclass, field, replace

from shared.contracts import Fact, Message
from verifier.domain.parts import Parts

from .facts import ChecksPassed, Claim, SlotGranted, Waits

Line = str


@dataclass(frozen=True)
class Newest:
    """The newest of each ref that has come so far."""

    passed: Parts[Line, Claim] = field(default_factory=Parts)
    gone_out: Parts[Line, Claim] = field(default_factory=Parts)

    def before(self, push: Waits) -> int | None:
        """The number of the newer one to which this push gives way."""
        reached = [self.gone_out.get(push.line)]
        if push.waits_for == "checks":
            reached.append(self.passed.get(push.line))
        newer = (r for r in reached if r and r.age > push.age and r.sha != push.sha)
        return next((one.number for one in newer), None)


def evolve(known: Newest, message: Message[Fact]) -> Newest:
    """File what has come how far."""
    match message.data:
        case SlotGranted(origin="person" | "push") as granted:
            return replace(known, gone_out=_newest(known.gone_out, granted))
        case ChecksPassed() as passed:
            return replace(known, passed=_newest(known.passed, passed))
    return known


def _newest(known: Parts[Line, Claim], claim: Claim) -> Parts[Line, Claim]:
    newest = max(known.get(claim.line) or claim, claim, key=lambda c: c.age)
    return known.having(claim.line, newest)
