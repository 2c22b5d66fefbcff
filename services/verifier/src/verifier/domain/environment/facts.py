"""What is kept in an environment's stream and said to nobody else."""

from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from shared.contracts import Fact, Holder, Person, Ref, Sha
from verifier.domain.refs import short_name

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class Claim(Fact):
    """Who wants to deploy what here."""

    deployment_id: UUID
    number: int
    ref: Ref
    requested_by: Person
    sha: Sha | None = None
    origin: Literal["person", "push", "rollback"] = "person"
    #: When its ref meant this commit.
    as_of: datetime | None = None

    @property
    def line(self) -> str:
        """What it has in common with those that are older or newer than it."""
        return f"{self.ref.type} {short_name(self.ref) or self.ref.name}"

    @property
    def age(self) -> tuple[datetime, int]:
        """Of two of one line the greater is the newer."""
        return self.as_of or _LONG_AGO, self.number


class SlotGranted(Claim):
    """This deployment may run here until its slot ends."""


class SlotRefused(Fact):
    """Something here kept this deployment out, and it never gets a place."""

    deployment_id: UUID
    number: int
    #: The API's error code.
    code: str = "deployment_serialization"
    #: Who has the place, if that is why.
    holder: Holder | None = None


class SlotEnded(Fact):
    """This deployment is over: its place is free, and it never gets another."""

    deployment_id: UUID


class Waits(Claim):
    """This deployment is still wanted, and waits for something."""

    waits_for: Literal["checks", "review", "slot"]
    #: A newer one that waits for the slot takes its place in line.
    gives_way: bool = False
    #: Deployments that somebody else made at GitHub are in its way.
    minds_foreign: bool = False
    #: And so long these may go on without news.
    timeout_s: int | None = None


class ChecksPassed(Claim):
    """The commit of a push has passed its checks, whatever else keeps it out."""


class CommitFinished(Fact):
    """The tooling, ours or another, has come to an end with a commit here."""

    deployment_id: UUID
    sha: Sha
    succeeded: bool
    finished_at: datetime
    github_status_id: int


class ForeignStarted(Fact):
    """Somebody deploys here past Gitploy."""

    deployment_id: UUID
    github_deployment_id: int
    ref: str
    sha: Sha
    creator: Person | None
    started_at: datetime
