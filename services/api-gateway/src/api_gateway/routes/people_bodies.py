"""What requests about people say, in their bodies and behind their paths."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from .bodies import Body, Line
from .lock_bodies import Time
from .queries import Filter, PageQuery

FULL_NAME = r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$"


class PeopleQuery(PageQuery):
    """Which people are wanted."""

    q: Filter | None = None
    """A part of the login."""


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
    #: The only one that it is for, as `owner/name`.
    repository: Annotated[Line, Field(max_length=200, pattern=FULL_NAME)] | None = None
    expires_at: Time | None = None
