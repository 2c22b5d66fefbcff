"""What accounts need of GitHub, in their own words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from api_gateway.domain.access import Permission


class CodeRefusedError(Exception):
    """GitHub gives no token for this; the message says why."""


@dataclass(frozen=True)
class Grant:
    """What GitHub gives Gitploy to act in a person's name."""

    token: str = field(repr=False)
    #: Only where the token ends, and when.
    refresh: str | None = field(default=None, repr=False)
    until: datetime | None = None


@dataclass(frozen=True)
class Profile:
    """Who somebody is at GitHub."""

    id: int
    login: str
    avatar: str = ""


@dataclass(frozen=True)
class Seen:
    """A repository as GitHub shows it to a person."""

    id: int
    full_name: str
    permission: Permission
    description: str = ""


class GitHubPeople(Protocol):
    """What accounts ask GitHub.

    All of it raises:
        GitHubAwayError: Nobody can tell now.
        PersonLimitedError: It can't be asked with this token for a while.
        TokenRefusedError: GitHub does not take the token.
        TokenTooWeakError: The token may not do this; the message says what it lacks.
    """

    def sign_in_url(self, state: str, verifier: str, redirect_uri: str) -> str:
        """Where somebody says to GitHub that Gitploy may act in their name."""
        ...

    async def trade(self, code: str, verifier: str, redirect_uri: str) -> Grant:
        """What the code is worth.

        Raises:
            CodeRefusedError: Nothing.
        """
        ...

    async def refresh(self, refresh: str) -> Grant:
        """A new token; what there was before is worth nothing from then on.

        Raises:
            CodeRefusedError: There is none any more.
        """
        ...

    async def profile(self, token: str) -> Profile:
        """Whose token it is."""
        ...

    async def organizations(self, token: str) -> Sequence[str]:
        """All that the person is a member of, by their logins."""
        ...

    async def repositories(self, token: str) -> Sequence[Seen]:
        """All that the person has to do with."""
        ...

    async def repository(self, token: str, repo: int | str) -> Seen | None:
        """One of them, by its number or name; none if GitHub shows it not."""
        ...

    async def collaboration(
        self, repo: int | str, login: str
    ) -> tuple[Profile, Seen] | None:
        """Who is called so, and what they may do there: asked with Gitploy's token."""
        ...
