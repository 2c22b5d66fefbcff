"""A deployment: everything that was told about it, and what that comes to.

Messages arrive in any order and more than once, so `evolve` only files each under what
it tells; where two tell the same, a rule that knows no order of arrival picks one. The
phase is a function of the set of facts: of the phases in `RANKED` the first that holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, assert_never
from uuid import UUID

from shared.contracts import (
    CancelRequested,
    DeploymentSynced,
    DeployRequested,
    DispatchAttempted,
    Fact,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    RefRejected,
    RefVerified,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .facts import (
    BOOKKEEPING,
    AskedAgain,
    DeploymentFact,
    SaidFact,
    SilenceNoticed,
    ToldFact,
)
from .phase import Phase

#: GitHub's words for work that nobody has begun yet.
QUEUED_STATES = frozenset({"queued", "pending", "waiting"})

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Deployment:
    """Everything known about one deployment."""

    request: Message[DeployRequested] | None = None
    verified: Message[RefVerified] | None = None
    rejected: Message[RefRejected] | None = None
    attempt: Message[DispatchAttempted] | None = None
    created: Message[GitHubDeploymentCreated] | None = None
    refused: Message[GitHubDeploymentRefused] | None = None
    cancel: Message[CancelRequested] | None = None
    canceled: Message[GitHubDeploymentCanceled] | None = None
    release: Message[SlotReleaseRequested] | None = None
    gone: Message[GitHubDeploymentGone] | None = None
    #: Of the tooling's final statuses the newest.
    final: Message[StatusUpdated] | None = None
    #: Of its other statuses the newest of those that began the work, and else of those
    #: that wait for it.
    progress: Message[StatusUpdated] | None = None
    #: Of its statuses that have a link the newest.
    linked: Message[StatusUpdated] | None = None
    #: When the tooling was last heard of.
    heard_at: datetime | None = None
    #: The greatest GitHub id among the tooling's statuses, and among all.
    newest_of_tooling: int = 0
    newest_status: int = 0
    #: The GitHub deployment that the statuses belong to.
    seen_at_github: int = 0
    sync: Message[SyncRequested] | None = None
    silence: SilenceNoticed | None = None
    synced: Mapping[UUID, DeploymentSynced] = field(default_factory=dict)
    asked: AskedAgain | None = None
    #: When something happened that people can see.
    updated_at: datetime | None = None

    @property
    def phase(self) -> Phase:
        """The first of `RANKED` that holds."""
        return next((p for p, holds in RANKED if holds(self)), Phase.REQUESTED)

    @property
    def github_deployment_id(self) -> int:
        """GitHub's deployment, 0 while there is none that we know of."""
        if self.created:
            return self.created.data.github_deployment_id
        return self.seen_at_github

    @property
    def frees_slot(self) -> bool:
        """Whether it needs its place in the environment no longer.

        A cancel of something that was created does not count, nor does our own error:
        the tooling may still be at work.
        """
        if self.canceled and not self.canceled.data.created:
            return True
        told = (self.final, self.gone, self.refused, self.rejected, self.release)
        return any(told)


def _ended_as(phase: Phase) -> Callable[[Deployment], object]:
    return lambda d: d.final and d.final.data.state == phase


#: What beats what, the strongest first: what isn't final never beats what is.
RANKED: Sequence[tuple[Phase, Callable[[Deployment], object]]] = (
    (Phase.SUCCESS, _ended_as(Phase.SUCCESS)),
    (Phase.FAILURE, _ended_as(Phase.FAILURE)),
    (Phase.ERROR, _ended_as(Phase.ERROR)),
    (Phase.GONE, lambda d: d.gone),
    (Phase.REFUSED, lambda d: d.refused),
    (Phase.REJECTED, lambda d: d.rejected),
    (Phase.CANCELED, lambda d: d.canceled),
    (Phase.CANCELING, lambda d: d.cancel),
    (Phase.RUNNING, lambda d: d.progress and _began(d.progress.data)),
    (Phase.QUEUED, lambda d: d.progress),
    (Phase.CREATED, lambda d: d.github_deployment_id),
    (Phase.DISPATCHING, lambda d: d.verified),
)


def evolve(known: Deployment, message: Message[DeploymentFact]) -> Deployment:
    """File a message. The order in which they are filed makes no difference."""
    data = message.data
    if isinstance(data, BOOKKEEPING):
        return _filed(known, message)
    updated = max(known.updated_at or message.time, message.time)
    return _filed(replace(known, updated_at=updated), message)


