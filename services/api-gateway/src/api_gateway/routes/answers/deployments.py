"""Deployments and what belongs to them; repositories, because each shows the other."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from api_gateway.domain.phase import Phase
from shared.contracts import Check, Override, Person

from .base import Answer, Became, Time
from .people import NoEdges, User


class RepositoryCommand(Became):
    """The newest command about a repository."""

    id: UUID
    active: bool
    """Whether it is to be followed."""


class AutoDeployProblem(Answer):
    """Why a push was deployed nowhere, though nobody knows whether it should be."""

    message: str
    ref: str
    """The branch or tag that was pushed."""
    sha: str
    at: Time
    """When it was pushed."""


class RepositoryEdges(Answer):
    """What belongs to a repository."""

    owner: User | None
    deployments: list["Deployment"]
    """The three newest, in lists of repositories."""


class Repository(Answer):
    """A repository."""

    id: int
    """GitHub's id."""
    namespace: str
    name: str
    description: str
    config_path: str
    """Where its rules are."""
    active: bool
    """Whether Gitploy follows it."""
    webhook_id: int
    created_at: Time
    updated_at: Time
    latest_deployed_at: Time
    owner_id: int
    """Who gave the newest command."""
    command: RepositoryCommand | None
    """None: there was none yet, GitHub only shows the repository."""
    auto_deploy_problem: AutoDeployProblem | None
    """None: there were valid rules for the last push."""
    edges: RepositoryEdges


class Commanded(Answer):
    """A command that nobody has answered yet."""

    id: UUID
    state: Literal["pending"]


class RepositoryAsked(Answer):
    """A command about a repository that does not show yet."""

    command: Commanded


class Status(Answer):
    """What GitHub has told about a deployment."""

    id: int
    status: str
    """GitHub's own word."""
    description: str
    log_url: str
    created_at: Time
    updated_at: Time
    deployment_id: int
    repo_id: int
    environment_url: str
    github_status_id: int
    creator: Person | None
    ours: bool
    """Whether Gitploy posted it, to cancel."""
    edges: NoEdges


class ReviewEdges(Answer):
    """What belongs to a review."""

    user: User
    deployment: "Deployment | None" = None
    """Absent where the review is shown with its deployment."""


class Review(Answer):
    """What one reviewer was asked, and has answered."""

    id: int
    status: Literal["pending", "approved", "rejected"]
    comment: str
    created_at: Time
    updated_at: Time
    user_id: int
    deployment_id: int
    edges: ReviewEdges


class ReviewGiven(Answer):
    """A reviewer's answer that does not show yet."""

    status: Literal["pending", "approved", "rejected"]
    comment: str
    user_id: int


class Asked(Answer):
    """How often it was asked again, because no answer came."""

    times: int
    last: Time


class PlaceHolder(Answer):
    """Whose place it waits for."""

    number: int | None
    """None: somebody else made it at GitHub."""
    uuid: str
    since: Time


class WaitsFor(Answer):
    """What a deployment waits for."""

    what: Literal[
        "verification", "checks", "reviews", "queue", "github", "tooling", "cancel"
    ]
    message: str | None
    since: Time | None
    until: Time | None
    """When patience ends; none: the line has no end of its own."""
    asked: Asked | None
    who: list[str]
    """The reviewers who have not answered, or the checks that have not finished."""
    required: int | None
    """So many approvals are needed."""
    approved: int | None
    emergency: bool | None
    """Whether an overrider may send it without them."""
    position: int | None
    """The place in line, from 1."""
    holder: PlaceHolder | None


class RollbackOf(Answer):
    """What a rollback goes back to."""

    number: int
    uuid: UUID
    sha: str


class Confirmation(Answer):
    """The newest word that a deployment is to be sent."""

    id: UUID
    nth: int
    by: Person
    at: Time
    override: Override | None
    code: str | None
    """Why it was not sent."""
    message: str | None


class Sync(Answer):
    """What GitHub was asked last about a deployment."""

    id: UUID
    at: Time
    answered: bool


class DeploymentEdges(Answer):
    """What belongs to a deployment."""

    user: User
    repo: Repository | None
    reviews: list[Review]
    """Empty in lists."""
    deployment_statuses: Sequence[Status] = ()
    """Absent in lists."""


class Deployment(Answer):
    """A deployment: Gitploy's members, then ours."""

    id: int
    number: int | None
    """Counts those of the repository from 1; none: somebody else made it at GitHub."""
    type: Literal["branch", "tag", "commit"]
    env: str
    ref: str
    dynamic_payload: dict[str, Any] | None
    status: str
    """A coarser word for its phase."""
    uid: int
    """GitHub's id; 0: it has none yet."""
    sha: str
    html_url: str
    production_environment: bool
    is_rollback: bool
    created_at: Time
    updated_at: Time
    user_id: int
    repo_id: int
    is_approval_enabled: None
    required_approval_count: None
    uuid: UUID
    """Its name in events, in logs and at GitHub."""
    phase: Phase
    code: str | None
    """Why it ended or is being canceled, if that was not the tool's word."""
    message: str | None
    """The same for people."""
    checks: list[Check]
    """As the verifier has told them last."""
    waits_for: WaitsFor | None
    """None at the end."""
    config_digest: str | None
    """Of the rules that were pinned with the commit."""
    foreign: bool
    """Whether somebody else made it at GitHub."""
    source: Literal["api", "push", "rollback", "retry", "promotion", "github"]
    rollback_of: RollbackOf | None
    override: Override | None
    confirmation: Confirmation | None
    sync: Sync | None
    log_url: str
    """The newest link that the tool's statuses gave."""
    edges: DeploymentEdges


class DeploymentRecorded(Answer):
    """A deployment that was asked for and does not show yet."""

    number: int
    uuid: UUID
    status: str
    phase: Phase


class Released(Answer):
    """A deployment whose place is given to others."""

    number: int | None
    uuid: UUID


class Release(Answer):
    """What had a place and has none any more."""

    released: list[Released]


class Event(Answer):
    """One thing that was said about a deployment."""

    id: str
    type: str
    time: Time
    source: str
    """The service that said it."""
    who: Person | None
    data: dict[str, Any]
    """All that the event says."""
