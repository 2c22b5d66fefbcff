"""Whether pushes are deployed here: not after a rollback, until somebody says so.

Who rolls back does not want the next push to undo it. A person who deploys here, or who
resumes auto deploys, ends the hold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast
from uuid import UUID

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    Fact,
    Message,
    Repository,
)
from verifier.domain.parts import Parts
from verifier.domain.situation import Hold

from .facts import SlotGranted


@dataclass(frozen=True)
class AutoDeploys:
    """The rollback that went out last, and what was asked about it."""

    said: Message[AutoDeployHeld] | None = None
    #: Rollbacks after which pushes are deployed again.
    resumed: Parts[UUID, None] = field(default_factory=Parts)
    waiting: Mapping[UUID, AutoDeployResumeRequested] = field(default_factory=dict)
    answered: Parts[UUID, None] = field(default_factory=Parts)

    @property
    def held(self) -> Hold | None:
        """The rollback that keeps pushes out."""
        if self.said is None or self.said.data.rollback_id in self.resumed:
            return None
        return Hold(self.said.data.number, self.said.data.who, self.said.time)


def evolve(known: AutoDeploys, message: Message[Fact]) -> AutoDeploys:
    """File what concerns the hold."""
    match message.data:
        case AutoDeployHeld():
            held = cast("Message[AutoDeployHeld]", message)
            newest = max(known.said or held, held, key=lambda m: m.revision)
            return replace(known, said=newest)
        case AutoDeployResumed(rollback_id=id_, command_id=command):
            return _answered(
                replace(known, resumed=known.resumed.having(id_, None)), command
            )
        case AutoDeployResumeRequested(command_id=id_) as command:
            if id_ in known.answered:
                return known
            return replace(known, waiting={**known.waiting, id_: command})
    return known


def _answered(known: AutoDeploys, command_id: UUID | None) -> AutoDeploys:
    if command_id is None:
        return known
    waiting = {k: v for k, v in known.waiting.items() if k != command_id}
    answered = known.answered.having(command_id, None)
    return replace(known, waiting=waiting, answered=answered)


def answer(known: AutoDeploys) -> Sequence[AutoDeployResumed]:
    """What follows from the first command; the hold may have ended before it."""
    for command in known.waiting.values():
        return [
            AutoDeployResumed(
                repository=command.repository,
                environment=command.environment,
                rollback_id=command.rollback_id,
                command_id=command.command_id,
                who=command.requested_by,
            )
        ]
    return []


def after(
    known: AutoDeploys, granted: SlotGranted, repository: Repository, environment: str
) -> Sequence[AutoDeployHeld | AutoDeployResumed]:
    """What a deployment that goes out means for those of the next pushes."""
    match granted.origin:
        case "rollback":
            held = AutoDeployHeld(
                repository=repository,
                environment=environment,
                rollback_id=granted.deployment_id,
                number=granted.number,
                who=granted.requested_by,
            )
            return [held]
        case "person" if known.said and known.held:
            resumed = AutoDeployResumed(
                repository=repository,
                environment=environment,
                rollback_id=known.said.data.rollback_id,
                command_id=None,
                who=granted.requested_by,
            )
            return [resumed]
    return []
