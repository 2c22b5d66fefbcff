"""What a webhook tells, whoever brought it: GitHub over HTTP, or the sweep."""

from enum import StrEnum
from uuid import UUID

from shared.contracts import (
    AuthorizationRevoked,
    Cause,
    CommitChecksChanged,
    RefPushed,
    Repository,
)
from status_sync.domain import delivery, hooks
from status_sync.webhooks import (
    AboutRepository,
    DeploymentShown,
    InstallationChanged,
    PushShown,
    RepositoryTouched,
    StatusShown,
    Webhook,
    read,
    repository_of,
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
            case None:
                return Heard.IGNORED
            case InstallationChanged():
                await self._look_at_installation(told)
                return Heard.NOTICED
            case AuthorizationRevoked():
                stream = delivery.stream_of(told.delivery_id)
                await self._receive(told, stream, cause)
                return Heard.RECORDED
        if webhook.of_app and not await self._follows(repository_of(told)):
            return Heard.IGNORED
        return await self._hear(told, cause)

    async def _hear(self, told: AboutRepository, cause: Cause) -> Heard:
        match told:
            case StatusShown():
                await self.hear_status(told, cause)
            case DeploymentShown():
                await self.hear_deployment(told, cause)
            case PushShown(pushed, timed):
                stream = delivery.stream_of_push(pushed, timed=timed)
                await self._receive(pushed, stream, cause)
            case RepositoryTouched(deleted=deleted):
                self.touch(told.repository, "deleted" if deleted else None)
                return Heard.NOTICED
            case CommitChecksChanged():
                self.change_checks(told)
                return Heard.NOTICED
        return Heard.RECORDED

    async def _receive(
        self, said: RefPushed | AuthorizationRevoked, stream: UUID, cause: Cause
    ) -> None:
        """Say it once, whoever brings it and however often."""
        await self.deliveries.change(
            stream, lambda known: delivery.receive(known, said), cause
        )

    async def _look_at_installation(self, changed: InstallationChanged) -> None:
        """Look at what is followed through it; what GitHub took away may be gone."""
        known = await self.hooks.get(hooks.STREAM)
        removed = {one.id for one in changed.removed}
        added = {one.id for one in changed.added} - removed
        for one in known.covered_by(changed.installation_id):
            withdrawn = changed.uninstalled or one.id in removed
            self.touch(one, "out_of_reach" if withdrawn else None)
        for one in known.covered:
            # It may be another installation by now.
            if one.id in added:
                self.touch(one)

    async def _follows(self, repository: Repository) -> bool:
        """Whether anybody wants to know of it."""
        if repository.id not in self.followed:
            self.followed = (await self.hooks.get(hooks.STREAM)).followed
        return repository.id in self.followed
