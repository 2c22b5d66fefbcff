"""What status-sync asks of the world."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from shared.contracts import Repository

from .domain.github_deployment import StatusKept
from .reconcile import Attempt
from .webhooks import Webhook


class NoAnswerError(Exception):
    """GitHub gives no answer to use now; worth another try after a while."""

    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class GitHub(Protocol):
    """What GitHub knows. Every method raises NoAnswerError."""

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | None:
        """All statuses of a deployment; None if the repository has no such any more."""
        ...

    async def attempts(
        self, repository: Repository, webhook_id: int, since: datetime
    ) -> Sequence[Attempt]:
        """What became of the deliveries: at least those that failed."""
        ...

    async def delivery(
        self, repository: Repository, webhook_id: int, attempt: Attempt
    ) -> Webhook:
        """What it tried to deliver."""
        ...
