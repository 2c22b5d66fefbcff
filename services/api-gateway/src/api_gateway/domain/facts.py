"""What only the gateway knows, and what the stream of a deployment may hold."""

from datetime import datetime
from typing import get_args
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
    RefRejected,
    RefVerified,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .phase import Phase


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


#: What the gateway itself says about a deployment.
SaidFact = (
    DeployRequested
    | CancelRequested
    | SlotReleaseRequested
    | SyncRequested
    | AskedAgain
    | SilenceNoticed
)
#: What others tell about it.
ToldFact = (
    RefVerified
    | RefRejected
    | GitHubDeploymentCreated
    | DispatchAttempted
    | GitHubDeploymentRefused
    | GitHubDeploymentCanceled
    | StatusUpdated
    | GitHubDeploymentGone
    | DeploymentSynced
)
DeploymentFact = SaidFact | ToldFact
DEPLOYMENT_FACTS: frozenset[type[Fact]] = frozenset(get_args(DeploymentFact))
#: Those that nobody sees: they keep the deadlines, and change nothing for people.
BOOKKEEPING = (
    AskedAgain,
    SilenceNoticed,
    SyncRequested,
    DeploymentSynced,
    SlotReleaseRequested,
)
