"""What only the gateway knows, and what the stream of a deployment may hold."""

from datetime import datetime
from typing import Literal, get_args
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
    Person,
    QueueMoved,
    RefRejected,
    RefVerified,
    ReviewRequested,
    Sha,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .phase import Phase

ReviewState = Literal["pending", "approved", "rejected"]


class ReviewAsked(Fact):
    """This person's approval would count, and is asked for."""

    reviewer: Person


class ReviewSubmitted(Fact):
    """A reviewer has answered, or answers otherwise than before."""

    review_id: UUID
    reviewer: Person
    state: ReviewState
    comment: str = ""
    #: What was shown: the answer is about this pair alone.
    sha: Sha
    config_digest: str
    at: datetime


class PushIgnored(Fact):
    """Gitploy did not follow the repository then: the push deploys nothing, ever."""


class AskedAgain(Fact):
    """An answer is missing, so the event that asks for it was said once more."""

    #: Where the deployment stands while it waits for the answer.
    phase: Phase
    #: Counts the repeats in this phase from 1.
    nth: int
    at: datetime


class SilenceNoticed(Fact):
    """The tooling has been silent for too long, so GitHub was asked."""

    sync_id: UUID
    at: datetime
    #: The newest of the tooling's statuses when GitHub was asked, 0 for none: a
    #: greater one means that it isn't silent after all.
    newest_github_status_id: int


class TimeoutNamed(Fact):
    """Who found its place taken said how long it may go on there without news."""

    timeout_s: int


#: What people want, and what follows from that.
WantedFact = (
    DeployRequested
    | ReviewAsked
    | ReviewSubmitted
    | DeployConfirmed
    | CancelRequested
    | SlotReleaseRequested
    | PushIgnored
)
#: What keeps the deadlines.
AskingFact = SyncRequested | AskedAgain | SilenceNoticed | TimeoutNamed
#: What the verifier tells.
VerifierFact = (
    ChecksPending
    | ReviewRequested
    | ConfirmationRefused
    | DeployQueued
    | QueueMoved
    | RefVerified
    | RefRejected
)
#: What GitHub says, by the dispatcher and by status-sync.
GitHubFact = (
    GitHubDeploymentCreated
    | DispatchAttempted
    | GitHubDeploymentRefused
    | GitHubDeploymentCanceled
    | StatusUpdated
    | GitHubDeploymentGone
    | DeploymentSynced
    | ForeignDeploymentSeen
)
SaidFact = WantedFact | AskingFact
ToldFact = VerifierFact | GitHubFact
#: A push that is to be deployed is told before the deployment has an id.
DeploymentFact = SaidFact | ToldFact | AutoDeployMatched
DEPLOYMENT_FACTS: frozenset[type[Fact]] = frozenset(get_args(DeploymentFact))
#: Those that nobody sees: they keep the deadlines, and change nothing for people.
BOOKKEEPING = (
    AutoDeployMatched,
    PushIgnored,
    AskedAgain,
    SilenceNoticed,
    TimeoutNamed,
    SyncRequested,
    DeploymentSynced,
    SlotReleaseRequested,
)
