"""What a webhook tells, whoever brought it: GitHub over HTTP, or the sweep."""

from enum import StrEnum

from shared.contracts import Cause, CommitChecksChanged, RefPushed
from status_sync.domain import delivery
from status_sync.webhooks import (
    DeploymentShown,
    RepositoryTouched,
    StatusShown,
    Webhook,
    read,
)

from .deployments import Deployments
from .hinting import Hinting


class Heard(StrEnum):
    """What became of a webhook."""

    #: It told something, and that is committed.
    RECORDED = "recorded"
    #: It told that looking makes sense. Nothing is lost if nobody looks.
    NOTICED = "noticed"
    #: It told nothing that anybody here waits for.
    IGNORED = "ignored"


class Hearing(Deployments, Hinting):
    async def hear(self, webhook: Webhook) -> Heard:
        """Record what a webhook tells; whether it tells anything.

        Raises:
            MalformedWebhook: Its body isn't what its event promises.
        """
        told = read(webhook)
        cause = Cause(correlation_id=webhook.delivery)
        match told:
            case StatusShown():
                await self.hear_status(told, cause)
            case DeploymentShown():
                await self.hear_deployment(told, cause)
            case RefPushed():
                await self._hear_push(told, cause)
            case RepositoryTouched(deleted=True):
                await self.lose(told.repository, cause)
            case RepositoryTouched():
                self.touch(told.repository)
                return Heard.NOTICED
            case CommitChecksChanged():
                self.change_checks(told)
                return Heard.NOTICED
            case None:
                return Heard.IGNORED
        return Heard.RECORDED

    async def _hear_push(self, pushed: RefPushed, cause: Cause) -> None:
        """Said once for each delivery, whoever brings it and however often."""
        await self.deliveries.change(
            delivery.stream_of(pushed.delivery_id),
            lambda known: delivery.receive(known, pushed),
            cause,
        )
