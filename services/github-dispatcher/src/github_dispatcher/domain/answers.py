"""What GitHub answers, in the dispatcher's words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts import RefVerified

#: Outcomes from which something follows; the others are for people.
RATE_LIMITED: Final = "rate_limited"
REDIRECTED: Final = "redirected"


@dataclass(frozen=True)
class GitHubDeployment:
    """A deployment as GitHub has it."""

    id: int
    sha: str
    url: str
    environment: str
    task: str
    #: The deployment of ours that it claims to be.
    marker: UUID | None

    def carries_out(self, order: RefVerified) -> bool:
        """Whether one of our attempts can have made it.

        Where a name was sent GitHub decides which commit that is. It may write an
        environment as it was written first.
        """
        if self.sha != order.sha and not sent_by_name(order):
            return False
        if self.environment.casefold() != order.environment.casefold():
            return False
        return (self.marker, self.task) == (order.deployment_id, order.config.task)


def sent_by_name(order: RefVerified) -> bool:
    """Whether GitHub gets the ref's name: a rollback's may mean another commit now."""
    named = order.config.ref_at_github == "name" and order.ref.type != "commit"
    return named and order.rollback_of is None


@dataclass(frozen=True)
class Refusal:
    """GitHub won't have it, now or later. Nothing was created."""

    code: str
    #: What GitHub said, and what to do about it.
    message: str


@dataclass(frozen=True)
class NotNow:
    """Surely nothing was created, and another time it may work."""

    outcome: str
    message: str
    #: When GitHub wants to be asked again, if it said so.
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Unclear:
    """It may have been created, or be created yet."""

    reason: str


@dataclass(frozen=True)
class PostedStatus:
    """GitHub has the status."""

    id: int


Answer = GitHubDeployment | Refusal | NotNow | Unclear
StatusAnswer = PostedStatus | Refusal | NotNow | Unclear


@dataclass(frozen=True)
class Stopped:
    """What a deployment's end at GitHub came to."""

    #: What happened, in a sentence.
    happened: str
    #: The tooling's own final status that was there already.
    final_status_id: int | None = None


@dataclass(frozen=True)
class Limits:
    """How long things may take."""

    #: The POST's timeout, in seconds.
    post_s: float = 10
    #: How much longer an attempt is open than its POST takes.
    spare_s: float = 20
    #: When an attempt that was settled without an answer is looked up once more.
    late_look_s: float = 600
