"""What the sandbox itself remembers; everything else is git's own.

Ids are given out from one sequence, so an id means one thing only, and they lie
above 32 bits as many of GitHub's do.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    id: int


@dataclass(frozen=True)
class Repository(Record):
    """What became of the repository; there is none while nothing did."""

    full_name: str
    former_names: list[str] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Run:
    """The run of a workflow that filed a deployment, because a job names it."""

    id: int
    workflow: str
    event: str
    """What started it: push, deployment, schedule …"""


@dataclass(frozen=True)
class Deployment(Record):
    sha: str
    ref: str
    task: str
    payload: Any
    environment: str
    original_environment: str
    description: str | None
    transient: bool
    production: bool
    creator: str
    created_at: str
    updated_at: str
    run: Run | None = None
    """None: a client of the API made it."""

    def __post_init__(self) -> None:
        if isinstance(self.run, dict):  # as it was written down
            object.__setattr__(self, "run", Run(**self.run))


@dataclass(frozen=True)
class DeploymentStatus(Record):
    deployment_id: int
    state: str
    description: str
    environment: str
    environment_url: str
    log_url: str
    creator: str
    created_at: str


@dataclass(frozen=True)
class CommitStatus(Record):
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator: str
    created_at: str


@dataclass(frozen=True)
class CheckSuite(Record):
    sha: str
    app: str
    workflow: str | None
    """The workflow whose run this is; none: an app's own checks."""
    event: str | None
    """What started that run: push, deployment, schedule …"""
    status: str | None
    """As told; none: as its runs say."""
    created_at: str


@dataclass(frozen=True)
class CheckRun(Record):
    suite_id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    details_url: str | None
    external_id: str
    started_at: str | None
    completed_at: str | None
    title: str | None
    summary: str | None
    text: str | None


@dataclass(frozen=True)
class Hook(Record):
    url: str
    content_type: str
    secret: str
    insecure_ssl: str
    events: list[str]
    active: bool
    created_at: str
    updated_at: str
    of_app: bool = False
    """It is the App's, and hears of all that the installation covers."""


@dataclass(frozen=True)
class Delivery(Record):
    hook_id: int
    guid: str
    event: str
    action: str | None
    url: str
    redelivery: bool
    delivered_at: str
    pending: bool = True
    """Not tried yet: still to be sent, also after a restart."""
    status: str = ""
    status_code: int = 0
    duration: float = 0.0
    request_headers: dict[str, str] | None = None
    response_headers: dict[str, str] | None = None
    response_body: str = ""
    installation_id: int | None = None
    """Of the App's deliveries; what they say isn't what repositories' hooks get."""
    repository_id: int | None = None

    @property
    def content(self) -> str:
        """Under which name its body is kept."""
        return self.guid if self.installation_id is None else f"{self.guid}/app"


@dataclass(frozen=True)
class SeenRef(Record):
    """Where a branch or tag stood when its push was last told."""

    name: str
    sha: str


@dataclass(frozen=True)
class Person(Record):
    """Somebody of whom something else is told than in the settings."""

    login: str
    role: str
    organizations: list[str]
    repositories: dict[str, str] = field(default_factory=dict)
    """Others that they see in their list: full name and role. Nothing is in them."""
    removed: bool = False


@dataclass(frozen=True)
class Code(Record):
    """What somebody brought back from signing in, to be traded for a token, once."""

    digest: str
    client_id: str
    login: str
    redirect_uri: str
    challenge: str
    scope: str
    until: float


@dataclass(frozen=True)
class Installation(Record):
    permissions: dict[str, str]
    created_at: str
    updated_at: str
    covers: bool = True
    """The repository."""
    suspended_at: str | None = None
    removed: bool = False


@dataclass(frozen=True)
class InstallationToken(Record):
    digest: str
    permissions: dict[str, str]
    until: float


@dataclass(frozen=True)
class UserToken(Record):
    digest: str
    client_id: str
    login: str
    scope: str
    until: float | None = None
    """In seconds since 1970; none: it has no end."""
    refresh_digest: str = ""
