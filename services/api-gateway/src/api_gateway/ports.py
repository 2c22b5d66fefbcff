"""What the gateway needs from outside, in its own words."""

from typing import Protocol

from shared.contracts import Repository


class RepositoryUnknownError(Exception):
    """GitHub has no such repository, or does not show it to us."""


class GitHubAwayError(Exception):
    """GitHub gives no answer now; the message says why."""


class GitHub(Protocol):
    """The one thing that the gateway asks GitHub itself."""

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id.

        Raises:
            RepositoryUnknownError: There is none.
            GitHubAwayError: Nobody can tell now.
        """
        ...
