"""What can come of a write at GitHub, as values: a caller matches on them.

Three of them say how sure we are. Nearly all are answers: GitHub decided, and what
they say has happened. `Unreachable` is no answer, but surely nothing was sent. After
`Ambiguous` GitHub may or may not have done it; whoever writes by intent looks it up
before anything is written again.
"""

from dataclasses import dataclass
from typing import Any

from .limits import RateLimited
from .resources import Deployment, DeploymentStatus, Hook


@dataclass(frozen=True)
class Created:
    deployment: Deployment


@dataclass(frozen=True)
class StatusCreated:
    status: DeploymentStatus


@dataclass(frozen=True)
class HookSaved:
    hook: Hook


@dataclass(frozen=True)
class Deleted:
    """It was there, and is gone."""


@dataclass(frozen=True)
class AutoMerged:
    """GitHub merged the default branch into the ref, and created no deployment."""

    message: str


@dataclass(frozen=True)
class MergeConflict:
    message: str


@dataclass(frozen=True)
class Context:
    """A commit status or check run as GitHub lists it; names may repeat."""

    context: str
    state: str


@dataclass(frozen=True)
class ChecksFailed:
    contexts: tuple[Context, ...]
    message: str = ""


@dataclass(frozen=True)
class RefNotFound:
    message: str


@dataclass(frozen=True)
class Invalid:
    """GitHub does not accept the request as it is; repeating it is pointless."""

    message: str
    #: GitHub's list of what is wrong: resource, field, code, message.
    errors: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Forbidden:
    message: str
    #: The permissions that would do, in GitHub's words, if it named them.
    needed: str | None = None


@dataclass(frozen=True)
class NotFound:
    message: str = "Not Found"


@dataclass(frozen=True)
class BadCredentials:
    message: str = "Bad credentials"


@dataclass(frozen=True)
class Redirected:
    """It lives elsewhere (renamed, transferred); nothing was written."""

    to: str


@dataclass(frozen=True)
class Ambiguous:
    """No answer, or none that tells: it may have happened, or happen yet."""

    reason: str


@dataclass(frozen=True)
class Unreachable:
    """Surely nothing was sent."""

    reason: str


Refusal = Invalid | Forbidden | NotFound | BadCredentials | RateLimited | Redirected
Failure = Refusal | Ambiguous | Unreachable
CreateOutcome = (
    Created | AutoMerged | MergeConflict | ChecksFailed | RefNotFound | Failure
)
StatusOutcome = StatusCreated | Failure
HookOutcome = HookSaved | Failure
DeleteOutcome = Deleted | Failure
