"""Deployments that somebody made here at GitHub, past Gitploy.

A run of Actions that one of our deployments started files a deployment of its own for
the same commit: that is the same thing told twice, and doesn't count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from shared.contracts import Fact, ForeignDeploymentSeen, Holder, Message, Sha
from verifier.domain.parts import Parts
from verifier.domain.situation import Foreign

from .facts import ForeignStarted, SlotGranted
from .slots import Slots

#: What is not ours has none.
NO_NUMBER: Final = 0


@dataclass(frozen=True)
class Foreigners:
    """Those that have not come to an end."""

    open: Mapping[UUID, ForeignStarted] = field(default_factory=dict)
    #: The commits that we have deployed here.
    ours: Parts[Sha, None] = field(default_factory=Parts)

    def told_twice(self, one: ForeignStarted | ForeignDeploymentSeen) -> bool:
        """Whether it belongs to a deployment of ours."""
        return one.workflow_run is not None and one.sha in self.ours

    @property
    def counting(self) -> list[ForeignStarted]:
        """Those that are not ours, the oldest first."""
        count = (one for one in self.open.values() if not self.told_twice(one))
        return sorted(count, key=lambda f: (f.started_at, f.deployment_id))

    @property
    def running(self) -> tuple[Foreign, ...]:
        """The same, as checks tell of them."""
        return tuple(
            Foreign(one.github_deployment_id, one.ref, one.creator, one.started_at)
            for one in self.counting
        )

    @property
    def first(self) -> Holder | None:
        """The one whose end is waited for, where they are in the way."""
        for one in self.counting:
            id_ = str(one.deployment_id)
            return Holder(deployment_id=id_, number=NO_NUMBER, since=one.started_at)
        return None


def evolve(known: Foreigners, slots: Slots, message: Message[Fact]) -> Foreigners:
    """File what others do here; `slots` are those after this message."""
    match message.data:
        case ForeignStarted(deployment_id=id_) as one if not slots.settled(id_):
            return replace(known, open={**known.open, id_: one})
        case SlotGranted(sha=str() as sha):
            return replace(known, ours=known.ours.having(sha, None))
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
        workflow_run=seen.workflow_run,
    )
