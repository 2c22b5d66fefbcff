"""What status-sync does, one method per thing.

GitHub tells something: `hear` records it and that is all, because GitHub waits for the
answer. A service tells something: `take` records it and `advance` does what the state
says is still to be done. What GitHub could not deliver, `sweep` fetches; whose a
deployment is that nobody has linked, `settle_due` says when it is time to.
"""

from shared.contracts import (
    GitHubDeploymentCreated,
    RepositoryActivated,
    RepositoryDeactivated,
    RepositoryNameTaken,
    SyncRequested,
)
from shared.messaging import Handlers, Listeners

from .hearing import Heard as Heard
from .sweeping import Sweeping


class StatusSync(Sweeping):
    """All of it: each base holds what is done about one kind of thing."""


#: Which events status-sync takes, and what it does with each.
HANDLERS: Handlers[StatusSync] = {
    GitHubDeploymentCreated: StatusSync.take_created,
    SyncRequested: StatusSync.take,
    RepositoryActivated: StatusSync.take_hook,
    RepositoryDeactivated: StatusSync.take_hook,
}
#: Which hints it hears.
LISTENERS: Listeners[StatusSync] = {
    RepositoryNameTaken: StatusSync.hear_of_name,
}
