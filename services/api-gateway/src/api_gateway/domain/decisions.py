"""What follows from what people want: pure, so it may be decided again at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.contracts import (
    CancelRequested,
    DeployRequested,
    Person,
    Ref,
    SlotReleaseRequested,
)
from shared.contracts import Repository as RepositoryName

from .deployment import Deployment
from .facts import DeploymentFact
from .repository import NumberGiven, Repository


@dataclass(frozen=True, kw_only=True)
class DeployCommand:
    """What somebody wants to be deployed."""

    deployment_id: UUID
    repository: RepositoryName
    environment: str
    ref: Ref
    requested_by: Person
    requested_at: datetime
    #: Until when a verdict is waited for.
    not_after: datetime


def requested(
    command: DeployCommand, repository: Repository, known: Deployment
) -> tuple[Sequence[NumberGiven], Sequence[DeployRequested]]:
    """Give the next number; nothing for what is known, or where nobody may deploy."""
    if known.request or not repository.active:
        return [], []
    number = repository.last_number + 1
    request = DeployRequested(
        deployment_id=command.deployment_id,
        number=number,
        repository=command.repository,
        environment=command.environment,
        ref=command.ref,
        requested_by=command.requested_by,
        requested_at=command.requested_at,
        not_after=command.not_after,
    )
    given = NumberGiven(number=number, deployment_id=command.deployment_id)
    return [given], [request]


def canceled_by(
    known: Deployment, who: Person, reason: str
) -> Sequence[CancelRequested]:
    """A person wants it to end; nothing if it has ended or is ending."""
    if known.request is None or known.cancel or known.phase.ended:
        return []
    text = f"{who.login} canceled it" + (f": {reason}" if reason else ".")
    return [_cancel(known.request.data, "person", "canceled", text, who)]


def canceled_by_deadline(
    request: DeployRequested, code: str, reason: str
) -> CancelRequested:
    """Nobody has answered for too long."""
    return _cancel(request, "deadline", code, reason, None)


def _cancel(
    request: DeployRequested,
    by: Literal["person", "deadline"],
    code: str,
    reason: str,
    who: Person | None,
) -> CancelRequested:
    return CancelRequested(
        deployment_id=request.deployment_id,
        repository=request.repository,
        by=by,
        who=who,
        code=code,
        reason=reason,
    )


def release(
    request: DeployRequested, cause: Literal["grace", "ended"]
) -> SlotReleaseRequested:
    """The deployment needs its place in the environment no longer."""
    return SlotReleaseRequested(
        deployment_id=request.deployment_id,
        repository=request.repository,
        environment=request.environment,
        cause=cause,
    )


def released_if_ended(known: Deployment) -> Sequence[DeploymentFact]:
    """It was named as the holder of a place, and may have given it back long ago."""
    if known.request is None or known.release or not known.frees_slot:
        return []
    return [release(known.request.data, "ended")]
