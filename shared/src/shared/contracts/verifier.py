"""What the verifier says."""

from datetime import datetime
from typing import ClassVar

from .base import DeploymentEvent
from .values import Check, Holder, Person, PinnedConfig, Ref, Repository, Sha


class RefVerified(DeploymentEvent):
    """This commit may be deployed, under these rules, until `not_after`."""

    passes_on_asking: ClassVar[bool] = True

    number: int
    #: As GitHub named it at `resolved_at`.
    repository: Repository
    environment: str
    ref: Ref
    sha: Sha
    config: PinnedConfig
    requested_by: Person
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
