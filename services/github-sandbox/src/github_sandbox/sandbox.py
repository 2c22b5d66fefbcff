"""All that one sandbox is made of, and what one call to it may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from github_sandbox.clock import now
from github_sandbox.deliveries import Courier
from github_sandbox.faults import Faults
from github_sandbox.git import Git
from github_sandbox.journal import Journal
from github_sandbox.limits import Limits
from github_sandbox.people import People
from github_sandbox.records import Delivery, Installation, Repository
from github_sandbox.settings import Settings
from github_sandbox.shapes.links import Links
from github_sandbox.shapes.repository import Facts
from github_sandbox.store import Store


@dataclass
class Sandbox:
    settings: Settings
    store: Store
    git: Git
    faults: Faults
    journal: Journal
    courier: Courier
    people: People
    limits: Limits = field(default_factory=Limits)
    started_at: str = field(default_factory=now)
    pushed_at: str = field(default_factory=now)
    """When a ref was seen to have moved last."""
    origin: str = ""
    """What the last client called us: the start of links outside of a request."""

    @property
    def repository(self) -> Repository:
        """What became of it since it was set up."""
        number = self.settings.id
        known = self.store.repositories.get(number)
        return known or Repository(id=number, full_name=self.settings.full_name)

    @property
    def installation(self) -> Installation | None:
        """The App's; none: it isn't installed."""
        if not len(self.store.installations):
            return None
        newest = list(self.store.installations)[-1]
        return None if newest.removed else newest

    @property
    def full_name(self) -> str:
        return self.repository.full_name

    @property
    def hidden(self) -> bool:
        """Whether nobody gets to see it."""
        return self.repository.deleted or self.faults.answers("hide_repository")

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def facts(self) -> Facts:
        return Facts(
            id=self.settings.id,
            default_branch=self.git.default_branch,
            created_at=self.started_at,
            pushed_at=self.pushed_at,
            archived=self.repository.archived,
        )

    def links(self, origin: str = "") -> Links:
        here = f"http://{self.settings.host}:{self.settings.port}"
        return Links(origin or self.origin or here, self.full_name)


@dataclass(frozen=True)
class Caller:
    """Who asks, by the token that came with the request."""

    login: str
    scopes: tuple[str, ...] | None = None
    """What an OAuth app was allowed; none: scopes don't limit this token."""
    permissions: Mapping[str, str] | None = None
    """What a GitHub App was granted; none: it is no App's token."""
    acts_as: str = "person"
    """Or `installation`: then it is nobody's, and may do what the App may."""


@dataclass
class Call:
    """One request, or one push, and the webhooks that it caused."""

    sandbox: Sandbox
    user: str
    links: Links
    method: str = "GET"
    caller: Caller = Caller("")
    where: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_body: bytes = b""
    path: str = ""
    caused: list[Delivery] = field(default_factory=list)
    """To be sent when the answer is out."""

    @property
    def store(self) -> Store:
        return self.sandbox.store

    @property
    def git(self) -> Git:
        return self.sandbox.git

    @property
    def role(self) -> str:
        """What the caller may do in the repository, as far as they are a person."""
        installed = self.caller.acts_as == "installation"
        return "admin" if installed else self.sandbox.people.role(self.user)

    @property
    def sees_repository(self) -> bool:
        if self.caller.permissions is not None:
            installation = self.sandbox.installation
            if installation is None or not installation.covers:
                return False
        return not self.sandbox.hidden and self.role != "none"


@dataclass(frozen=True)
class Answer:
    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Instead of JSON; its `Content-Type` is among the headers."""
    cost: int = 1
    """How much of the rate limit it takes."""