def _filed(known: Deployment, message: Message[DeploymentFact]) -> Deployment:
    data = message.data
    if isinstance(data, SaidFact):
        return _said(known, message, data)
    return _told(known, message, data)


def _said(known: Deployment, m: Message[Any], data: SaidFact) -> Deployment:
    match data:
        case DeployRequested():
            return replace(known, request=_first(known.request, m))
        case CancelRequested():
            return replace(known, cancel=_first(known.cancel, m))
        case SlotReleaseRequested():
            return replace(known, release=_first(known.release, m))
        case SyncRequested():
            return replace(known, sync=_last(known.sync, m))
        case SilenceNoticed():
            return replace(known, silence=_last_at(known.silence, data))
        case AskedAgain():
            return replace(known, asked=_last_at(known.asked, data))
        case _:
            assert_never(data)


def _told(known: Deployment, m: Message[Any], data: ToldFact) -> Deployment:
    match data:
        case RefVerified():
            return replace(known, verified=_first(known.verified, m))
        case RefRejected():
            return replace(known, rejected=_first(known.rejected, m))
        case DispatchAttempted():
            return replace(known, attempt=_last_attempt(known.attempt, m))
        case GitHubDeploymentCreated():
            return replace(known, created=_first(known.created, m))
        case GitHubDeploymentRefused():
            return replace(known, refused=_first(known.refused, m))
        case GitHubDeploymentCanceled():
            return replace(known, canceled=_first(known.canceled, m))
        case GitHubDeploymentGone():
            return replace(known, gone=_first(known.gone, m))
        case StatusUpdated():
            return _with_status(known, m)
        case DeploymentSynced():
            return replace(known, synced=_with_answer(known.synced, data))
        case _:
            assert_never(data)


def _with_status(known: Deployment, m: Message[StatusUpdated]) -> Deployment:
    status = m.data
    known = replace(
        known,
        newest_status=max(known.newest_status, status.github_status_id),
        seen_at_github=max(known.seen_at_github, status.github_deployment_id),
    )
    # `inactive` is what GitHub itself says about a deployment that another replaced.
    if status.ours or status.state == "inactive":
        return known
    return _with_news(known, m)


def _with_news(known: Deployment, m: Message[StatusUpdated]) -> Deployment:
    """The tooling has said something."""
    status = m.data
    final, progress = (m, None) if status.final else (None, m)
    return replace(
        known,
        newest_of_tooling=max(known.newest_of_tooling, status.github_status_id),
        heard_at=max(known.heard_at or m.time, m.time),
        linked=_newest(known.linked, m if status.log_url else None),
        final=_newest(known.final, final),
        progress=_furthest(known.progress, progress),
    )


def _with_answer(
    synced: Mapping[UUID, DeploymentSynced], answer: DeploymentSynced
) -> Mapping[UUID, DeploymentSynced]:
    known = synced.get(answer.sync_id, answer)
    newest = max(known, answer, key=lambda a: a.newest_github_status_id or 0)
    return {**synced, answer.sync_id: newest}


def _began(status: StatusUpdated) -> bool:
    """GitHub's words that we don't know count as work, as Gitploy has it."""
    return status.state not in QUEUED_STATES


def _first(known: Message[F] | None, told: Message[F]) -> Message[F]:
    return min(known or told, told, key=lambda m: (m.time, m.id))


def _last(known: Message[F] | None, told: Message[F]) -> Message[F]:
    return max(known or told, told, key=lambda m: (m.time, m.id))


T = TypeVar("T", AskedAgain, SilenceNoticed)


def _last_at(known: T | None, told: T) -> T:
    return max(known or told, told, key=lambda fact: (fact.at, str(fact)))


def _last_attempt(
    known: Message[DispatchAttempted] | None, told: Message[DispatchAttempted]
) -> Message[DispatchAttempted]:
    return max(known or told, told, key=lambda m: (m.data.attempt, m.time, m.id))


Status = Message[StatusUpdated]


def _newest(known: Status | None, told: Status | None) -> Status | None:
    return _greatest(known, told, _place)


def _furthest(known: Status | None, told: Status | None) -> Status | None:
    return _greatest(known, told, lambda m: (_began(m.data), _place(m)))


def _greatest(
    known: Status | None, told: Status | None, key: Callable[[Status], Any]
) -> Status | None:
    return max((m for m in (known, told) if m), key=key, default=None)


def _place(m: Status) -> tuple[datetime, int, datetime, str]:
    """GitHub's order; the rest only makes it the same for every order of arrival."""
    return m.data.created_at, m.data.github_status_id, m.time, m.id
