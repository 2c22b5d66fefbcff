"""What status-sync says."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from .base import DeploymentEvent, Event
from .values import Person, Repository, Sha

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
    #: Somebody else made the deployment at GitHub; our id is derived from theirs.
    foreign: bool = False

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
    """Somebody deleted it at GitHub, while the repository is still there.

    Of one that was taken for somebody else's: or it has turned out to be ours.
    """

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
    #: There is no repository that GitHub shows to us: nothing more can be learnt.
    repository_gone: bool = False


class ForeignDeploymentSeen(DeploymentEvent):
    """GitHub has a deployment that Gitploy did not make."""

    repository: Repository
    github_deployment_id: int
    environment: str
    ref: str
    sha: Sha
    task: str = "deploy"
    creator: Person | None
    created_at: datetime
    #: The Actions run that filed it.
    workflow_run: int | None = None


class RefPushed(Event):
    """A branch or a tag has been pushed. Known by `delivery_id`."""

    #: GitHub's id of the webhook's delivery.
    delivery_id: str
    repository: Repository
    #: As GitHub says it: `refs/heads/…` or `refs/tags/…`.
    ref: str
    before: Sha | None
    #: The commit that the ref means now; none if it was deleted.
    after: Sha | None
    pusher: Person
    pushed_at: datetime

    @property
    def subject(self) -> str:
        return f"{self.repository.id}@{self.ref}"


class RepositoryRenamed(Event):
    """The repository has another name, by which `repository` calls it."""

    repository: Repository
    previous_name: str
    seen_at: datetime

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class RepositoryGone(Event):
    """The repository is deleted, or out of our reach."""

    repository: Repository
    reason: Literal["deleted", "out_of_reach"]
    seen_at: datetime

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class AuthorizationRevoked(Event):
    """Somebody has taken back what they allowed to our GitHub App.

    Known by `delivery_id`. It may arrive late: who has signed in again since then has
    to do so once more.
    """

    #: GitHub's id of the webhook's delivery.
    delivery_id: str
    person: Person
    revoked_at: datetime

    @property
    def subject(self) -> str:
        return str(self.person.id)
