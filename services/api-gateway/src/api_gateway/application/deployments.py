"""What the gateway does about deployments: requests, cancels, news, deadlines."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from api_gateway.domain import deadlines
from api_gateway.domain.decisions import (
    DeployCommand,
    canceled_by,
    released_if_ended,
    requested,
)
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DeploymentFact, ToldFact
from api_gateway.domain.repository import stream_of
from shared.contracts import Cause, DeployRequested, Message, Person, RefRejected
from shared.store import change_both

from .streams import OwnStreams


class RepositoryInactiveError(Exception):
    """Gitploy does not follow this repository."""


class Deployments(OwnStreams):
    # What people ask for.

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

    async def cancel_deployment(
        self, deployment_id: UUID, who: Person, reason: str
    ) -> Deployment:
        """Record that somebody wants it to end, unless it has ended or is ending."""
        return await self._change(
            deployment_id, partial(canceled_by, who=who, reason=reason)
        )

    # What the other services tell.

    async def take(self, message: Message[ToldFact]) -> None:
        """Somebody told us something about a deployment."""
        known = await self.deployments.take(message.data.deployment_id, message)
        await self.advance(known)

    async def advance(self, known: Deployment) -> None:
        """If the place was occupied by one that has ended, say so again (law 6)."""
        rejection = known.rejected
        if rejection and rejection.data.holder:
            holder = UUID(rejection.data.holder.deployment_id)
            await self._release_if_ended(holder, rejection)

    async def _release_if_ended(
        self, holder: UUID, rejection: Message[RefRejected]
    ) -> None:
        before = (await self.deployments.get(holder)).release
        after = await self.deployments.change(
            holder, released_if_ended, rejection.cause
        )
        if before and after.release:
            self.store.say_again([after.release])

    # What time tells.

    async def pass_deployment_deadline(self, deployment_id: UUID) -> None:
        """Do what is due for a deployment, if something is."""
        now = self.store.clock()
        due = partial(deadlines.passed, now=now, limits=self.limits, sync_id=uuid4())
        known = await self._change(deployment_id, due)
        question = deadlines.question(known)
        if question and known.asked and known.asked.at == now:
            self.store.say_again([replace(question, asked=True)])

    async def _change(
        self,
        deployment_id: UUID,
        decide: Callable[[Deployment], Sequence[DeploymentFact]],
    ) -> Deployment:
        known = await self.deployments.get(deployment_id)
        if known.request is None:
            return known
        return await self.deployments.change(deployment_id, decide, known.request.cause)
