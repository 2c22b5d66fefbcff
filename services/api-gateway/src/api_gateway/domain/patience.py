"""Since when a deployment waits for what it waits for, and until when."""

from datetime import datetime, timedelta

from .deployment import Deployment
from .limits import Limits
from .phase import Phase


def since(known: Deployment) -> datetime | None:
    """Since when it stands where it stands."""
    told = {
        Phase.REQUESTED: known.request,
        Phase.WAITING_FOR_CHECKS: known.pending or known.request,
        Phase.WAITING_FOR_REVIEW: known.review,
        Phase.VERIFYING: known.open_confirmation,
        Phase.WAITING_IN_QUEUE: known.queued,
        Phase.DISPATCHING: known.verified,
        Phase.CANCELING: known.cancel,
    }.get(known.phase)
    if told:
        return told.time
    if known.phase in (Phase.CREATED, Phase.QUEUED, Phase.RUNNING):
        return heard_at(known)
    return None


def heard_at(known: Deployment) -> datetime | None:
    """When the tooling was last heard of, or could have been first."""
    created_at = known.created.time if known.created else known.updated_at
    return known.heard_at or created_at


def until(known: Deployment, limits: Limits) -> datetime | None:
    """When its patience ends, unless something is heard before."""
    match known.phase:
        case Phase.WAITING_FOR_CHECKS if known.pending:
            return known.pending.data.until
        case Phase.REQUESTED | Phase.WAITING_FOR_CHECKS if known.request:
            return known.request.data.not_after
        case Phase.WAITING_FOR_REVIEW if known.review:
            return known.review.data.until
        case Phase.VERIFYING if sent := known.open_confirmation:
            return sent.data.not_after
        case Phase.DISPATCHING if known.verified:
            return known.verified.data.not_after
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING:
            heard = heard_at(known)
            return heard and heard + silence(known, limits)
        case _:
            return None


def silence(known: Deployment, limits: Limits) -> timedelta:
    """How long the tooling may say nothing."""
    if known.phase is Phase.CREATED and not known.foreign:
        return limits.created
    if known.foreign and known.timeout:
        return timedelta(seconds=known.timeout.data.timeout_s)
    pinned = known.verified and known.verified.data.config.timeout_s
    return timedelta(seconds=pinned) if pinned else limits.running
