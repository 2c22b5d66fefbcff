"""What the dispatcher does to the world."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from shared.contracts import RefVerified, RemoteStatusRequested, Repository

from .domain.answers import (
    Answer,
    GitHubDeployment,
    Refusal,
    StatusAnswer,
    Stopped,
)
from .domain.hook import HookReady


class NoAnswerError(Exception):
    """GitHub gives no answer to use now; worth another try after a while."""

    def __init__(
        self, reason: str, after: timedelta, limited_until: datetime | None = None
    ) -> None:
        super().__init__(reason)
        self.after = after
        #: When the limit ends that GitHub has named, if that is why.
        self.limited_until = limited_until


class OutOfReachError(NoAnswerError):
    """GitHub does not let us see it. That may pass, or it may not."""


class RepositoryGoneError(Exception):
    """GitHub has no such repository, or doesn't show it to us any more."""


class GitHub(Protocol):
    """All that is written to GitHub. Every asynchronous method raises NoAnswerError."""

    def reserve(self) -> datetime | None:
        """Set a write aside; or when there is one to be had."""
        ...

    def release(self) -> None:
        """Give it back, unused."""
        ...

    async def locate(self, repository: Repository, known_at: datetime) -> Repository:
        """The repository under the name that it has now.

        Args:
            repository: With the name that it had at `known_at`.
            known_at: If that is but a moment ago, GitHub isn't asked.

        Raises:
            RepositoryGoneError: There is none.
        """
        ...

    async def create(
        self, order: RefVerified, repository: Repository, begin_by: datetime
    ) -> Answer:
        """Create the deployment, with the write that was set aside; never twice."""
        ...

    async def find(self, order: RefVerified) -> Sequence[GitHubDeployment]:
        """All that attempts for this order have made, whoever made them.

        Raises:
            RepositoryGoneError: There is no repository in which to look.
        """
        ...

    async def read(
        self, repository: Repository, github_deployment_id: int
    ) -> GitHubDeployment | None:
        """The deployment as GitHub has it; None if it has none.

        Raises:
            RepositoryGoneError: There is no repository in which to look.
        """
        ...

    async def stop(
        self,
        repository: Repository,
        github_deployment_id: int,
        *,
        mark: UUID,
        reason: str,
        spare_finished: bool = False,
    ) -> Stopped:
        """Set it to `error` with our mark, unless that was done.

        With `spare_finished`, one that the tooling has finished is left as it is.

        Raises:
            RepositoryGoneError: There is no repository in which to do that.
        """
        ...

    async def post_status(
        self, wish: RemoteStatusRequested, repository: Repository, begin_by: datetime
    ) -> StatusAnswer:
        """Post it, with the write that was set aside; never twice."""
        ...

    async def find_status(
        self, wish: RemoteStatusRequested, since: datetime
    ) -> Sequence[int]:
        """The ids of statuses of this content that are no older than that.

        Raises:
            RepositoryGoneError: There is no repository in which to look.
        """
        ...

    async def ensure_hook(self, repository: Repository) -> HookReady | Refusal:
        """Have GitHub send this repository's webhooks to us."""
        ...

    async def remove_hook(self, repository: Repository) -> None:
        """Have GitHub send us nothing more."""
        ...
