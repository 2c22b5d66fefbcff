"""What requests about people say, in their bodies and behind their paths."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api_gateway.domain.acts import ActsWanted

from .bodies import Body
from .lock_bodies import Time
from .queries import Filter, PageQuery, Query
from .queries import Time as Moment
from .texts import FullName, Line


class SignInQuery(Query):
    """Where to go after signing in, or how GitHub leads back."""

    next: Filter | None = None
    """The path to go to then."""
    code: Line | None = None
    """What GitHub gives for a token."""
    state: Line | None = None
    """What shows that it was begun in this browser."""
    error: Line | None = None
    """Why GitHub gives no code."""
    error_description: Line | None = None
    """The same for people."""


class PeopleQuery(PageQuery):
    """Which people are wanted."""

    q: Filter | None = None
    """A part of the login."""


class AuditQuery(PageQuery):
    """Which of the things that people did are wanted."""

    narrowed_by = ("from", "to")
    since: Moment | None = Field(default=None, alias="from")
    """Only those of that time and later."""
    to: Moment | None = None
    """Only those of that time and before."""
    who: Filter | None = None
    """Only those of this person, by login."""
    repository: Filter | None = None
    """Only those in this repository, as `owner/name`."""
    action: Filter | None = None
    """Only of this kind."""

    @property
    def wanted_acts(self) -> ActsWanted:
        return ActsWanted(
            since=self.since,
            until=self.to,
            who=self.who,
            repository=self.repository,
            action=self.action,
        )


class UserBody(Body):
    """What is to change about a user."""

    # A member that we don't know would have to change something, and could not.
    model_config = ConfigDict(extra="forbid")

    admin: bool | None = None


class TokenBody(Body):
    """What a personal API token is to be good for."""

    # Whoever mistypes a limit must not get a token without it.
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(max_length=100)]
    scope: Literal["read", "deploy", "admin"]
    repository: FullName | None = None
    """The only one that it is for, as `owner/name`."""
    expires_at: Time | None = None
    """When it ends by itself: a time to come."""
