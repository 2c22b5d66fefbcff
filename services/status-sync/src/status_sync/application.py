"""What status-sync does, one method per thing.

GitHub tells something: `hear` records it and that is all, because GitHub waits for the
answer. A service tells something: `take` records it and `advance` does what the state
says is still to be done. And what GitHub could not deliver, `sweep` fetches.
"""

import asyncio
import hashlib
from uuid import UUID

import structlog

from shared.contracts import (
    Cause,
    GitHubDeploymentCreated,
    GitHubDeploymentSeen,
    Message,
    Repository,
    RepositoryActivated,
    RepositoryDeactivated,
    SyncRequested,
)
from shared.messaging import Handlers, Retry
from shared.store import Store, Streams

from .domain import delivery, github_deployment, hooks
from .domain.delivery import Delivery, DeliverySwept
from .domain.github_deployment import GitHubDeployment, StatusKept
from .ports import GitHub, NoAnswerError
from .reconcile import REMEMBERED, Attempt, lost
from .webhooks import MalformedWebhook, Webhook, read

log = structlog.get_logger()


class StatusSync:
    """Keeps what GitHub tells of deployments, and says it once it knows of which."""

    def __init__(self, store: Store, github: GitHub) -> None:
        self.deployments = Streams(store, GitHubDeployment(), github_deployment.evolve)
        self.hooks = Streams(store, hooks.Hooks(), hooks.evolve)
        self.deliveries = Streams(store, Delivery(), delivery.evolve)
        self.clock = store.clock
        self.github = github

    async def hear(self, webhook: Webhook) -> bool:
        """Record what a webhook tells; whether it tells anything.

        Raises:
            MalformedWebhook: Its body isn't what its event promises.
        """
        told = read(webhook)
        if told is None:
            return False
        stream = github_deployment.stream_of(told.repository, told.github_deployment_id)
        cause = Cause(correlation_id=webhook.delivery)
        match told:
            case StatusKept():
                await self.deployments.change(
                    stream, lambda known: github_deployment.tell(known, told), cause
                )
            case GitHubDeploymentSeen():
                await self.deployments.change(
                    stream, lambda known: github_deployment.show(known, told), cause
                )
        return True

    async def take(
        self, message: Message[GitHubDeploymentCreated | SyncRequested]
    ) -> None:
        """Somebody knows which deployment this is, and may want to know all of it."""
        fact = message.data
        stream = github_deployment.stream_of(fact.repository, fact.github_deployment_id)
        await self.deployments.take(stream, message)
        await self.advance(stream, message.cause)

    async def advance(self, stream: UUID, cause: Cause) -> None:
        """Say what waited for the link; ask GitHub what somebody wants to know."""
        known = await self.deployments.change(
            stream, github_deployment.tell_kept, cause
        )
        for question in known.unanswered:
            await self.answer(stream, question, cause)

    async def answer(self, stream: UUID, question: SyncRequested, cause: Cause) -> None:
        """Ask GitHub, and say all that it has."""
        try:
            found = await self.github.statuses(
                question.repository, question.github_deployment_id
            )
        except NoAnswerError as error:
            raise Retry(error.after, str(error)) from error
        await self.deployments.change(
            stream,
            lambda known: github_deployment.answer(known, question, found),
            cause,
        )

    async def take_hook(
        self, message: Message[RepositoryActivated | RepositoryDeactivated]
    ) -> None:
        """A repository's webhook was made or removed."""
        await self.hooks.take(hooks.STREAM, message)

    async def sweep(self) -> None:
        """Take in what GitHub could not deliver."""
        known = await self.hooks.get(hooks.STREAM)
        for repository, webhook_id in known.active:
            try:
                await self._sweep(repository, webhook_id)
            except NoAnswerError as error:
                log.warning(
                    "hook_not_swept", repository=repository.full_name, reason=str(error)
                )

    async def sweep_every(self, seconds: float) -> None:
        """Sweep at once, for what was missed while we were away, and then regularly."""
        while True:
            await self.sweep()
            await asyncio.sleep(seconds)

    async def _sweep(self, repository: Repository, webhook_id: int) -> None:
        since = self.clock() - REMEMBERED
        for attempt in lost(await self.github.attempts(repository, webhook_id, since)):
            receipt = await self.deliveries.get(delivery.stream_of(attempt.guid))
            if not receipt.swept:
                await self._fetch(repository, webhook_id, attempt)

    async def _fetch(
        self, repository: Repository, webhook_id: int, attempt: Attempt
    ) -> None:
        """One that GitHub does not hand out must not keep the others back."""
        try:
            webhook = await self.github.delivery(repository, webhook_id, attempt)
        except NoAnswerError as error:
            log.warning("delivery_not_fetched", guid=attempt.guid, reason=str(error))
            return
        await self._take_in(repository, attempt, webhook)

    async def _take_in(
        self, repository: Repository, attempt: Attempt, webhook: Webhook
    ) -> None:
        try:
            await self.hear(webhook)
        except MalformedWebhook as error:
            log.warning("delivery_unreadable", guid=attempt.guid, reason=str(error))
        receipt = DeliverySwept(
            event=attempt.event,
            repository_id=repository.id,
            digest=hashlib.sha256(webhook.body).hexdigest(),
        )
        await self.deliveries.change(
            delivery.stream_of(attempt.guid),
            lambda known: delivery.receive(known, receipt),
            Cause(correlation_id=attempt.guid),
        )
        log.info("delivery_swept", guid=attempt.guid, github_event=attempt.event)


#: Which events status-sync takes, and what it does with each.
HANDLERS: Handlers[StatusSync] = {
    GitHubDeploymentCreated: StatusSync.take,
    SyncRequested: StatusSync.take,
    RepositoryActivated: StatusSync.take_hook,
    RepositoryDeactivated: StatusSync.take_hook,
}
