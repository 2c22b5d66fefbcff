"""What the verifier asks of the world."""

from datetime import datetime
from typing import Protocol

from shared.contracts import Ref, Repository

from .domain.found import Contexts, Found


class NoAnswerError(Exception):
    """GitHub says nothing for now; the text says why, and what a person can do."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        #: When asking again makes sense, if GitHub said so.
        self.retry_at = retry_at


class GitHub(Protocol):
    """GitHub's word on refs. Both questions raise NoAnswerError."""

    async def look(self, repository: Repository, ref: Ref) -> Found | None:
        """Look a ref up: its commit, its checks, and the rules that hold now.

        The repository is known by its id; none if GitHub doesn't show it to us.
        """
        ...

    async def contexts(self, repository: Repository, sha: str) -> Contexts | None:
        """What was reported about a commit; none if the commit is gone."""
        ...
