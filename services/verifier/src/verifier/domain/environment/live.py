"""Which commits have succeeded here, whoever brought them and however late."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared.contracts import Fact, Message, Sha
from verifier.domain.parts import Parts

from .facts import CommitFinished


@dataclass(frozen=True)
class Live:
    """How each commit ended here, by its deployments."""

    ends: Parts[Sha, Mapping[UUID, CommitFinished]] = field(default_factory=Parts)

    def succeeded_at(self, sha: Sha) -> datetime | None:
        """When this commit succeeded here first."""
        ends = self.ends.get(sha) or {}
        times = (end.finished_at for end in ends.values() if end.succeeded)
        return min(times, default=None)

    def of(self, end: CommitFinished) -> CommitFinished | None:
        """The end of the same deployment that is on file."""
        return (self.ends.get(end.sha) or {}).get(end.deployment_id)

    def knows(self, end: CommitFinished) -> bool:
        """Whether it says nothing new: a success said again is as old as before."""
        known = self.of(end)
        if known is None:
            return False
        return _age(known) >= _age(end) or (known.succeeded and end.succeeded)


def evolve(known: Live, message: Message[Fact]) -> Live:
    """File how a commit has ended. Of two ends of one deployment the later counts."""
    match message.data:
        case CommitFinished(sha=sha, deployment_id=id_) as end:
            later = max(known.of(end) or end, end, key=_age)
            ends = known.ends.get(sha) or {}
            return Live(known.ends.having(sha, {**ends, id_: later}))
    return known


def _age(end: CommitFinished) -> tuple[datetime, int]:
    return end.finished_at, end.github_status_id
