"""What the gateway needs from outside, in its own words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, Literal, Protocol, TypeVar

from shared.contracts import Person, Repository

T = TypeVar("T")

#: So many of a repository's tags are listed, the newest; GitHub tells them in order.
MOST_TAGS: Final = 2000
#: Ends what somebody may do by what they had allowed before that time.
EndAccess = Callable[[int, datetime], Awaitable[None]]
#: Why what is known is not from now.
Stale = Literal["github_unavailable", "rate_limited"]


class RepositoryUnknownError(Exception):
    """GitHub has no such repository, or does not show it to us."""


class NotCoveredError(RepositoryUnknownError):
    """Gitploy's GitHub App may not see it; the message says where to change that."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RefUnknownError(Exception):
    """The repository has no such branch, tag or commit."""


class GitHubAwayError(Exception):
    """GitHub gives no answer now; the message says why."""

    def __init__(self, why: str, again_in: timedelta | None = None) -> None:
        super().__init__(why)
        #: When it is worth asking again.
        self.again_in = again_in


class PersonLimitedError(GitHubAwayError):
    """GitHub answers no more in somebody's name for a while: they have asked too much.

    GitHub itself is there, and may be asked with another token.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"GitHub answers nothing more in your name until {until:%H:%M:%S} UTC, "
            "because your rate limit there is used up"
        )
        self.until = until


class LookedUpTooMuchError(GitHubAwayError):
    """Somebody has asked for too many repositories that were never shown to them."""

    def __init__(self) -> None:
        super().__init__(
            "you have looked for too many repositories that are not known to be "
            "yours: wait a minute, or sign in with GitHub"
        )


class TokenRefusedError(Exception):
    """GitHub does not take the person's token, or Gitploy's own."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("GitHub does not take the token")
        #: Whether it is Gitploy's.
        self.own = own


class TokenTooWeakError(Exception):
    """The token may not read this; the message says what it lacks."""


class InNameOf(Protocol):
    """Asks GitHub with a person's own token; with none, Gitploy asks for itself.

    A token that GitHub refuses (`TokenRefusedError`) ends all that it was good for.
    """

    async def __call__(
        self, who: Person, ask: Callable[[str | None], Awaitable[T]]
    ) -> T: ...


@dataclass(frozen=True)
class FoundFile:
    """A file as it is in one commit."""

    commit: str
    #: None if there is no such file there.
    text: str | None
    #: It is there, but no text, or too large for GitHub to give it out.
    readable: bool = True


class GitHub(Protocol):
    """What the gateway asks GitHub itself.

    All of it raises:
        TokenRefusedError: GitHub does not take Gitploy's own token.
        TokenTooWeakError: That may not read it.
    """

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id.

        Raises:
            RepositoryUnknownError: There is none.
            GitHubAwayError: Nobody can tell now.
        """
        ...

    async def read_file(
        self, repository: Repository, path: str, ref: str | None
    ) -> "Known[FoundFile]":
        """A file at a ref, or at the head of the default branch.

        Raises:
            RepositoryUnknownError: There is no such repository any more.
            RefUnknownError: There is no such ref, or no commit at all.
            GitHubAwayError: Nobody can tell now, and nobody has asked lately.
        """
        ...


@dataclass(frozen=True)
class Known(Generic[T]):
    """What GitHub says, or said."""

    value: T
    #: Since when nobody has asked whether it is still so.
    age: timedelta = timedelta(0)
    #: Set if GitHub was asked for news and gave none.
    stale: Stale | None = None


@dataclass(frozen=True)
class Part(Generic[T]):
    """A page of a list at GitHub."""

    items: tuple[T, ...]
    #: Whether there is a page after it.
    more: bool = False


@dataclass(frozen=True)
class NamedCommit:
    """A branch or a tag."""

    name: str
    commit_sha: str


@dataclass(frozen=True)
class Author:
    login: str
    avatar_url: str
    date: datetime | None


@dataclass(frozen=True)
class Commit:
    sha: str
    message: str
    html_url: str
    #: None if GitHub knows no account of that address.
    author: Author | None


@dataclass(frozen=True)
class Report:
    """What somebody's tool says of a commit: a commit status or a check run."""

    context: str
    avatar_url: str
    target_url: str
    state: Literal["success", "failure", "pending", "cancelled", "skipped"]


@dataclass(frozen=True)
class Quota:
    """How often GitHub may still be asked."""

    limit: int
    remaining: int
    reset: datetime


class Browsing(Protocol):
    """What pages show of a repository at GitHub, as somebody may see it there.

    What was asked a moment ago is answered at once, also while GitHub is away. All of
    it raises:
        RepositoryUnknownError: There is no such repository any more.
        RefUnknownError: There is no such branch, tag or commit.
        TokenRefusedError: GitHub does not take the token.
        TokenTooWeakError: The token may not read it.
        GitHubAwayError: Nobody can tell now, and nobody has asked lately.
    """

    async def branches(
        self, who: Person, repository: Repository, page: int, per_page: int
    ) -> Known[Part[NamedCommit]]: ...

    async def branch(
        self, who: Person, repository: Repository, name: str
    ) -> Known[NamedCommit]: ...

    async def default_branch(
        self, who: Person, repository: Repository
    ) -> Known[NamedCommit]: ...

    async def tags(
        self, who: Person, repository: Repository, page: int, per_page: int
    ) -> Known[Part[NamedCommit]]:
        """The newest first."""
        ...

    async def tag(
        self, who: Person, repository: Repository, name: str
    ) -> Known[NamedCommit]:
        """The one of exactly that name."""
        ...

    async def commits(
        self,
        who: Person,
        repository: Repository,
        branch: str | None,
        page: int,
        per_page: int,
    ) -> Known[Part[Commit]]:
        """Those of a branch, or of the default branch, the newest first."""
        ...

    async def commit(
        self, who: Person, repository: Repository, ref: str
    ) -> Known[Commit]: ...

    async def reports(
        self, who: Person, repository: Repository, ref: str
    ) -> Known[tuple[Report, ...]]:
        """All that was reported on a commit: of each tool's the newest."""
        ...

    async def changes(
        self,
        who: Person,
        repository: Repository,
        base: str,
        head: str,
        page: int,
        per_page: int,
    ) -> Known[Part[Commit]]:
        """What one commit has and another has not, the oldest first."""
        ...

    async def quota(self, who: Person) -> Known[Quota]: ...
