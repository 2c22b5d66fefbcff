"""A deployment: everything that was told about it, and where it stands for it.

The phase is a function of the set of facts: of the phases in `RANKED` the first that
holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
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
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Holder,
    Message,
    Person,
    QueueMoved,
    RefRejected,
    RefVerified,
    ReviewRequested,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .facts import AskedAgain, ReviewSubmitted, SilenceNoticed, TimeoutNamed
from .phase import Phase

#: GitHub's words for work that nobody has begun yet.
QUEUED_STATES = frozenset({"queued", "pending", "waiting"})


@dataclass(frozen=True)
class Deployment:
    """Everything known about one deployment."""

    #: The push that it is made of, if it is made of one.
    push: Message[AutoDeployMatched] | None = None
    push_ignored: bool = False
    request: Message[DeployRequested] | None = None
    #: Somebody else made it at GitHub: then nobody asked us for it.
    foreign: Message[ForeignDeploymentSeen] | None = None
    #: What the verifier waits for: of each kind the newest word.
    pending: Message[ChecksPending] | None = None
    queued: Message[DeployQueued] | None = None
    #: Its place in the line, and behind whom.
    place: Message[DeployQueued | QueueMoved] | None = None
    review: Message[ReviewRequested] | None = None
    #: Who was asked, and the newest that each of them said, by their ids.
    invited: Mapping[int, Person] = field(default_factory=dict)
    reviews: Mapping[int, Message[ReviewSubmitted]] = field(default_factory=dict)
    confirmations: Mapping[UUID, Message[DeployConfirmed]] = field(default_factory=dict)
    refusals: Mapping[UUID, Message[ConfirmationRefused]] = field(default_factory=dict)
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
    #: Each word of the tooling: when, by which status, and whether that it succeeded.
    words: frozenset[tuple[datetime, int, bool]] = frozenset()
    #: When the tooling was last heard of.
    heard_at: datetime | None = None
    #: The greatest GitHub id among the tooling's statuses, and among all.
    newest_of_tooling: int = 0
    newest_status: int = 0
    #: The GitHub deployment that the statuses belong to.
    seen_at_github: int = 0
    #: What GitHub was asked, and what it has answered.
    syncs: Mapping[UUID, Message[SyncRequested]] = field(default_factory=dict)
    synced: Mapping[UUID, DeploymentSynced] = field(default_factory=dict)
    silence: SilenceNoticed | None = None
    asked: AskedAgain | None = None
    #: Of one that somebody else made: how long it may go on without news.
    timeout: Message[TimeoutNamed] | None = None
    #: When something happened that people can see, and when anything did.
    updated_at: datetime | None = None
    told_at: datetime | None = None

    @property
    def phase(self) -> Phase:
        """The first of `RANKED` that holds."""
        return next((p for p, holds in RANKED if holds(self)), Phase.REQUESTED)

    @property
    def repository_gone(self) -> bool:
        """Whether GitHub had no repository to show when it was asked last."""
        answer = self.silence and self.synced.get(self.silence.sync_id)
        return bool(answer and answer.repository_gone)

    @property
    def about(self) -> Message[DeployRequested] | Message[ForeignDeploymentSeen] | None:
        """What says where it is deployed to."""
        return self.request or self.foreign

    @property
    def sha(self) -> str | None:
        """The commit, once it was found out which one it is."""
        told = (
            self.created,
            self.verified,
            self.rejected,
            self.queued,
            self.review,
            self.pending,
            self.foreign,
        )
        return next((m.data.sha for m in told if m and m.data.sha), None)

    @property
    def github_deployment_id(self) -> int:
        """GitHub's deployment, 0 while there is none that we know of."""
        if self.created:
            return self.created.data.github_deployment_id
        if self.foreign:
            return self.foreign.data.github_deployment_id
        return self.seen_at_github

    @property
    def reviewers(self) -> Mapping[int, Person]:
        """Everybody whose answer counts, by their ids: whoever deploys it is none."""
        if self.review is None or self.request is None:
            return self.invited
        requester = self.request.data.requested_by.id
        named = {who.id: who for who in self.review.data.reviewers}
        named.pop(requester, None)
        return {**named, **self.invited}

    @property
    def holder(self) -> Holder | None:
        """Who has the place that it waits for, or was rejected for."""
        match self.phase:
            case Phase.REJECTED if self.rejected:
                return self.rejected.data.holder
            case Phase.WAITING_IN_QUEUE if self.place:
                return self.place.data.holder
            case _:
                return None

    @property
    def confirmation(self) -> Message[DeployConfirmed] | None:
        """The newest one."""
        told = self.confirmations.values()
        return max(told, key=lambda m: (m.revision, m.time, m.id), default=None)

    @property
    def open_confirmation(self) -> Message[DeployConfirmed] | None:
        """The newest one, unless it was refused: only then there may be another."""
        return None if self.refusal else self.confirmation

    @property
    def refusal(self) -> Message[ConfirmationRefused] | None:
        """Why the newest one was not taken, if it was not."""
        newest = self.confirmation
        return self.refusals.get(newest.data.confirmation_id) if newest else None

    @property
    def sync(self) -> Message[SyncRequested] | None:
        """What GitHub was asked last."""
        told = self.syncs.values()
        return max(told, key=lambda m: (m.time, m.id), default=None)

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

    @property
    def lacks_final_status(self) -> bool:
        """Whether GitHub has a final status of the tooling that nobody told us of."""
        if self.canceled is None or self.final:
            return False
        return (self.canceled.data.final_github_status_id or 0) > self.newest_status


def began(status: StatusUpdated) -> bool:
    """GitHub's words that we don't know count as work, as Gitploy has it."""
    return status.state not in QUEUED_STATES


def _ended_as(phase: Phase) -> Callable[[Deployment], object]:
    return lambda d: d.final and d.final.data.state == phase


def _is_of_push(known: Deployment) -> bool:
    return known.request is not None and known.request.data.source == "push"


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
    (Phase.RUNNING, lambda d: d.progress and began(d.progress.data)),
    (Phase.QUEUED, lambda d: d.progress),
    (Phase.CREATED, lambda d: d.github_deployment_id),
    (Phase.DISPATCHING, lambda d: d.verified),
    (Phase.WAITING_IN_QUEUE, lambda d: d.queued),
    (Phase.VERIFYING, lambda d: d.open_confirmation),
    (Phase.WAITING_FOR_REVIEW, lambda d: d.review),
    # A push waits for its checks from the start: GitHub's silence is no rejection.
    (Phase.WAITING_FOR_CHECKS, lambda d: d.pending or _is_of_push(d)),
)
