"""What the verifier says."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from .base import DeploymentEvent, Event
from .values import (
    Approval,
    Check,
    Holder,
    Override,
    Person,
    PinnedConfig,
    Ref,
    Repository,
    RollbackTarget,
    Sha,
)


class RefVerified(DeploymentEvent):
    """This commit may be deployed, under these rules, until `not_after`."""

    passes_on_asking: ClassVar[bool] = True

    number: int
    #: As GitHub named it at `resolved_at`.
    repository: Repository
    environment: str
    ref: Ref
    sha: Sha
    #: How old the change is that is deployed.
    committed_at: datetime | None = None
    config: PinnedConfig
    requested_by: Person
    rollback_of: RollbackTarget | None = None
    override: Override | None = None
    approvals: tuple[Approval, ...] = ()
    checks: tuple[Check, ...]
    resolved_at: datetime
    #: Nothing may be begun at GitHub after it.
    not_after: datetime


class RefRejected(DeploymentEvent):
    """This ref may not be deployed, and why: all checks, and the first that failed."""

    #: The API's error code.
    code: str
    message: str
    checks: tuple[Check, ...]
    #: Known once the ref was found.
    sha: Sha | None = None
    #: Who occupies the environment, if that is the reason.
    holder: Holder | None = None


class Pending(DeploymentEvent):
    """What a deployment waits for. The pair is pinned from here on."""

    sha: Sha
    config_digest: str
    checks: tuple[Check, ...]
    #: What it waits for, in a sentence.
    message: str


class ReviewRequested(Pending):
    """These people are asked, and so many of them have to agree."""

    reviewers: tuple[Person, ...]
    required: int
    #: Whether the last approval that is needed sends it.
    on_approval: Literal["wait", "deploy"]
    #: Whether an overrider may send it without approvals.
    emergency: bool = False
    until: datetime


class ChecksPending(Pending):
    """Commit checks have not finished; GitHub is asked again until then."""

    contexts: tuple[str, ...]
    until: datetime


class DeployQueued(Pending):
    """It waits in line. Of two of one deployment the greater revision counts."""

    repository: Repository
    environment: str
    #: Counts those that wait from 1.
    position: int
    #: Who has the place; none while it is being given to the next.
    holder: Holder | None = None
    #: The request asks for the holder's end.
    take_over: bool = False


class QueueMoved(DeploymentEvent):
    """It waits in line at another place, or behind another."""

    position: int
    holder: Holder | None = None


class ConfirmationRefused(DeploymentEvent):
    """It can't be sent now. It goes on waiting, and its approvals stay."""

    confirmation_id: UUID
    code: str
    message: str
    checks: tuple[Check, ...]


class EnvironmentEvent(Event):
    """Something about one environment."""

    repository: Repository
    environment: str


class LockEvent(EnvironmentEvent):
    """Something about a lock. Of two about one lock the greater revision counts."""

    lock_id: UUID

    @property
    def subject(self) -> str:
        return str(self.lock_id)


class EnvironmentLocked(LockEvent):
    """Only its owner deploys here. Said again when the reason or the end changes."""

    #: The command that this answers.
    command_id: UUID
    owner: Person
    reason: str
    expires_at: datetime | None
    locked_at: datetime


class EnvironmentUnlocked(LockEvent):
    """The lock has ended, for good."""

    #: The command that this answers; none where another lock took its place.
    command_id: UUID | None
    cause: Literal["person", "expired", "taken_over"]
    #: None where its time had come.
    who: Person | None


class LockRefused(LockEvent):
    """A command about a lock can't be carried out."""

    command_id: UUID
    code: str
    message: str


class AutoDeployHeld(EnvironmentEvent):
    """After this rollback pushes are not deployed here."""

    rollback_id: UUID
    number: int
    who: Person

    @property
    def subject(self) -> str:
        return str(self.rollback_id)


class AutoDeployResumed(EnvironmentEvent):
    """Pushes are deployed here again."""

    rollback_id: UUID
    #: The command that this answers; none where somebody deployed.
    command_id: UUID | None
    who: Person

    @property
    def subject(self) -> str:
        return str(self.rollback_id)


class AutoDeployMatched(EnvironmentEvent):
    """`deploy.yml` wants this push to be deployed here."""

    #: GitHub's id of the webhook's delivery.
    delivery_id: str
    ref: Ref
    sha: Sha
    pusher: Person
    pushed_at: datetime | None = None

    @property
    def subject(self) -> str:
        return f"{self.repository.id}@{self.ref.name}"


class AutoDeployTold(Event):
    """Something about a repository's pushes. Of two the greater revision counts."""

    repository: Repository
    #: GitHub's id of the webhook's delivery.
    delivery_id: str

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class AutoDeployFailed(AutoDeployTold):
    """Whether this push is to be deployed can't be told: there are no valid rules."""

    ref: Ref
    sha: Sha
    pusher: Person
    pushed_at: datetime
    #: Why, and what to do.
    message: str


class AutoDeployRecovered(AutoDeployTold):
    """After one that failed there are rules for this push again."""
