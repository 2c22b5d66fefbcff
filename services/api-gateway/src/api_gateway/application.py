"""What the gateway does: takes what people ask and what services tell.

Every incoming message is taken (recorded in its aggregate's stream) and the aggregate
advanced (what the state says is still to be done). A command changes a stream or two
and is answered later by messages; whoever gave it watches the read model meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from shared.contracts import (
    Cause,
    DeploymentSynced,
    DeployRequested,
    DispatchAttempted,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    Person,
    RefRejected,
    RefVerified,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryDeactivated,
    StatusUpdated,
)
from shared.messaging import Handlers
from shared.store import Store, Streams, change_both

from .domain import command_deadlines, deadlines, deployment, repository
from .domain.deadlines import Limits
from .domain.decisions import (
    DeployCommand,
    canceled_by,
    released_if_ended,
    requested,
)
from .domain.deployment import Deployment
from .domain.facts import DeploymentFact, ToldFact
from .domain.repository import Answer, Command, Repository, RepositoryFact, stream_of


class RepositoryInactiveError(Exception):
    """Gitploy does not follow this repository."""


class Gateway:
    def __init__(self, store: Store, limits: Limits) -> None:
        self.store = store
        self.limits = limits
        self.deployments: Streams[Deployment, DeploymentFact] = Streams(
            store, Deployment(), deployment.evolve
        )
        self.repositories: Streams[Repository, RepositoryFact] = Streams(
            store, Repository(), repository.evolve
        )

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

    async def command_repository(self, command: Command) -> None:
        """Record a command that somebody gave about a repository."""
        await self.repositories.change(
            stream_of(command.repository.id),
            lambda known: [] if command.command_id in known.commands else [command],
            Cause(correlation_id=str(command.command_id)),
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

    async def take_answer(self, message: Message[Answer]) -> None:
        """A command about a repository was answered."""
        await self.repositories.take(stream_of(message.data.repository.id), message)

    # What time tells.

    async def pass_deployment_deadline(self, deployment_id: UUID) -> None:
        """Do what is due for a deployment, if something is."""
        now = self.store.clock()
        due = partial(deadlines.passed, now=now, limits=self.limits, sync_id=uuid4())
        known = await self._change(deployment_id, due)
        question = deadlines.question(known)
        if question and known.asked and known.asked.at == now:
            self.store.say_again([replace(question, asked=True)])

    async def pass_repository_deadline(self, stream: UUID) -> None:
        """Do what is due for the newest command about a repository, if something is."""
        now = self.store.clock()
        newest = (await self.repositories.get(stream)).newest
        if newest is None or newest.command is None:
            return
        due = partial(command_deadlines.passed, now=now, limits=self.limits)
        known = await self.repositories.change(stream, due, newest.command.cause)
        if known.newest and known.newest.command and known.newest.asked_at == now:
            self.store.say_again([replace(known.newest.command, asked=True)])

    async def _change(
        self,
        deployment_id: UUID,
        decide: Callable[[Deployment], Sequence[DeploymentFact]],
    ) -> Deployment:
        known = await self.deployments.get(deployment_id)
        if known.request is None:
            return known
        return await self.deployments.change(deployment_id, decide, known.request.cause)


#: Which events the gateway takes, and what it does with each.
HANDLERS: Handlers[Gateway] = {
    RefVerified: Gateway.take,
    RefRejected: Gateway.take,
    GitHubDeploymentCreated: Gateway.take,
    DispatchAttempted: Gateway.take,
    GitHubDeploymentRefused: Gateway.take,
    GitHubDeploymentCanceled: Gateway.take,
    StatusUpdated: Gateway.take,
    GitHubDeploymentGone: Gateway.take,
    DeploymentSynced: Gateway.take,
    RepositoryActivated: Gateway.take_answer,
    RepositoryActivationRefused: Gateway.take_answer,
    RepositoryDeactivated: Gateway.take_answer,
}
