"""From a webhook's bytes to what it tells us.

The signature has been checked, or GitHub's API has handed the payload out. An event
that tells nothing which anybody here waits for is None, and that is fine.
"""

from dataclasses import dataclass, field
from typing import Final

from shared.contracts import GitHubDeploymentSeen, Person, Repository
from shared.github import resources
from shared.github.marker import find_marker, status_mark
from shared.github.webhook_models import DeploymentStatusWebhook, DeploymentWebhook
from shared.github.webhooks import MalformedWebhook as MalformedWebhook
from shared.github.webhooks import parse

from .domain.github_deployment import StatusKept

#: The events that tell us something.
TAKEN: Final = frozenset({"deployment", "deployment_status"})
MOST_IDS: Final = 2**63

Told = StatusKept | GitHubDeploymentSeen


@dataclass(frozen=True)
class Webhook:
    """One delivery, as it came."""

    event: str
    #: GitHub's GUID: the same for every attempt to deliver it.
    delivery: str
    content_type: str
    body: bytes = field(repr=False)


def read(webhook: Webhook) -> Told | None:
    """What it tells.

    Raises:
        MalformedWebhook: The body isn't what the event promises.
    """
    parsed = parse(webhook.event, webhook.delivery, webhook.content_type, webhook.body)
    match parsed:
        case DeploymentStatusWebhook(deployment=about, deployment_status=status):
            return read_status(_repository(parsed.repository), about.id, status)
        case DeploymentWebhook(deployment=deployment):
            return _seen(_repository(parsed.repository), deployment)
    return None


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
        github_deployment_id=_id(github_deployment_id, "deployment.id"),
        github_status_id=_id(status.id, "deployment_status.id"),
        state=_text(status.state),
        description=_text(status.description),
        log_url=_text(status.log),
        environment_url=_text(status.environment_url),
        creator=_person(status.creator),
        created_at=status.created_at,
        ours=status_mark(status.state, status.description) is not None,
    )


def _seen(
    repository: Repository, deployment: resources.Deployment
) -> GitHubDeploymentSeen | None:
    marker = find_marker(deployment.payload, deployment.description)
    if marker is None:
        return None
    return GitHubDeploymentSeen(
        deployment_id=marker,
        repository=repository,
        github_deployment_id=_id(deployment.id, "deployment.id"),
        environment=_text(deployment.environment),
        task=_text(deployment.task),
        sha=_text(deployment.sha),
    )


def _repository(repository: resources.Repository) -> Repository:
    return Repository(
        id=_id(repository.id, "repository.id"), full_name=_text(repository.full_name)
    )


def _person(account: resources.Account | None) -> Person | None:
    if account is None or account.id is None:
        return None
    return Person(id=_id(account.id, "creator.id"), login=_text(account.login))


def _id(number: int, where: str) -> int:
    """Whoever keeps it in a table has 64 bits for it."""
    if not 0 < number < MOST_IDS:
        raise MalformedWebhook(f"{where}: {number} is no id of GitHub's")
    return number


def _text(text: str) -> str:
    """Whoever keeps it in a table can't keep a NUL, and must not stumble over it."""
    return text.replace("\0", "")
