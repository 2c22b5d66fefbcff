"""From a webhook's bytes to what it tells us.

The signature has been checked, or GitHub's API has handed the payload out. An event
that tells nothing which anybody here waits for is None, and that is fine.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.contracts import (
    AuthorizationRevoked,
    CommitChecksChanged,
    Repository,
)
from shared.github import resources
from shared.github import webhook_models as models
from shared.github.webhook_models import (
    AuthorizationWebhook,
    CheckRunWebhook,
    CheckSuiteWebhook,
    DeploymentStatusWebhook,
    DeploymentWebhook,
    InstallationWebhook,
    MetaWebhook,
    PushWebhook,
    RepositoryWebhook,
    StatusWebhook,
)
from shared.github.webhooks import MalformedWebhook as MalformedWebhook
from shared.github.webhooks import parse

from . import fields
from .apps import InstallationChanged as InstallationChanged
from .apps import read_authorization, read_installation
from .deployments import DeploymentShown as DeploymentShown
from .deployments import StatusShown as StatusShown
from .deployments import read_deployment, read_deployment_status
from .deployments import read_status as read_status
from .pushes import PushShown as PushShown
from .pushes import read_push

#: The events that tell us something which nothing else would.
TAKEN: Final = frozenset({"deployment", "deployment_status", "push", "repository"})
#: Those of an App, which hears of them unasked.
OF_APP: Final = frozenset(
    {"github_app_authorization", "installation", "installation_repositories"}
)
#: Those that only say that it makes sense to look; what they tell is found anyway.
HINTS: Final = frozenset({"check_run", "check_suite", "meta", "status"})


@dataclass(frozen=True)
class Webhook:
    """One delivery, as it came."""

    event: str
    #: GitHub's GUID: the same for every attempt to deliver it.
    delivery: str
    content_type: str
    body: bytes = field(repr=False)
    #: When it came, or was to come.
    at: datetime
    #: The App's webhook hears also of repositories that nobody follows.
    of_app: bool = False


@dataclass(frozen=True)
class RepositoryTouched:
    """Something has happened to the repository itself, or to its webhook."""

    repository: Repository
    deleted: bool


AboutRepository = (
    StatusShown | DeploymentShown | PushShown | RepositoryTouched | CommitChecksChanged
)
Told = AboutRepository | InstallationChanged | AuthorizationRevoked


def repository_of(told: AboutRepository) -> Repository:
    """Which repository it is about."""
    if isinstance(told, StatusShown | DeploymentShown):
        return told.about.repository
    return told.repository


def read(webhook: Webhook) -> Told | None:
    """What it tells.

    Raises:
        MalformedWebhook: The body isn't what the event promises.
    """
    told = parse(webhook.event, webhook.delivery, webhook.content_type, webhook.body)
    match told:
        case DeploymentStatusWebhook():
            return read_deployment_status(told, webhook.at)
        case DeploymentWebhook():
            return read_deployment(told, webhook.at)
        case PushWebhook():
            return read_push(told, webhook.at)
        case RepositoryWebhook(action=action):
            touched = fields.repository(told.repository)
            return RepositoryTouched(touched, deleted=action == "deleted")
        case MetaWebhook(repository=about) if about:
            return RepositoryTouched(fields.repository(about), deleted=False)
        case InstallationWebhook():
            return read_installation(told)
        case AuthorizationWebhook():
            return read_authorization(told, webhook.at)
    return _read_hint(told)


def _read_hint(told: models.Webhook) -> CommitChecksChanged | None:
    match told:
        case StatusWebhook(sha=sha):
            return _changed(told.repository, sha, "sha")
        case CheckRunWebhook(check_run=run):
            return _changed(told.repository, run.head_sha, "check_run.head_sha")
        case CheckSuiteWebhook(check_suite=suite):
            return _changed(told.repository, suite.head_sha, "check_suite.head_sha")
    return None


def _changed(
    repository: resources.Repository, sha: str, where: str
) -> CommitChecksChanged:
    return CommitChecksChanged(
        repository=fields.repository(repository), sha=fields.sha(sha, where)
    )
