"""What is due when an answer stays out (law 6).

A deadline never ends a deployment. It says once more what was asked, asks GitHub, or
records that somebody should cancel; the owner of the decision ends it. `due` is a
function of what is known, so every replica comes to the same, and of two that see it
pass the first to record something has changed what is due.

What GitHub has accepted is canceled only after GitHub itself was asked and has no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from shared.contracts import (
    DispatchAttempted,
    Event,
    GitHubDeploymentCanceled,
    Message,
)

from .decisions import (
    canceled_by_deadline,
    canceled_by_repository,
    released_after_grace,
    released_in_silence,
    synced,
)
from .deployment import Deployment
from .facts import AskedAgain, DeploymentFact, SilenceNoticed
from .limits import OFTEN as OFTEN
from .limits import RARELY as RARELY
from .limits import Limits as Limits
from .patience import until as patience
from .phase import Phase
from .reasons import reason


class Step(Enum):
    """What to do about it."""

    #: Say the open question once more.
    ASK_AGAIN = auto()
    #: Ask GitHub what it knows.
    SYNC = auto()
    CANCEL = auto()
    RELEASE = auto()


@dataclass(frozen=True)
class Due:
    """The next thing that has to be done, unless something is heard before."""

    at: datetime
    step: Step


def due(known: Deployment, limits: Limits) -> Due | None:
    """When something has to be done for a deployment, and what."""
    if known.request is None:
        return _due_of_foreign(known, limits)
    return _due_before_dispatch(known, limits) or _due_at_github(known, limits)


def _due_of_foreign(known: Deployment, limits: Limits) -> Due | None:
    """It may hold others back: its silence is no reason to hold them for ever."""
    if known.foreign is None or known.frees_slot or known.phase.ended:
        return None
    waits = _waits_for_tooling(known, limits)
    if waits and waits.step is Step.CANCEL:
        return Due(waits.at, Step.RELEASE)
    return waits


def _due_before_dispatch(known: Deployment, limits: Limits) -> Due | None:
    until = patience(known, limits)
    match known.phase:
        case Phase.WAITING_FOR_CHECKS if until and known.pending:
            return _waits_for_checks(known, known.pending.time, until, limits)
        case Phase.REQUESTED | Phase.WAITING_FOR_CHECKS if until and known.request:
            since = known.request.data.requested_at
            return _waits_for_verifier(known, since, until, limits)
        case Phase.VERIFYING if until and (sent := known.open_confirmation):
            return _waits_for_verifier(known, sent.data.confirmed_at, until, limits)
        case Phase.WAITING_FOR_REVIEW if until:
            return Due(until, Step.CANCEL)
        case Phase.WAITING_IN_QUEUE if known.queued:
            since = known.queued.time
            at = max(since, _asked_at(known, since) or since) + limits.queue
            return Due(at, Step.ASK_AGAIN)
        case _:
            return None


def _due_at_github(known: Deployment, limits: Limits) -> Due | None:
    match known.phase:
        case Phase.DISPATCHING if known.verified:
            at = _next_asking(known, known.verified.time, limits)
            return Due(_after_reset(known.attempt, at, limits), Step.ASK_AGAIN)
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING:
            return _waits_for_tooling(known, limits)
        case Phase.CANCELING if known.cancel:
            return Due(_next_asking(known, known.cancel.time, limits), Step.ASK_AGAIN)
        case Phase.CANCELED if known.canceled:
            return _after_cancel(known, known.canceled, limits)
        case _:
            return None


def _waits_for_verifier(
    known: Deployment, since: datetime, not_after: datetime, limits: Limits
) -> Due:
    at = _next_asking(known, since, limits)
    if at < not_after:
        return Due(at, Step.ASK_AGAIN)
    # Whoever was asked last is given the time to answer, also after we were down.
    return Due(at if _asked_at(known, since) else not_after, Step.CANCEL)


def _waits_for_checks(
    known: Deployment, since: datetime, until: datetime, limits: Limits
) -> Due:
    """The verifier looks at GitHub when it is asked, and rejects when time is up."""
    at = _next_asking(known, since, limits)
    before = _asked_at(known, since) or since
    return Due(until if before < until < at else at, Step.ASK_AGAIN)


def _after_reset(
    attempt: Message[DispatchAttempted] | None, at: datetime, limits: Limits
) -> datetime:
    if attempt is None or attempt.data.retry_at is None:
        return at
    return max(at, min(attempt.data.retry_at, attempt.time + limits.rate_limit))


def _waits_for_tooling(known: Deployment, limits: Limits) -> Due | None:
    """Silence, then GitHub's word for it, then the end of our patience."""
    silence, until = known.silence, patience(known, limits)
    if silence is None or silence.newest_github_status_id != known.newest_of_tooling:
        return Due(until, Step.SYNC) if until else None
    answer = known.synced.get(silence.sync_id)
    # An answer that names a status which we lack is followed by that status.
    if answer and (answer.newest_github_status_id or 0) <= known.newest_status:
        return Due(silence.at, Step.CANCEL)
    return Due(_next_asking(known, silence.at, limits), Step.ASK_AGAIN)


