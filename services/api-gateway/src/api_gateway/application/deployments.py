"""What the gateway does with what others, and the clock, tell about deployments."""

from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

from api_gateway.domain import deadlines
from api_gateway.domain.decisions import (
    canceled_by_repository,
    canceled_by_take_over,
    given_time,
    released_if_ended,
    synced_while_placed,
)
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import ToldFact
from api_gateway.domain.phase import Phase
from api_gateway.domain.repository import counted, stream_of
from api_gateway.domain.reviews import asked
from shared.contracts import Cause, Message, RefVerified

from .streams import OwnStreams


class Deployments(OwnStreams):
    async def take(self, message: Message[ToldFact]) -> None:
        """Somebody told us something about a deployment."""
        known = await self.deployments.take(message.data.deployment_id, message)
        if known.verified and known.request is None:
            # Our log lacks what it had: somebody restored it.
            await self._count(known.verified.data, message.cause)
        await self.advance(known, message.cause)

    async def _count(self, lost: RefVerified, cause: Cause) -> None:
        """Give its number to no other."""
        decide = partial(counted, number=lost.number, deployment_id=lost.deployment_id)
        await self.repositories.change(stream_of(lost.repository.id), decide, cause)

    async def advance(self, known: Deployment, cause: Cause) -> None:
        """Do what follows from the state, whatever was told last."""
        if known.request and asked(known):
            id_ = known.request.data.deployment_id
            known = await self.deployments.change(id_, asked, cause)
        await self._release_named_holder(known, cause)
        await self._give_time(known, cause)
        await self._take_over(known, cause)

    async def _release_named_holder(self, known: Deployment, cause: Cause) -> None:
        """If its place was taken by one that has ended, say so again (law 6)."""
        holder = known.holder
        if holder is None:
            return
        id_ = UUID(holder.deployment_id)
        before = (await self.deployments.get(id_)).release
        after = await self.deployments.change(id_, released_if_ended, cause)
        if before and after.release:
            self.store.say_again([after.release])

    async def _give_time(self, known: Deployment, cause: Cause) -> None:
        """What others made has no rules of its own: those that it holds up count."""
        holder = known.holder
        if holder and holder.timeout_s:
            decide = partial(given_time, timeout_s=holder.timeout_s)
            await self.deployments.change(UUID(holder.deployment_id), decide, cause)

    async def _take_over(self, known: Deployment, cause: Cause) -> None:
        """A rollback in line that is not to wait ends what it waits for."""
        waits = known.phase is Phase.WAITING_IN_QUEUE
        if not waits or not known.queued or not known.request:
            return
        holder = known.queued.data.holder
        if known.queued.data.take_over and holder:
            await self.deployments.change(
                UUID(holder.deployment_id),
                partial(canceled_by_take_over, by=known.request.data),
                cause,
            )

    async def cancel_abandoned(self, deployment_id: UUID) -> None:
        """End what still goes on in a repository that Gitploy does not follow."""
        known = await self.deployments.get(deployment_id)
        if known.request is None:
            return
        stream = stream_of(known.request.data.repository.id)
        loss = (await self.repositories.get(stream)).loss
        if loss:
            code, reason = loss
            decide = partial(canceled_by_repository, code=code, reason=reason)
            await self.deployments.change(deployment_id, decide, known.request.cause)

    async def pass_deployment_deadline(self, deployment_id: UUID) -> None:
        """Do what is due for a deployment, if something is."""
        now = self.store.clock()
        due = partial(deadlines.passed, now=now, limits=self.limits, sync_id=uuid4())
        known = await self.change_deployment(deployment_id, due)
        question = deadlines.question(known)
        if question is None or known.asked is None or known.asked.at != now:
            return
        self.store.say_again([replace(question, asked=True)])
        if known.phase is Phase.WAITING_IN_QUEUE:
            await self._ask_after_holder(known, question.cause)

    async def _ask_after_holder(self, known: Deployment, cause: Cause) -> None:
        """Whoever is first in line finds out how the one before it fares."""
        await self._release_named_holder(known, cause)
        if known.holder and known.place and known.place.data.position == 1:
            await self.deployments.change(
                UUID(known.holder.deployment_id),
                partial(synced_while_placed, sync_id=uuid4()),
                cause,
            )
