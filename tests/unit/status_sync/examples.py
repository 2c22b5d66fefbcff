"""One deployment at GitHub, three statuses, and who tells of them."""

from datetime import timedelta
from uuid import UUID

from shared.contracts import (
    GitHubDeploymentCreated,
    GitHubDeploymentSeen,
    Repository,
    SyncRequested,
)
from shared.testing import T0
from status_sync.domain.told import DeploymentTold, StatusKept, foreign_id

DEPLOYMENT = UUID("11111111-1111-4111-8111-111111111111")
SYNC = UUID("22222222-2222-4222-8222-222222222222")
REPOSITORY = Repository(id=7, full_name="octo/shop")
GITHUB_ID = 4001

CREATED = GitHubDeploymentCreated(
    deployment_id=DEPLOYMENT,
    repository=REPOSITORY,
    environment="production",
    github_deployment_id=GITHUB_ID,
    sha="a" * 40,
    url="https://api.github.com/repos/octo/shop/deployments/4001",
)
QUESTION = SyncRequested(
    deployment_id=DEPLOYMENT,
    sync_id=SYNC,
    repository=REPOSITORY,
    github_deployment_id=GITHUB_ID,
)
SEEN = GitHubDeploymentSeen(
    deployment_id=DEPLOYMENT,
    repository=REPOSITORY,
    github_deployment_id=GITHUB_ID,
    environment="production",
    task="deploy",
    sha="a" * 40,
)

ABOUT = DeploymentTold(
    repository=REPOSITORY,
    github_deployment_id=GITHUB_ID,
    environment="production",
    ref="main",
    sha="a" * 40,
    task="deploy",
    creator=None,
    created_at=T0,
)
#: What an Actions job has filed, whose run another deployment had started.
OF_A_RUN = ABOUT.model_copy(update={"workflow_run": 77, "run_started_by": "deployment"})
FOREIGN = foreign_id(REPOSITORY, GITHUB_ID)


def status(number: int, state: str = "in_progress") -> StatusKept:
    return StatusKept(
        repository=REPOSITORY,
        github_deployment_id=GITHUB_ID,
        github_status_id=number,
        state=state,
        created_at=T0 + timedelta(seconds=number),
    )


QUEUED, RUNNING, SUCCESS = (
    status(901, "queued"),
    status(902, "in_progress"),
    status(903, "success"),
)
