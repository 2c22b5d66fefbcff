"""Why a read of GitHub gave no answer: one exception per thing a caller does about it.

Writes don't raise: their outcome is a value (`outcomes`), because a write that failed
is not the exception but half of the dispatcher's work.
"""

from datetime import datetime


class GitHubError(Exception):
    """GitHub was asked, and there is no answer to use."""


class GitHubUnavailable(GitHubError):
    """GitHub could not be reached, was too slow, or had trouble of its own."""

    #: When GitHub said that it wants to be asked again, if it did.
    retry_at: datetime | None = None


class GitHubRateLimited(GitHubError):
    """GitHub wants to be left alone until `retry_at`."""

    def __init__(self, retry_at: datetime, *, secondary: bool = False) -> None:
        super().__init__(
            f"GitHub's rate limit is used up until {retry_at:%H:%M:%S} UTC"
        )
        self.retry_at = retry_at
        self.secondary = secondary


class GitHubNotFound(GitHubError):
    """There is no such thing, or this token may not see it; GitHub hides which."""


class AppNotInstalled(GitHubNotFound):
    """The GitHub App's installation covers no such repository, or there is none."""

    def __init__(self, repo: str) -> None:
        super().__init__(f"our GitHub App's installation does not cover {repo}")


class GitHubUnauthorized(GitHubError):
    """The token is wrong or has ended."""


class GitHubForbidden(GitHubError):
    """The token may not do this."""

    def __init__(self, message: str, needed: str | None = None) -> None:
        super().__init__(message)
        #: The permissions that would do, in GitHub's words, if it named them.
        self.needed = needed


class GitHubRejected(GitHubError):
    """GitHub does not accept the question as it was put."""
