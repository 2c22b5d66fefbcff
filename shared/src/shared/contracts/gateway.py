"""What the api-gateway says."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from .base import DeploymentEvent, Event
from .values import Person, Ref, Repository


class DeployRequested(DeploymentEvent):
    """Somebody wants this ref in this environment."""

    #: Counts the deployments of a repository from 1.
    number: int
    repository: Repository
    environment: str
    ref: Ref
    requested_by: Person
    source: Literal["api"] = "api"
    requested_at: datetime
    #: Without a verdict by then, the request is canceled.
    not_after: datetime


class CancelRequested(DeploymentEvent):
    """A person, a deadline or the loss of the repository wants this to end."""

    repository: Repository
    by: Literal["person", "deadline", "repository"]
    #: Only where `by` is a person.
    who: Person | None = None
    code: str
    reason: str


class SlotReleaseRequested(DeploymentEvent):
    """The gateway knows that this deployment needs its place no longer."""

    repository: Repository
    environment: str
    cause: Literal["grace", "ended"]


class SyncRequested(DeploymentEvent):
    """Say all that GitHub says about this deployment now, known or not."""

    sync_id: UUID
    repository: Repository
    github_deployment_id: int


class RepositoryCommand(Event):
    """A command of a person about a repository; answered with its `command_id`."""

    command_id: UUID
    repository: Repository
    requested_by: Person

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class RepositoryActivationRequested(RepositoryCommand):
    """Somebody wants Gitploy to follow this repository."""


class RepositoryDeactivationRequested(RepositoryCommand):
    """Somebody wants Gitploy to leave this repository alone."""
