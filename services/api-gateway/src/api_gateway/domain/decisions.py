"""What follows from what people want: pure, so it may be decided again at any time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID

from shared.contracts import (
    CancelRequested,
    DeployRequested,
    Person,
    SlotReleaseRequested,
    SyncRequested,
)

from .deployment import Deployment
from .facts import DeploymentFact, TimeoutNamed
from .phase import Phase

#: Where it may have a place in its environment, as long as it frees none.
PLACED = frozenset(
    {
        Phase.DISPATCHING,
        Phase.CREATED,
        Phase.QUEUED,
        Phase.RUNNING,
        Phase.CANCELING,
        Phase.CANCELED,
    }
)


def canceled_by(
    known: Deployment, who: Person, reason: str
) -> Sequence[CancelRequested]:
    """A person wants it to end; nothing if it has ended or is ending."""
    text = f"{who.login} canceled it{_because(reason)}"
    return _canceled(known, "person", "canceled", text, who)


def canceled_by_reviewer(
    known: Deployment, who: Person, comment: str
) -> Sequence[CancelRequested]:
    """One of those who were asked says no."""
    text = f"{who.login} rejected it{_because(comment)}"
    return _canceled(known, "reviewer", "review_rejected", text, who)


def _because(words: str) -> str:
    """The end of a sentence, in somebody's own words if they said why."""
    if not words:
        return "."
    return f": {words}" if words[-1] in ".!?" else f": {words}."


def canceled_by_take_over(
    known: Deployment, by: DeployRequested
) -> Sequence[CancelRequested]:
    """A rollback is not to wait for its end."""
    who = by.requested_by
    text = f"{who.login} rolls back with #{by.number}, which takes its place."
    return _canceled(known, "person", "taken_over", text, who)


def canceled_by_repository(
    known: Deployment, code: str, reason: str
) -> Sequence[CancelRequested]:
    """Gitploy does not follow the repository any more, or can't.

    Said also of what is ending: the dispatcher waits for a repository that it is not
    told is lost.
    """
    if known.cancel and known.cancel.data.by == "repository":
        return []
    ending = replace(known, cancel=None)
    return _canceled(ending, "repository", code, reason, None)


def canceled_by_deadline(
    known: Deployment, code: str, reason: str
) -> Sequence[CancelRequested]:
    """Nobody has answered for too long."""
    return _canceled(known, "deadline", code, reason, None)


def _canceled(
    known: Deployment,
    by: Literal["person", "reviewer", "deadline", "repository"],
    code: str,
    reason: str,
    who: Person | None,
) -> Sequence[CancelRequested]:
    if known.request is None or known.cancel or known.phase.ended:
        return []
    request = known.request.data
    return [
        CancelRequested(
            deployment_id=request.deployment_id,
            repository=request.repository,
            by=by,
            who=who,
            code=code,
            reason=reason,
        )
    ]


def released_after_grace(known: Deployment) -> Sequence[SlotReleaseRequested]:
    """The tooling had its time to end what was canceled."""
    return _released(known, "grace")


def released_in_silence(known: Deployment) -> Sequence[SlotReleaseRequested]:
    """GitHub was asked for news of what somebody else made, and has none."""
    return _released(known, "foreign")


def given_time(known: Deployment, timeout_s: int) -> Sequence[DeploymentFact]:
    """It was named as the holder of a place where it may be silent for so long."""
    if known.timeout and known.timeout.data.timeout_s == timeout_s:
        return []
    return [TimeoutNamed(timeout_s=timeout_s)]


def released_if_ended(known: Deployment) -> Sequence[DeploymentFact]:
    """It was named as the holder of a place, and may have given it back long ago."""
    return _released(known, "ended") if known.frees_slot else []


def released_by(
    known: Deployment, who: Person, reason: str
) -> Sequence[SlotReleaseRequested]:
    """An operator knows that nothing is at work there any more."""
    return _released(known, "operator", who, reason) if occupies(known) else []


def occupies(known: Deployment) -> bool:
    """Whether it may have a place in its environment now."""
    return known.phase in PLACED and not known.frees_slot


def _released(
    known: Deployment,
    cause: Literal["grace", "ended", "operator", "foreign"],
    who: Person | None = None,
    reason: str = "",
) -> Sequence[SlotReleaseRequested]:
    if known.about is None or known.release:
        return []
    about = known.about.data
    return [
        SlotReleaseRequested(
            deployment_id=about.deployment_id,
            repository=about.repository,
            environment=about.environment,
            cause=cause,
            who=who,
            reason=reason,
        )
    ]


def synced(
    known: Deployment, sync_id: UUID, who: Person | None = None, reason: str = ""
) -> Sequence[SyncRequested]:
    """Ask GitHub for all that it says; nothing where GitHub has nothing."""
    if known.about is None or not known.github_deployment_id:
        return []
    about = known.about.data
    return [
        SyncRequested(
            sync_id=sync_id,
            deployment_id=about.deployment_id,
            repository=about.repository,
            github_deployment_id=known.github_deployment_id,
            who=who,
            reason=reason,
        )
    ]


def synced_while_placed(known: Deployment, sync_id: UUID) -> Sequence[SyncRequested]:
    """Somebody waits for its place: ask GitHub whether it has ended."""
    return [] if known.frees_slot else synced(known, sync_id)
