"""What the gateway does: takes what people ask and what services tell.

Every incoming message is taken (recorded in its aggregate's stream) and the aggregate
advanced (what the state says is still to be done). A command changes a stream or two
and is answered later by messages; whoever gave it watches the read model meanwhile.
"""

from shared.contracts import (
    DeploymentSynced,
    DispatchAttempted,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    RefRejected,
    RefVerified,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryDeactivated,
    StatusUpdated,
)
from shared.messaging import Handlers

from .deployments import Deployments
from .deployments import RepositoryInactiveError as RepositoryInactiveError
from .repositories import Repositories


class Gateway(Deployments, Repositories):
    """One door to all of it: each base holds the commands of one kind of stream."""


#: Which events the gateway takes, and what it does with each.
HANDLERS: Handlers[Gateway] = {
    RefVerified: Gateway.take,
    RefRejected: Gateway.take,
    GitHubDeploymentCreated: Gateway.take,
    DispatchAttempted: Gateway.take,
    GitHubDeploymentRefused: Gateway.take,
    GitHubDeploymentCanceled: Gateway.take,
    StatusUpdated: Gateway.take,
    GitHubDeploymentGone: Gateway.take,
    DeploymentSynced: Gateway.take,
    RepositoryActivated: Gateway.take_answer,
    RepositoryActivationRefused: Gateway.take_answer,
    RepositoryDeactivated: Gateway.take_answer,
}
