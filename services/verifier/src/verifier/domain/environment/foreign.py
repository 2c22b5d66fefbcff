"""Deployments that somebody made here at GitHub, past Gitploy.

A run of Actions that one of our deployments started files a deployment of its own for
the same commit. status-sync folds that into ours and tells nobody: whatever is told of
here is somebody else's, also of a commit that was deployed by Gitploy, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from shared.contracts import Fact, ForeignDeploymentSeen, Holder, Message
from verifier.domain.situation import Foreign

from .facts import ForeignStarted
from .slots import Slots

#: What is not ours has none.
NO_NUMBER: Final = 0


@dataclass(frozen=True)
class Foreigners:
    """Those that have not come to an end."""

    open: Mapping[UUID, ForeignStarted] = field(default_factory=dict)

    @property
    def _oldest_first(self) -> list[ForeignStarted]:
        return sorted(self.open.values(), key=lambda f: (f.started_at, f.deployment_id))

    @property
    def running(self) -> tuple[Foreign, ...]:
        """The same, as checks tell of them: the oldest first."""
        return tuple(
            Foreign(one.github_deployment_id, one.ref, one.creator, one.started_at)
            for one in self._oldest_first
        )

    def first(self, timeout_s: int | None) -> Holder | None:
        """The one whose end is waited for, where they are in the way."""
        for one in self._oldest_first:
            return Holder(
                deployment_id=str(one.deployment_id),
                number=NO_NUMBER,
                since=one.started_at,
                timeout_s=timeout_s,
            )
        return None


def evolve(known: Foreigners, slots: Slots, message: Message[Fact]) -> Foreigners:
    """File what others do here; `slots` are those after this message."""
    match message.data:
        case ForeignStarted(deployment_id=id_) as one if not slots.settled(id_):
            return replace(known, open={**known.open, id_: one})
    gone = [id_ for id_ in known.open if slots.settled(id_)]
    if not gone:
        return known
    return replace(known, open={k: v for k, v in known.open.items() if k not in gone})


def started(seen: ForeignDeploymentSeen) -> ForeignStarted:
    """What is kept here of what was seen."""
    return ForeignStarted(
        deployment_id=seen.deployment_id,
        github_deployment_id=seen.github_deployment_id,
        ref=seen.ref,
        sha=seen.sha,
        creator=seen.creator,
        started_at=seen.created_at,
    )
