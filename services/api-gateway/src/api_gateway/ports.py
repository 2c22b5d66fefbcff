"""What the gateway needs from outside, in its own words."""

from dataclasses import dataclass
from typing import Protocol

from shared.contracts import Repository


class RepositoryUnknownError(Exception):
    """GitHub has no such repository, or does not show it to us."""


class RefUnknownError(Exception):
    """The repository has no such branch, tag or commit."""


class GitHubAwayError(Exception):
    """GitHub gives no answer now; the message says why."""


@dataclass(frozen=True)
class FoundFile:
    """A file as it is in one commit."""

    commit: str
    #: None if there is no such file there.
    text: str | None
    #: It is there, but no text, or too large for GitHub to give it out.
    readable: bool = True


class GitHub(Protocol):
    """What the gateway asks GitHub itself."""

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id.

        Raises:
            RepositoryUnknownError: There is none.
            GitHubAwayError: Nobody can tell now.
        """
        ...

    async def read_file(
        self, repository: Repository, path: str, ref: str | None
    ) -> FoundFile:
        """A file at a ref, or at the head of the default branch.

        Raises:
            RepositoryUnknownError: There is no such repository any more.
            RefUnknownError: There is no such ref, or no commit at all.
            GitHubAwayError: Nobody can tell now.
        """
        ...
