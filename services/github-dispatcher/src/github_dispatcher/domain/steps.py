"""What is still to be done for a deployment: the one next step that its state asks for.

The order of the questions is the protocol. What is too many at GitHub is stopped at
once. An open attempt is settled before anything else is concluded from it: nobody
creates again, and nobody cancels, before its window has passed and GitHub was searched.
An order that comes late may have been carried out before an older log was restored, so
GitHub is searched first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts import GitHubDeploymentCreated, RefVerified, Repository

from .answers import Limits
from .dispatch import Dispatch, Sighting
from .facts import AttemptStarted


@dataclass(frozen=True)
class StopExtra:
    """Set a deployment to `error` that is one too many."""

    repository: Repository
    github_deployment_id: int


@dataclass(frozen=True)
class Check:
    """Ask GitHub about a deployment that a webhook has told of."""

    github_deployment_id: int
    sighting: Sighting


@dataclass(frozen=True)
class Wait:
    until: datetime
    reason: str


@dataclass(frozen=True)
class LookUp:
    """Search GitHub for what the attempt made."""

    attempt: int
    order: RefVerified


@dataclass(frozen=True)
class LookFirst:
    """Search GitHub for what was made of it before our log begins."""

    order: RefVerified


@dataclass(frozen=True)
class LateLook:
    """Search once more for what the attempts up to this one made late."""

    attempt: int
    order: RefVerified


@dataclass(frozen=True)
class Stop:
    """Set the recorded deployment to `error`, unless the tooling has finished."""

    created: GitHubDeploymentCreated
    reason: str


@dataclass(frozen=True)
class Begin:
    """Start an attempt."""

    order: RefVerified


@dataclass(frozen=True)
class Conclude:
    """There won't be another attempt."""


Step = (
    StopExtra | Check | Wait | LookFirst | LookUp | LateLook | Stop | Begin | Conclude
)


def next_step(known: Dispatch, now: datetime, limits: Limits) -> Step | None:
    """The next thing to do; None if there is nothing left."""
    for number, repository in known.extras_to_stop:
        return StopExtra(repository, number)
    for number, sighting in known.sightings:
        return Check(number, sighting)
    if known.open and known.order:
        return _settle(known.open, known.order, now)
    if known.to_stop:
        reason = known.cancel.data.reason if known.cancel else "Not what was verified."
        return Stop(known.to_stop, reason)
    if not known.settled:
        return _begin(known, now)
    return _look_late(known, now, timedelta(seconds=limits.late_look_s))


def _settle(attempt: AttemptStarted, order: RefVerified, now: datetime) -> Step:
    if now < attempt.until:
        return Wait(attempt.until, f"attempt {attempt.attempt} is open")
    return LookUp(attempt.attempt, order)


def _begin(known: Dispatch, now: datetime) -> Step | None:
    if known.order and known.late(now):
        return LookFirst(known.order)
    if known.cancel:
        return Conclude()
    if known.order is None:
        return None
    if now >= known.not_after:
        return Conclude()
    if now < known.not_before:
        until = min(known.not_before, known.not_after)
        return Wait(until, f"attempt {known.last} did not work")
    return Begin(known.order)


def _look_late(known: Dispatch, now: datetime, after: timedelta) -> Step | None:
    due = known.late_look_at(after)
    if due is None or known.order is None:
        return None
    if now < due:
        return Wait(due, "GitHub may have finished an attempt late")
    passed = [n for n, at in known.looked_up.items() if at + after <= now]
    return LateLook(max(passed), known.order)
