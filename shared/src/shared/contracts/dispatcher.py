"""What the github-dispatcher says."""

from datetime import datetime
from uuid import UUID

from .base import DeploymentEvent, Event
from .values import Repository, Sha


class GitHubDeploymentCreated(DeploymentEvent):
    """GitHub has it, and tells the tooling."""

    repository: Repository
    environment: str
    github_deployment_id: int
    sha: Sha
    #: The API's address of GitHub's deployment.
    url: str


class DispatchAttempted(DeploymentEvent):
    """GitHub was asked, and it did not work yet."""

    #: Counts the attempts from 1.
    attempt: int
    #: A word for programs: `rate_limited`, `unavailable`, `ambiguous` …
    outcome: str
    message: str
    #: When it is tried or looked up next.
    retry_at: datetime | None = None


class GitHubDeploymentRefused(DeploymentEvent):
    """There is no deployment at GitHub, and there won't be one."""

    code: str
    message: str


class GitHubDeploymentCanceled(DeploymentEvent):
    """The cancel is carried out. Alone this makes a deployment `canceled`."""

    code: str
    message: str
    #: The deployment at GitHub that was told to stop; none if nothing was created.
    github_deployment_id: int | None = None
    #: The tooling's final status that GitHub had already; it wasn't told to stop then.
    final_github_status_id: int | None = None

    @property
    def created(self) -> bool:
        return self.github_deployment_id is not None


class RepositoryAnswer(Event):
    """The answer to a command about a repository."""

    command_id: UUID
    repository: Repository

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class RepositoryActivated(RepositoryAnswer):
    """GitHub sends its webhooks to us."""

    #: 0 where the App's own webhook hears of the repository.
    webhook_id: int
    #: The App's installation that covers it.
    installation_id: int | None = None


class RepositoryActivationRefused(RepositoryAnswer):
    """GitHub does not let us make the webhook."""

    code: str
    message: str


class RepositoryDeactivated(RepositoryAnswer):
    """The webhook is gone."""


class RemoteStatusPosted(RepositoryAnswer):
    """GitHub has the status."""

    deployment_id: UUID
    github_status_id: int


class RemoteStatusRefused(RepositoryAnswer):
    """GitHub does not take the status."""

    deployment_id: UUID
    code: str
    message: str
