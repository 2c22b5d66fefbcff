"""What the dispatcher does: one file per kind of thing, one method per message.

Every message is dealt with in the same two steps: *take* it and *advance*. `advance`
asks the state for the next step, does it, records what came of it, and asks again.
"""

from github_dispatcher.domain.answers import Limits
from github_dispatcher.ports import GitHub
from shared.contracts import (
    CancelRequested,
    GitHubDeploymentSeen,
    RefVerified,
    RemoteStatusRequested,
    RepositoryActivationRequested,
    RepositoryDeactivationRequested,
)
from shared.messaging import Handlers
from shared.store import Store

from .deployments import Deployments
from .hooks import Hooks
from .statuses import Statuses


class Dispatcher(Deployments, Hooks, Statuses):
    """Carries out at GitHub what was decided elsewhere, once."""

    def __init__(
        self, store: Store, github: GitHub, limits: Limits | None = None
    ) -> None:
        super().__init__(store, github, limits or Limits())


#: Which events the dispatcher takes, and what it does with each.
HANDLERS: Handlers[Dispatcher] = {
    RefVerified: Dispatcher.take,
    CancelRequested: Dispatcher.take,
    GitHubDeploymentSeen: Dispatcher.take,
    RepositoryActivationRequested: Dispatcher.take_command,
    RepositoryDeactivationRequested: Dispatcher.take_command,
    RemoteStatusRequested: Dispatcher.take_status,
}
