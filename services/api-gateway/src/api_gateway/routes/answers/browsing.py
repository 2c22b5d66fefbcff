"""What GitHub tells of a repository's branches, tags and commits."""

from collections.abc import Sequence
from typing import Literal

from .base import Answer, Time


class NamedCommit(Answer):
    """A branch or a tag."""

    name: str
    commit_sha: str
    """Of an annotated tag: the commit that it leads to."""


class Author(Answer):
    """The account of whoever wrote a commit."""

    login: str
    avatar_url: str
    date: Time


class Commit(Answer):
    """A commit."""

    sha: str
    message: str
    is_pull_request: Literal[False]
    """Gitploy's clients expect it; it says nothing."""
    html_url: str
    author: Author | None = None
    """Missing if GitHub knows no account of that address."""


class CommitStatus(Answer):
    """What a tool reports on a commit: a commit status or a check run."""

    context: str
    avatar_url: str
    target_url: str
    state: Literal["success", "failure", "pending", "cancelled", "skipped"]


class CommitStatuses(Answer):
    """All that is reported on a commit, and what it comes to."""

    state: Literal["success", "failure", "pending"]
    """`success` also where nothing was reported."""
    statuses: Sequence[CommitStatus]


class RateLimit(Answer):
    """How often GitHub may still be asked."""

    limit: int
    remaining: int
    reset: Time
