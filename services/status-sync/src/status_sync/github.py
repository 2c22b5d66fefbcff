"""status-sync's view of GitHub, over the shared client.

Everything is asked by the repository's numeric id, which a rename doesn't change.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import orjson
import structlog

from shared.contracts import Repository
from shared.github import (
    Clock,
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnavailable,
    HookDelivery,
)
from shared.github.webhooks import JSON

from .domain.hooks import AnyHook, AppHook, HookState
from .domain.told import StatusKept
from .ports import Lack, NoAnswerError
from .reconcile import Attempt, hook_state
from .webhooks import Webhook, read_status

#: GitHub has trouble that will pass.
SOON: Final = timedelta(seconds=10)
#: Somebody has to give us a right, or a repository back.
LATER: Final = timedelta(minutes=10)
#: So many attempts are listed; older ones are looked at when these are done.
MOST_LISTED: Final = 10_000

log = structlog.get_logger()


class GitHubReader:
    """The port `GitHub`, asked for real."""

    def __init__(self, client: GitHubClient, clock: Clock) -> None:
        self.client = client
        self.clock = clock

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | Lack:
        with self._answering(repository.full_name):
            try:
                found = await self.client.list_statuses(
                    repository.id, github_deployment_id
                )
            except GitHubNotFound:
                return Lack.ABSENT
            except GitHubForbidden:
                return Lack.FORBIDDEN
        return [read_status(repository, github_deployment_id, one) for one in found]

    async def locate(self, repository: Repository) -> Repository | None:
        with self._answering(repository.full_name):
            try:
                found = await self.client.get_repository(repository.id)
            except (GitHubNotFound, GitHubForbidden):
                return None
        return Repository(id=found.id, full_name=found.full_name)

    async def hook(self, hook: AnyHook) -> HookState:
        with self._answering(hook.name):
            try:
                if isinstance(hook, AppHook):
                    return await self._app_hook()
                found = await self.client.get_hook(hook.repository.id, hook.webhook_id)
            except GitHubNotFound:
                return HookState.MISSING
        return hook_state(active=found.active, events=found.events)

    async def _app_hook(self) -> HookState:
        config = await self.client.get_app_hook()
        events = (await self.client.get_app()).events
        return hook_state(active=bool(config.url), events=events, of_app=True)

    async def attempts(self, hook: AnyHook, since: datetime) -> Sequence[Attempt]:
        attempts: list[Attempt] = []
        with self._answering(hook.name):
            async for one in self._failures(hook):
                if one.delivered_at is None or one.delivered_at < since:
                    break
                if len(attempts) == MOST_LISTED:
                    log.warning("deliveries_not_all_listed", hook=hook.name)
                    break
                attempts.append(
                    Attempt(
                        one.id,
                        one.guid,
                        one.event,
                        one.delivered_at,
                        one.arrived,
                        one.repository_id,
                    )
                )
        return attempts

    def _failures(self, hook: AnyHook) -> AsyncIterator[HookDelivery]:
        if isinstance(hook, AppHook):
            return self.client.list_app_deliveries("failure")
        return self.client.list_hook_deliveries(
            hook.repository.id, hook.webhook_id, "failure"
        )

    async def delivery(self, hook: AnyHook, attempt: Attempt) -> Webhook | None:
        with self._answering(hook.name):
            try:
                found = await self._delivery(hook, attempt)
            except GitHubNotFound:
                return None
        payload = found.request.payload if found.request else None
        body, of_app = orjson.dumps(payload), isinstance(hook, AppHook)
        return Webhook(attempt.event, attempt.guid, JSON, body, attempt.at, of_app)

    async def _delivery(self, hook: AnyHook, attempt: Attempt) -> HookDelivery:
        if isinstance(hook, AppHook):
            return await self.client.get_app_delivery(attempt.id)
        return await self.client.get_hook_delivery(
            hook.repository.id, hook.webhook_id, attempt.id
        )

    @contextmanager
    def _answering(self, what: str) -> Iterator[None]:
        try:
            yield
        except GitHubError as error:
            reason = f"{what}: {error}"
            raise NoAnswerError(reason, self._after(error)) from error

    def _after(self, error: GitHubError) -> timedelta:
        match error:
            case GitHubRateLimited(retry_at=at) | GitHubUnavailable(retry_at=at) if at:
                return max(at - self.clock(), timedelta())
            case GitHubUnavailable():
                return SOON
        return LATER
