"""What is due when an answer stays out (law 6).

A deadline never ends a deployment. It says once more what was asked, asks GitHub, or
records that somebody should cancel; the owner of the decision ends it. `due` is a
function of what is known, so every replica comes to the same, and of two that see it
pass the first to record something has changed what is due.

What GitHub has accepted is canceled only after GitHub itself was asked and has no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from shared.contracts import (
    DeployRequested,
    DispatchAttempted,
    Event,
    Message,
    SyncRequested,
)

from .decisions import canceled_by_deadline, release
from .deployment import Deployment
from .facts import AskedAgain, DeploymentFact, SilenceNoticed
from .phase import Phase

#: After so many repeats of one question they become rarer.
OFTEN = 30
RARELY = 10
#: The code and the sentence with which a deadline cancels.
REASONS = {
    Phase.REQUESTED: (
        "verification_unavailable",
        "The verifier did not answer in time.",
    ),
    Phase.CREATED: (
        "no_tooling_answered",
        "No deployment tool has taken up the deployment.",
    ),
    Phase.QUEUED: ("tooling_silent", "The deployment tool has fallen silent."),
    Phase.RUNNING: ("tooling_silent", "The deployment tool has fallen silent."),
}


@dataclass(frozen=True)
class Limits:
    """How long to wait, and for what."""

    #: Between two repeats of what was not answered.
    asking: timedelta = timedelta(seconds=30)
    #: From the request to the verdict.
    verdict: timedelta = timedelta(minutes=15)
    #: From GitHub's deployment to the tooling's first status.
    created: timedelta = timedelta(minutes=30)
    #: From one status of the tooling to the next.
    running: timedelta = timedelta(hours=1)
    #: How long a canceled deployment keeps its place, for the tooling to end it.
    grace: timedelta = timedelta(minutes=5)
    #: How long GitHub's rate limit can put off a question.
    rate_limit: timedelta = timedelta(hours=1)
    #: From a command to the answer.
    command: timedelta = timedelta(minutes=15)


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
        return None
    match known.phase:
        case Phase.REQUESTED:
            return _waits_for_verdict(known, known.request.data, limits)
        case Phase.DISPATCHING if known.verified:
            at = _next_asking(known, known.verified.time, limits)
            return Due(_after_reset(known.attempt, at, limits), Step.ASK_AGAIN)
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING:
            return _waits_for_tooling(known, limits)
        case Phase.CANCELING if known.cancel:
            return Due(_next_asking(known, known.cancel.time, limits), Step.ASK_AGAIN)
        case Phase.CANCELED if known.canceled and not known.frees_slot:
            return Due(known.canceled.time + limits.grace, Step.RELEASE)
        case _:
            return None


def _waits_for_verdict(
    known: Deployment, request: DeployRequested, limits: Limits
) -> Due:
    at = _next_asking(known, request.requested_at, limits)
    if at < request.not_after:
        return Due(at, Step.ASK_AGAIN)
    # Whoever was asked last is given the time to answer, also after we were down.
    return Due(at if known.asked else request.not_after, Step.CANCEL)


def _after_reset(
    attempt: Message[DispatchAttempted] | None, at: datetime, limits: Limits
) -> datetime:
    if attempt is None or attempt.data.retry_at is None:
        return at
    return max(at, min(attempt.data.retry_at, attempt.time + limits.rate_limit))


def _waits_for_tooling(known: Deployment, limits: Limits) -> Due | None:
    """Silence, then GitHub's word for it, then the end of our patience."""
    silence = known.silence
    if silence is None or silence.newest_github_status_id != known.newest_of_tooling:
        return _waits_for_news(known, limits)
    answer = known.synced.get(silence.sync_id)
    # An answer that names a status which we lack is followed by that status.
    if answer and (answer.newest_github_status_id or 0) <= known.newest_status:
        return Due(silence.at, Step.CANCEL)
    return Due(_next_asking(known, silence.at, limits), Step.ASK_AGAIN)


def _waits_for_news(known: Deployment, limits: Limits) -> Due | None:
    patience = limits.created if known.phase is Phase.CREATED else limits.running
    created_at = known.created.time if known.created else known.updated_at
    since = known.heard_at or created_at
    return Due(since + patience, Step.SYNC) if since else None


def _next_asking(known: Deployment, since: datetime, limits: Limits) -> datetime:
    asked = known.asked
    if asked is None or asked.phase != known.phase or asked.at < since:
        return since + limits.asking
    return asked.at + limits.asking * (RARELY if asked.nth >= OFTEN else 1)


def passed(
    known: Deployment, now: datetime, limits: Limits, sync_id: UUID
) -> Sequence[DeploymentFact]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    reached = due(known, limits)
    if reached is None or reached.at > now or known.request is None:
        return []
    match reached.step:
        case Step.ASK_AGAIN:
            return [_asked_again(known, now)]
        case Step.SYNC:
            return _sync(known, known.request.data, now, sync_id)
        case Step.CANCEL:
            return [canceled_by_deadline(known.request.data, *REASONS[known.phase])]
        case Step.RELEASE:
            return [release(known.request.data, "grace")]


def question(known: Deployment) -> Message[Event] | None:
    """The event that was said last and whose answer is missing."""
    match known.phase:
        case Phase.REQUESTED | Phase.DISPATCHING:
            return known.request
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING:
            return known.sync
        case Phase.CANCELING:
            return known.cancel
        case _:
            return None


def _asked_again(known: Deployment, now: datetime) -> AskedAgain:
    asked = known.asked
    before = asked.nth if asked and asked.phase == known.phase else 0
    return AskedAgain(phase=known.phase, nth=before + 1, at=now)


def _sync(
    known: Deployment, request: DeployRequested, now: datetime, sync_id: UUID
) -> Sequence[DeploymentFact]:
    return [
        SyncRequested(
            sync_id=sync_id,
            deployment_id=request.deployment_id,
            repository=request.repository,
            github_deployment_id=known.github_deployment_id,
        ),
        SilenceNoticed(
            sync_id=sync_id, at=now, newest_github_status_id=known.newest_of_tooling
        ),
    ]