def _after_cancel(
    known: Deployment, canceled: Message[GitHubDeploymentCanceled], limits: Limits
) -> Due | None:
    """Its place may be taken still, and GitHub may know how it ended."""
    steps: list[Due | None] = []
    if not known.frees_slot:
        steps.append(Due(canceled.time + limits.grace, Step.RELEASE))
    if known.lacks_final_status:
        steps.append(_waits_for_final_status(known, canceled.time, limits))
    return min(filter(None, steps), key=lambda step: step.at, default=None)


def _waits_for_final_status(
    known: Deployment, since: datetime, limits: Limits
) -> Due | None:
    asked = known.asked
    if asked is None or asked.phase is not Phase.CANCELED or known.sync is None:
        return Due(since, Step.SYNC)
    if known.sync.data.sync_id in known.synced:
        # The statuses that GitHub has told are on their way.
        return None
    return Due(_next_asking(known, asked.at, limits), Step.ASK_AGAIN)


def _asked_at(known: Deployment, since: datetime) -> datetime | None:
    """When it was last asked again about what it has waited for since then."""
    asked = known.asked
    if asked is None or asked.phase != known.phase or asked.at < since:
        return None
    return asked.at


def _next_asking(known: Deployment, since: datetime, limits: Limits) -> datetime:
    asked_at = _asked_at(known, since)
    if known.asked is None or asked_at is None:
        return since + limits.asking
    return asked_at + limits.asking * (RARELY if known.asked.nth >= OFTEN else 1)


def passed(
    known: Deployment, now: datetime, limits: Limits, sync_id: UUID
) -> Sequence[DeploymentFact]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    reached = due(known, limits)
    if reached is None or reached.at > now:
        return []
    match reached.step:
        case Step.ASK_AGAIN:
            return [_asked_again(known, now)]
        case Step.SYNC:
            return [*synced(known, sync_id), _noticed(known, now, sync_id)]
        case Step.CANCEL if known.repository_gone:
            return canceled_by_repository(known, *reason(known, limits))
        case Step.CANCEL:
            return canceled_by_deadline(known, *reason(known, limits))
        case Step.RELEASE if known.foreign:
            return released_in_silence(known)
        case Step.RELEASE:
            return released_after_grace(known)


def question(known: Deployment) -> Message[Event] | None:
    """The event that was said last and whose answer is missing."""
    match known.phase:
        case Phase.REQUESTED | Phase.WAITING_FOR_CHECKS | Phase.WAITING_IN_QUEUE:
            return known.request
        case Phase.DISPATCHING:
            return known.request
        case Phase.VERIFYING:
            return known.open_confirmation
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING if known.silence:
            return known.syncs.get(known.silence.sync_id)
        case Phase.CANCELING:
            return known.cancel
        case Phase.CANCELED:
            return known.sync
        case _:
            return None


def _asked_again(known: Deployment, now: datetime) -> AskedAgain:
    asked = known.asked
    before = asked.nth if asked and asked.phase == known.phase else 0
    return AskedAgain(phase=known.phase, nth=before + 1, at=now)


def _noticed(
    known: Deployment, now: datetime, sync_id: UUID
) -> AskedAgain | SilenceNoticed:
    """Why GitHub was asked."""
    if known.phase is Phase.CANCELED:
        return _asked_again(known, now)
    return SilenceNoticed(
        sync_id=sync_id, at=now, newest_github_status_id=known.newest_of_tooling
    )
