"""What GitHub tells of a deployment, kept until it is known whose it is."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from shared.contracts import (
    Fact,
    ForeignDeploymentSeen,
    GitHubDeploymentGone,
    Person,
    Repository,
    Sha,
    StatusUpdated,
    SyncRequested,
)

#: Ids of deployments that Gitploy did not make are derived from GitHub's with this.
FOREIGN: Final = UUID("a0c2b7e4-6a51-5d0f-9a3b-3f4d7b1c8e25")
#: An Actions run that a deployment has started. A job of such a run that names the
#: deployment's environment makes GitHub file another one, which means the same.
STARTED_BY_DEPLOYMENT: Final = frozenset({"deployment", "deployment_status"})


def foreign_id(repository: Repository, github_deployment_id: int) -> UUID:
    """The id under which a deployment of somebody else is known."""
    return uuid5(FOREIGN, f"{repository.id}/{github_deployment_id}")


def no_such(
    theirs: ForeignDeploymentSeen | SyncRequested, sync_id: UUID | None = None
) -> GitHubDeploymentGone:
    """There is none, or what was taken for somebody else's is ours."""
    return GitHubDeploymentGone(
        deployment_id=theirs.deployment_id,
        repository=theirs.repository,
        github_deployment_id=theirs.github_deployment_id,
        sync_id=sync_id,
    )


def is_foreign(fact: SyncRequested | GitHubDeploymentGone) -> bool:
    """Whether it is about it as about somebody else's."""
    own = foreign_id(fact.repository, fact.github_deployment_id)
    return fact.deployment_id == own


class DeploymentTold(Fact):
    """GitHub has this deployment; whose it is is not known yet."""

    repository: Repository
    github_deployment_id: int
    environment: str
    ref: str
    sha: Sha
    task: str
    creator: Person | None
    created_at: datetime
    #: The Actions run that filed it, and which of GitHub's events started that.
    workflow_run: int | None = None
    run_started_by: str = ""

    @property
    def may_be_folded(self) -> bool:
        """Whether it may be the second that GitHub filed for one of ours."""
        return self.run_started_by in STARTED_BY_DEPLOYMENT

    @property
    def foreign(self) -> ForeignDeploymentSeen:
        """The same, as what everybody may hear."""
        own = foreign_id(self.repository, self.github_deployment_id)
        return ForeignDeploymentSeen(deployment_id=own, **dict(self))


class StatusKept(Fact):
    """GitHub has this status; whose deployment it is about is not known yet."""

    repository: Repository
    github_deployment_id: int
    github_status_id: int
    state: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""
    creator: Person | None = None
    created_at: datetime
    ours: bool = False

    def of(self, deployment_id: UUID, *, foreign: bool = False) -> StatusUpdated:
        """The same, as what everybody may hear."""
        told = dict(self)
        return StatusUpdated(deployment_id=deployment_id, foreign=foreign, **told)

    @classmethod
    def told_by(cls, said: StatusUpdated) -> "StatusKept":
        """What was said, to be said again of another deployment."""
        return cls(**dict(said))


class DeploymentFolded(Fact):
    """The Actions run that our own deployment started has filed it."""

    github_deployment_id: int
    #: Ours, by GitHub's id.
    into: int
