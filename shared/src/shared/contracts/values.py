"""The parts that several events share."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from .base import Value

#: A full commit id, lower case.
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]


class Repository(Value):
    """A repository, known by GitHub's numeric id; the name may change."""

    id: int
    #: `owner/name`, as it was when this was said.
    full_name: str


class Person(Value):
    """Somebody at GitHub: the numeric id, and the login at that time."""

    id: int
    login: str


class Ref(Value):
    """What somebody wants to be deployed, in the words they used."""

    type: Literal["branch", "tag", "commit"]
    name: str


CheckState = Literal["passed", "failed", "pending", "warning", "overridden", "skipped"]


class Check(Value):
    """One question that the verifier asked, and the answer, for people to read."""

    code: str
    state: CheckState
    message: str
    url: str | None = None
    #: Who or what has to move before it passes, the first twenty of them: people,
    #: environments, the commit's checks, a deployment as `#12`.
    waits_for: tuple[str, ...] = ()
    #: When it passes by itself, if it does.
    until: datetime | None = None


class PinnedReview(Value):
    """Whose approval a rule asked for, as it was evaluated."""

    reviewers: tuple[str, ...]
    required: int = 1
    on_approval: Literal["wait", "deploy"] = "wait"
    #: How long it is waited for, in seconds.
    timeout_s: int = 604_800
    on_rollback: Literal["skip", "require"] = "skip"
    emergency: bool = False


class PinnedConfig(Value):
    """The part of `deploy.yml` that a deployment was verified against.

    Read from the head of the default branch and evaluated; what follows in a
    deployment's life is ruled by this and not by what the file says later.
    """

    #: The commit of the default branch that it was read from.
    commit: str
    #: SHA-256 of the evaluated environment: approvals and refusals refer to it.
    digest: str
    environment: str
    task: str = "deploy"
    description: str = ""
    payload: JsonValue = None
    production_environment: bool = False
    serialization: bool = False
    #: What GitHub gets as `ref`: the verified commit, or its name, which is weaker.
    ref_at_github: Literal["commit", "name"] = "commit"
    #: How long it may go on without news, in seconds.
    timeout_s: int = 3600
    #: Who may deploy, who may pass over checks, and whose approval is needed: for a
    #: rollback to this deployment when there are no other rules any more. Empty, and
    #: none: no rule named anybody.
    deployers: tuple[str, ...] = ()
    overriders: tuple[str, ...] = ()
    review: PinnedReview | None = None


class Override(Value):
    """Checks that somebody wants to pass over, and why."""

    #: Codes of checks.
    checks: tuple[str, ...]
    reason: str


class Approval(Value):
    """One reviewer's yes to one commit under one configuration."""

    reviewer: Person
    approved_at: datetime


class RollbackTarget(Value):
    """An earlier deployment of the same environment that succeeded."""

    deployment_id: UUID
    number: int
    sha: Sha
    #: The rules that it was verified against, and the payload that it was sent with.
    config: PinnedConfig
    #: Whether the commit had the approvals that it needed.
    approved: bool = False


class Holder(Value):
    """The deployment that occupies an environment's only place."""

    deployment_id: str
    number: int
    since: datetime
    #: Of one that somebody else made at GitHub: how long it may go on without news, by
    #: the rules of whoever finds the place taken.
    timeout_s: int | None = None
