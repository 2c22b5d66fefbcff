"""What the verifier does.

Every incoming message is dealt with in the same two steps: *take* it (record it as a
fact of its aggregate) and *advance* (do what the facts say is still to be done).
`advance` never looks at the message, so it makes no difference which one woke it up,
or how often, or what a crash has left half done.
"""

from shared.contracts import (
    AutoDeployResumeRequested,
    CommitChecksChanged,
    DeployConfirmed,
    DeployRequested,
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    LockChangeRequested,
    LockRequested,
    PreflightAsked,
    RefPushed,
    RepositoryChanged,
    RepositoryGone,
    RepositoryRenamed,
    SlotReleaseRequested,
    StatusUpdated,
    UnlockRequested,
)
from shared.messaging import Handlers, Listeners

from .environments import Environments
from .hints import Hints
from .preflight import Preflights
from .pushes import Pushes


class Verifier(Hints, Preflights, Environments, Pushes):
    """Decides whether refs may be deployed, and who runs in an environment."""


#: Which events the verifier takes, and what it does with each.
HANDLERS: Handlers[Verifier] = {
    DeployRequested: Verifier.take,
    DeployConfirmed: Verifier.take,
    GitHubDeploymentCanceled: Verifier.take,
    GitHubDeploymentRefused: Verifier.take,
    GitHubDeploymentGone: Verifier.take,
    SlotReleaseRequested: Verifier.take,
    StatusUpdated: Verifier.take_status,
    ForeignDeploymentSeen: Verifier.take,
    LockRequested: Verifier.take_command,
    LockChangeRequested: Verifier.take_command,
    UnlockRequested: Verifier.take_command,
    AutoDeployResumeRequested: Verifier.take_command,
    RefPushed: Verifier.take_push,
    RepositoryChanged: Verifier.take_following,
    RepositoryRenamed: Verifier.take_following,
    RepositoryGone: Verifier.take_following,
}
#: Which questions it answers, and which hints it hears.
LISTENERS: Listeners[Verifier] = {
    PreflightAsked: Verifier.preflight,
    CommitChecksChanged: Verifier.hear_of_checks,
}
