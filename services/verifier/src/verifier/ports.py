"""What the verifier asks of the world."""

from datetime import datetime
from typing import Protocol

from shared.contracts import Ref, Repository

from .domain.found import Contexts, Found, Named, People


class NoAnswerError(Exception):
    """GitHub says nothing for now; the text says why, and what a person can do."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        #: When asking again makes sense, if GitHub said so.
        self.retry_at = retry_at


class GitHub(Protocol):
    """GitHub's word on refs and people. Each question raises NoAnswerError."""

    async def look(
        self,
        repository: Repository,
        ref: Ref,
        *,
        sha: str | None = None,
        path: str = "deploy.yml",
    ) -> Found | None:
        """Look a ref up: its commit, its checks, and the rules that hold now.

        The repository is known by its id; none if GitHub doesn't show it to us. With
        `sha` this commit is meant, wherever the ref is now. `path` is where the rules
        are.
        """
        ...

    async def people(self, repository: Repository, named: Named) -> People:
        """Who they are, and what they may do there. Nobody named is no question."""
        ...

    async def contexts(self, repository: Repository, sha: str) -> Contexts | None:
        """What was reported about a commit; none if the commit is gone."""
        ...
