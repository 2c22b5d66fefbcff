"""What people and pushes want of deployments: recorded here, answered by messages."""

from functools import partial
from uuid import UUID, uuid4

from api_gateway.domain.confirming import Confirmation, confirmed, why_not_confirmed
from api_gateway.domain.decisions import (
    canceled_by,
    released_by,
    synced,
)
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.refusal import Refusal, RefusedError
from api_gateway.domain.repository import stream_of
from api_gateway.domain.requests import (
    DeployCommand,
    deployment_of,
    pushed,
    requested,
    wanted_by,
)
from api_gateway.domain.reviews import Opinion, is_said, reviewed, why_not_reviewed
from shared.contracts import (
    AutoDeployMatched,
    Cause,
    DeployConfirmed,
    DeployRequested,
    Message,
    Person,
    SyncRequested,
)
from shared.store import change_both

from .streams import OwnStreams


class RepositoryInactiveError(Exception):
    """Gitploy does not follow this repository."""


class Requests(OwnStreams):
    async def request_deployment(self, command: DeployCommand) -> DeployRequested:
        """Number and record a request; one that was recorded before stays as it is.

        Raises:
            RepositoryInactiveError: Gitploy does not follow the repository.
        """
        _, known = await change_both(
            self.repositories,
            stream_of(command.repository.id),
            self.deployments,
            command.deployment_id,
            partial(requested, command),
            Cause(correlation_id=str(command.deployment_id)),
        )
        if known.request is None:
            raise RepositoryInactiveError(command.repository.full_name)
        return known.request.data

    async def take_push(self, message: Message[AutoDeployMatched]) -> None:
        """`deploy.yml` wants a push to be deployed: in the pusher's name, once."""
        push, now = message.data, self.store.clock()
        deployment_id = deployment_of(push)
        await self.deployments.take(deployment_id, message)
        command = DeployCommand(
            deployment_id=deployment_id,
            repository=push.repository,
            wanted=wanted_by(push),
            requested_by=push.pusher,
            requested_at=now,
            not_after=now + self.limits.push,
        )
        await change_both(
            self.repositories,
            stream_of(push.repository.id),
            self.deployments,
            deployment_id,
            partial(pushed, command),
            message.cause,
        )

    async def cancel_deployment(
        self, deployment_id: UUID, who: Person, reason: str
    ) -> Deployment:
        """Record that somebody wants it to end, unless it has ended or is ending."""
        return await self.change_deployment(
            deployment_id, partial(canceled_by, who=who, reason=reason)
        )

    async def review_deployment(
        self, deployment_id: UUID, opinion: Opinion
    ) -> Deployment:
        """Record a reviewer's answer; the one that was missing may send it.

        Raises:
            RefusedError: It can't be given, or not any more.
        """
        confirmation = Confirmation(
            confirmation_id=uuid4(),
            by=opinion.reviewer,
            shown=opinion.shown,
            at=opinion.at,
            not_after=opinion.at + self.limits.verdict,
        )
        decide = partial(reviewed, opinion=opinion, confirmation=confirmation)
        known = await self.change_deployment(deployment_id, decide)
        if is_said(known, opinion):
            return known
        raise _refused(why_not_reviewed(known, opinion))

    async def confirm_deployment(
        self, deployment_id: UUID, confirmation: Confirmation
    ) -> tuple[Deployment, Message[DeployConfirmed]]:
        """Send it, or find it sent; answers with the confirmation that is open.

        Raises:
            RefusedError: It lacks approvals, or does not wait for them.
        """
        known = await self.change_deployment(
            deployment_id, partial(confirmed, confirmation=confirmation)
        )
        why = why_not_confirmed(known, confirmation)
        if why or known.open_confirmation is None:
            raise _refused(why)
        return known, known.open_confirmation

    async def release_slot(
        self, deployment_id: UUID, who: Person, reason: str
    ) -> Deployment | None:
        """Record that it needs its place no longer; none if it has none."""
        known = await self.change_deployment(
            deployment_id, partial(released_by, who=who, reason=reason)
        )
        release = known.release
        by_us = release and (release.data.who, release.data.reason) == (who, reason)
        return known if by_us else None

    async def sync_deployment(
        self, deployment_id: UUID, who: Person, reason: str
    ) -> Message[SyncRequested]:
        """Ask GitHub for all that it says about it.

        Raises:
            RefusedError: GitHub does not have it.
        """
        sync_id = uuid4()
        known = await self.change_deployment(
            deployment_id, partial(synced, sync_id=sync_id, who=who, reason=reason)
        )
        if sync_id not in known.syncs:
            text = f"GitHub does not have this deployment: it is {known.phase.value}."
            raise RefusedError(Refusal("deployment_status_invalid", text))
        return known.syncs[sync_id]


def _refused(why: Refusal | None) -> RefusedError:
    """The answer; the state changes under our hands, so there may be no reason left."""
    again = Refusal("deployment_conflict", "It has changed meanwhile. Look, and retry.")
    return RefusedError(why or again)
