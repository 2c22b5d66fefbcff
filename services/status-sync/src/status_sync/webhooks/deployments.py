"""Deployments and their statuses, as webhooks and GitHub's API tell them."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts import GitHubDeploymentSeen, Repository
from shared.github import resources
from shared.github.marker import find_marker, status_mark
from shared.github.webhook_models import (
    DeploymentStatusWebhook,
    DeploymentWebhook,
    WorkflowRun,
)
from shared.github.webhooks import MalformedWebhook
from status_sync.domain.told import DeploymentTold, StatusKept

from . import fields


@dataclass(frozen=True)
class DeploymentShown:
    """GitHub has made a deployment."""

    about: DeploymentTold
    #: What our marker in it claims, if it carries one.
    seen: GitHubDeploymentSeen | None


@dataclass(frozen=True)
class StatusShown:
    """Somebody has posted a status."""

    about: DeploymentTold
    status: StatusKept


def read_deployment(told: DeploymentWebhook, received_at: datetime) -> DeploymentShown:
    """What it tells of the deployment, and whose it claims to be."""
    about = _about(told.repository, told.deployment, told.workflow_run, received_at)
    marker = find_marker(told.deployment.payload, told.deployment.description)
    if marker is None:
        return DeploymentShown(about, None)
    seen = GitHubDeploymentSeen(
        deployment_id=marker,
        repository=about.repository,
        github_deployment_id=about.github_deployment_id,
        environment=about.environment,
        task=about.task,
        sha=about.sha,
    )
    return DeploymentShown(about, seen)


def read_deployment_status(
    told: DeploymentStatusWebhook, received_at: datetime
) -> StatusShown:
    """The status, and what it tells of its deployment."""
    about = _about(told.repository, told.deployment, told.workflow_run, received_at)
    return StatusShown(
        about,
        read_status(
            about.repository, about.github_deployment_id, told.deployment_status
        ),
    )


def read_status(
    repository: Repository,
    github_deployment_id: int,
    status: resources.DeploymentStatus,
) -> StatusKept:
    """A status, from a webhook or from the API."""
    if status.created_at is None:
        raise MalformedWebhook("deployment_status.created_at: is missing")
    return StatusKept(
        repository=repository,
        github_deployment_id=github_deployment_id,
        github_status_id=fields.identifier(status.id, "deployment_status.id"),
        state=fields.name(status.state),
        description=fields.line(status.description),
        log_url=fields.url(status.log),
        environment_url=fields.url(status.environment_url),
        creator=fields.person(status.creator, "deployment_status.creator"),
        created_at=status.created_at,
        ours=status_mark(status.state, status.description) is not None,
    )


def _about(
    repository: resources.Repository,
    deployment: resources.Deployment,
    run: WorkflowRun | None,
    received_at: datetime,
) -> DeploymentTold:
    return DeploymentTold(
        repository=fields.repository(repository),
        github_deployment_id=fields.identifier(deployment.id, "deployment.id"),
        environment=fields.name(deployment.environment),
        ref=fields.line(deployment.ref),
        sha=fields.sha(deployment.sha, "deployment.sha"),
        task=fields.name(deployment.task),
        creator=fields.person(deployment.creator, "deployment.creator"),
        created_at=deployment.created_at or received_at,
        workflow_run=run and fields.identifier(run.id, "workflow_run.id"),
        run_started_by=fields.name(run.event) if run else "",
    )
