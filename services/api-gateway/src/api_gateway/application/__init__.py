"""What the gateway does: takes what people ask and what services tell.

Every incoming message is taken (recorded in its aggregate's stream) and the aggregate
advanced (what the state says is still to be done). A command changes a stream or two
and is answered later by messages; whoever gave it watches the read model meanwhile.
"""

from shared.contracts import (
    AuthorizationRevoked,
    AutoDeployFailed,
    AutoDeployHeld,
    AutoDeployMatched,
    AutoDeployRecovered,
    AutoDeployResumed,
    ChecksPending,
    ConfirmationRefused,
    DeploymentSynced,
    DeployQueued,
    DispatchAttempted,
    EnvironmentLocked,
    EnvironmentUnlocked,
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    LockRefused,
    QueueMoved,
    RefRejected,
    RefVerified,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryDeactivated,
    RepositoryGone,
    RepositoryRenamed,
    ReviewRequested,
    StatusUpdated,
)
from shared.messaging import Handlers

from .authorizations import Authorizations
from .deployments import Deployments
from .holds import Holds
from .locks import Locks
from .remote_statuses import RemoteStatuses
from .repositories import Repositories
from .requests import RepositoryInactiveError as RepositoryInactiveError
from .requests import Requests


class Gateway(
    Requests,
    Deployments,
    Repositories,
    Locks,
    Holds,
    RemoteStatuses,
    Authorizations,
):
    """One door to all of it."""


#: Which events the gateway takes, and what it does with each.
HANDLERS: Handlers[Gateway] = {
    AutoDeployMatched: Gateway.take_push,
    ChecksPending: Gateway.take,
    ReviewRequested: Gateway.take,
    ConfirmationRefused: Gateway.take,
    DeployQueued: Gateway.take,
    QueueMoved: Gateway.take,
    RefVerified: Gateway.take,
    RefRejected: Gateway.take,
    GitHubDeploymentCreated: Gateway.take,
    DispatchAttempted: Gateway.take,
    GitHubDeploymentRefused: Gateway.take,
    GitHubDeploymentCanceled: Gateway.take,
    StatusUpdated: Gateway.take,
    GitHubDeploymentGone: Gateway.take,
    DeploymentSynced: Gateway.take,
    ForeignDeploymentSeen: Gateway.take,
    RepositoryActivated: Gateway.take_answer,
    RepositoryActivationRefused: Gateway.take_answer,
    RepositoryDeactivated: Gateway.take_answer,
    RepositoryGone: Gateway.take_news,
    RepositoryRenamed: Gateway.take_news,
    AutoDeployFailed: Gateway.take_news,
    AutoDeployRecovered: Gateway.take_news,
    EnvironmentLocked: Gateway.take_lock,
    EnvironmentUnlocked: Gateway.take_lock,
    LockRefused: Gateway.take_lock,
    AutoDeployHeld: Gateway.take_hold,
    AutoDeployResumed: Gateway.take_hold,
    RemoteStatusPosted: Gateway.take_status_answer,
    RemoteStatusRefused: Gateway.take_status_answer,
    AuthorizationRevoked: Gateway.take_revocation,
}
