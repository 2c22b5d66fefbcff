"""How what is told about a deployment is filed.

Messages arrive in any order and more than once, so `evolve` only files each under what
it tells; where two tell the same, a rule that knows no order of arrival picks one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, assert_never
from uuid import UUID

from shared.contracts import (
    AutoDeployMatched,
    CancelRequested,
    ChecksPending,
    ConfirmationRefused,
    DeployConfirmed,
    DeploymentSynced,
    DeployQueued,
    DeployRequested,
    DispatchAttempted,
    Fact,
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    QueueMoved,
    RefRejected,
    RefVerified,
    ReviewRequested,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .facts import (
    BOOKKEEPING,
    AskedAgain,
    AskingFact,
    DeploymentFact,
    GitHubFact,
    PushIgnored,
    ReviewAsked,
    ReviewSubmitted,
    SilenceNoticed,
    TimeoutNamed,
    VerifierFact,
    WantedFact,
)
from .standing import RANKED as RANKED
from .standing import Deployment as Deployment
from .standing import began

F = TypeVar("F", bound=Fact)
K = TypeVar("K")


def evolve(known: Deployment, message: Message[DeploymentFact]) -> Deployment:
    """File a message. The order in which they are filed makes no difference."""
    data = message.data
    told = max(known.told_at or message.time, message.time)
    known = replace(known, told_at=told)
    if isinstance(data, BOOKKEEPING):
        return _filed(known, message)
    updated = max(known.updated_at or message.time, message.time)
    return _filed(replace(known, updated_at=updated), message)


def _filed(known: Deployment, message: Message[Any]) -> Deployment:
    data: DeploymentFact = message.data
    if isinstance(data, AutoDeployMatched):
        return replace(known, push=_first(known.push, message))
    if isinstance(data, WantedFact):
        return _wanted(known, message, data)
    if isinstance(data, AskingFact):
        return _asking(known, message, data)
    if isinstance(data, VerifierFact):
        return _verifying(known, message, data)
    return _at_github(known, message, data)


def _wanted(known: Deployment, m: Message[Any], data: WantedFact) -> Deployment:
    match data:
        case DeployRequested():
            return replace(known, request=_first(known.request, m))
        case CancelRequested():
            return replace(known, cancel=_weightiest(known.cancel, m))
        case SlotReleaseRequested():
            return replace(known, release=_first(known.release, m))
        case ReviewAsked(reviewer=who):
            return replace(known, invited={**known.invited, who.id: who})
        case ReviewSubmitted(reviewer=who):
            return replace(known, reviews=_with_newest(known.reviews, who.id, m))
        case DeployConfirmed(confirmation_id=id_):
            told = _with_first(known.confirmations, id_, m)
            return replace(known, confirmations=told)
        case PushIgnored():
            return replace(known, push_ignored=True)
        case _:
            assert_never(data)


def _asking(known: Deployment, m: Message[Any], data: AskingFact) -> Deployment:
    match data:
        case SyncRequested(sync_id=id_):
            return replace(known, syncs=_with_first(known.syncs, id_, m))
        case SilenceNoticed():
            return replace(known, silence=_last_at(known.silence, data))
        case AskedAgain():
            return replace(known, asked=_last_at(known.asked, data))
        case TimeoutNamed():
            return replace(known, timeout=_newest(known.timeout, m))
        case _:
            assert_never(data)


def _verifying(known: Deployment, m: Message[Any], data: VerifierFact) -> Deployment:
    match data:
        case ChecksPending():
            return replace(known, pending=_newest(known.pending, m))
        case ReviewRequested():
            return replace(known, review=_first(known.review, m))
        case ConfirmationRefused(confirmation_id=id_):
            return replace(known, refusals=_with_first(known.refusals, id_, m))
        case DeployQueued():
            known = replace(known, queued=_newest(known.queued, m))
            return replace(known, place=_newest(known.place, m))
        case QueueMoved():
            return replace(known, place=_newest(known.place, m))
        case RefVerified():
            return replace(known, verified=_first(known.verified, m))
        case RefRejected():
            return replace(known, rejected=_first(known.rejected, m))
        case _:
            assert_never(data)


def _at_github(known: Deployment, m: Message[Any], data: GitHubFact) -> Deployment:
    match data:
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
        case ForeignDeploymentSeen():
            return replace(known, foreign=_first(known.foreign, m))
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
    word = (status.created_at, status.github_status_id, status.state == "success")
    return replace(
        known,
        words=known.words | {word},
        newest_of_tooling=max(known.newest_of_tooling, status.github_status_id),
        heard_at=max(known.heard_at or m.time, m.time),
        linked=_newest_status(known.linked, m if status.log_url else None),
        final=_newest_status(known.final, final),
        progress=_furthest(known.progress, progress),
    )


def _with_answer(
    synced: Mapping[UUID, DeploymentSynced], answer: DeploymentSynced
) -> Mapping[UUID, DeploymentSynced]:
    known = synced.get(answer.sync_id, answer)

    def weight(a: DeploymentSynced) -> tuple[int, bool]:
        return a.newest_github_status_id or 0, a.repository_gone

    newest = max(known, answer, key=weight)
    return {**synced, answer.sync_id: newest}


def _weightiest(
    known: Message[CancelRequested] | None, told: Message[CancelRequested]
) -> Message[CancelRequested]:
    """The loss of the repository is what the dispatcher has to be told in the end."""

    def place(m: Message[CancelRequested]) -> tuple[bool, datetime, str]:
        return m.data.by != "repository", m.time, m.id

    return min(known or told, told, key=place)


def _first(known: Message[F] | None, told: Message[F]) -> Message[F]:
    return min(known or told, told, key=lambda m: (m.time, m.id))


def _with_first(
    known: Mapping[K, Message[F]], key: K, told: Message[F]
) -> Mapping[K, Message[F]]:
    return {**known, key: _first(known.get(key), told)}


def _newest(known: Message[F] | None, told: Message[F]) -> Message[F]:
    """Of those that one stream has said the one that it said last."""
    return max(known or told, told, key=lambda m: (m.revision, m.time, m.id))


def _with_newest(
    known: Mapping[K, Message[F]], key: K, told: Message[F]
) -> Mapping[K, Message[F]]:
    return {**known, key: _newest(known.get(key), told)}


T = TypeVar("T", AskedAgain, SilenceNoticed)


def _last_at(known: T | None, told: T) -> T:
    return max(known or told, told, key=lambda fact: (fact.at, str(fact)))


def _last_attempt(
    known: Message[DispatchAttempted] | None, told: Message[DispatchAttempted]
) -> Message[DispatchAttempted]:
    return max(known or told, told, key=lambda m: (m.data.attempt, m.time, m.id))


Status = Message[StatusUpdated]


def _newest_status(known: Status | None, told: Status | None) -> Status | None:
    return _greatest(known, told, _place)


def _furthest(known: Status | None, told: Status | None) -> Status | None:
    return _greatest(known, told, lambda m: (began(m.data), _place(m)))


def _greatest(
    known: Status | None, told: Status | None, key: Callable[[Status], Any]
) -> Status | None:
    return max((m for m in (known, told) if m), key=key, default=None)


def _place(m: Status) -> tuple[datetime, int, datetime, str]:
    """GitHub's order; the rest only makes it the same for every order of arrival."""
    return m.data.created_at, m.data.github_status_id, m.time, m.id
