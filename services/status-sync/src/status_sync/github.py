"""status-sync's view of GitHub, over the shared client.

Everything is asked by the repository's numeric id, which a rename doesn't change.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import orjson

from shared.contracts import Repository
from shared.github import GitHubClient
from shared.github.errors import (
    GitHubError,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnavailable,
)
from shared.github.limits import Clock
from shared.github.webhooks import JSON

from .domain.github_deployment import StatusKept
from .ports import NoAnswerError
from .reconcile import Attempt
from .webhooks import Webhook, read_status

#: GitHub has trouble that will pass.
SOON: Final = timedelta(seconds=10)
#: Somebody has to give us a right, or a repository back.
LATER: Final = timedelta(minutes=10)


class GitHubStatuses:
    """The port `GitHub`, asked for real."""

    def __init__(self, client: GitHubClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | None:
        with self._answering(repository):
            try:
                found = await self.client.list_statuses(
                    repository.id, github_deployment_id
                )
            except GitHubNotFound:
                # Gone is only what a repository that we may see doesn't have.
                await self.client.get_repository(repository.id)
                return None
        return [read_status(repository, github_deployment_id, one) for one in found]

    async def attempts(
        self, repository: Repository, webhook_id: int, since: datetime
    ) -> Sequence[Attempt]:
        attempts = []
        with self._answering(repository):
            async for one in self.client.list_hook_deliveries(
                repository.id, webhook_id, "failure"
            ):
                if one.delivered_at is None or one.delivered_at < since:
                    break
                attempts.append(
                    Attempt(one.id, one.guid, one.event, one.delivered_at, one.arrived)
                )
        return attempts

    async def delivery(
        self, repository: Repository, webhook_id: int, attempt: Attempt
    ) -> Webhook:
        with self._answering(repository):
            found = await self.client.get_hook_delivery(
                repository.id, webhook_id, attempt.id
            )
        payload = found.request.payload if found.request else None
        return Webhook(found.event, found.guid, JSON, orjson.dumps(payload))

    @contextmanager
    def _answering(self, repository: Repository) -> Iterator[None]:
        try:
            yield
        except GitHubError as error:
            reason = f"{repository.full_name}: {error}"
            raise NoAnswerError(reason, self._after(error)) from error

    def _after(self, error: GitHubError) -> timedelta:
        match error:
            case GitHubRateLimited(retry_at=at) | GitHubUnavailable(retry_at=at) if at:
                return max(at - self.clock(), timedelta())
            case GitHubUnavailable():
                return SOON
        return LATER
