"""What the api-gateway says."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from .base import DeploymentEvent, Event
from .values import (
    Approval,
    Override,
    Person,
    Ref,
    Repository,
    RollbackTarget,
    Sha,
)


class DeployRequested(DeploymentEvent):
    """Somebody wants this ref in this environment."""

    #: Counts the deployments of a repository from 1.
    number: int
    repository: Repository
    environment: str
    ref: Ref
    requested_by: Person
    source: Literal["api", "push", "rollback", "retry", "promotion"] = "api"
    #: What the ref must still mean. A push and a rollback mean this very commit,
    #: whatever the ref has become since.
    expected_sha: Sha | None = None
    #: Where a push wants it: when that was.
    pushed_at: datetime | None = None
    rollback_of: RollbackTarget | None = None
    #: The values that a person gave for `dynamic_payload`.
    dynamic_payload: dict[str, JsonValue] | None = None
    override: Override | None = None
    #: A rollback ends the one that runs, instead of waiting for it.
    take_over: bool = False
    #: Wait for checks that are pending, instead of being refused.
    wait_for_checks: bool = False
    requested_at: datetime
    #: Without a verdict by then, the request is canceled.
    not_after: datetime


class DeployConfirmed(DeploymentEvent):
    """A person sends what was waiting for its reviews."""

    confirmation_id: UUID
    #: What was shown when the approvals were given: they count for this pair alone.
    sha: Sha
    config_digest: str
    approvals: tuple[Approval, ...]
    confirmed_by: Person
    #: What whoever sends it wants to pass over; the verifier says whether they may.
    override: Override | None = None
    confirmed_at: datetime
    #: Without an answer by then, the deployment is canceled.
    not_after: datetime


class CancelRequested(DeploymentEvent):
    """A person, a deadline or the loss of the repository wants this to end."""

    repository: Repository
    by: Literal["person", "reviewer", "deadline", "repository"]
    #: Only where `by` is a person or a reviewer.
    who: Person | None = None
    code: str
    reason: str


class SlotReleaseRequested(DeploymentEvent):
    """The gateway knows that this deployment needs its place no longer."""

    repository: Repository
    environment: str
    cause: Literal["grace", "ended", "operator", "foreign"]
    #: Only where the cause is an operator.
    who: Person | None = None
    reason: str = ""


class SyncRequested(DeploymentEvent):
    """Say all that GitHub says about this deployment now, known or not."""

    sync_id: UUID
    repository: Repository
    github_deployment_id: int
    #: Only where a person asks; deadlines do, too.
    who: Person | None = None
    reason: str = ""


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


class RepositoryChanged(Event):
    """How Gitploy is to treat a repository from now on."""

    repository: Repository
    config_path: str = "deploy.yml"
    active: bool

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class RemoteStatusRequested(RepositoryCommand):
    """Somebody wants this status to be posted to GitHub."""

    deployment_id: UUID
    github_deployment_id: int
    #: One of GitHub's states of a deployment status.
    state: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""


class EnvironmentCommand(RepositoryCommand):
    """A command about one environment; the verifier answers it."""

    environment: str
    requested_at: datetime


class LockCommand(EnvironmentCommand):
    """A command about a lock. A lock's id is that of the command that made it."""

    lock_id: UUID

    @property
    def subject(self) -> str:
        return str(self.lock_id)


class LockRequested(LockCommand):
    """Somebody wants nobody else to deploy here."""

    reason: str = ""
    expires_at: datetime | None = None
    #: Instead of the lock that is there.
    take_over: bool = False


class LockChangeRequested(LockCommand):
    """Somebody wants a lock to have this reason and this end."""

    reason: str = ""
    expires_at: datetime | None = None


class UnlockRequested(LockCommand):
    """Somebody wants a lock to end, or its time has come."""

    by: Literal["person", "deadline"] = "person"
    #: Where `by` is a deadline: it counts only for a lock that ends then.
    expires_at: datetime | None = None


class AutoDeployResumeRequested(EnvironmentCommand):
    """Somebody wants pushes to be deployed here again, after this rollback."""

    rollback_id: UUID
