"""What status-sync says."""

from datetime import datetime
from uuid import UUID

from .base import DeploymentEvent
from .values import Person, Repository

#: GitHub's states after which the tooling has nothing more to do.
FINAL_STATES = frozenset({"success", "failure", "error"})


class StatusUpdated(DeploymentEvent):
    """GitHub has a status of this deployment. Known by `github_status_id`."""

    repository: Repository
    github_deployment_id: int
    github_status_id: int
    #: GitHub's word: queued, pending, waiting, in_progress, success, failure, error,
    #: inactive, or one that is newer than we are.
    state: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""
    #: Missing where GitHub has forgotten the account.
    creator: Person | None = None
    created_at: datetime
    #: Gitploy posted it itself, to stop a canceled deployment: decides no state.
    ours: bool = False

    @property
    def final(self) -> bool:
        """Whether the tooling has finished with this."""
        return self.state in FINAL_STATES and not self.ours


class GitHubDeploymentSeen(DeploymentEvent):
    """A `deployment` webhook carried our marker. It may be forged: compare it."""

    repository: Repository
    github_deployment_id: int
    environment: str
    task: str
    sha: str


class GitHubDeploymentGone(DeploymentEvent):
    """Somebody deleted it at GitHub, while the repository is still there."""

    repository: Repository
    github_deployment_id: int
    #: The question that found it out.
    sync_id: UUID | None = None


class DeploymentSynced(DeploymentEvent):
    """GitHub was asked for this deployment's statuses, and has answered."""

    sync_id: UUID
    github_deployment_id: int
    #: The newest that GitHub has; none while the tooling has said nothing.
    newest_github_status_id: int | None = None
