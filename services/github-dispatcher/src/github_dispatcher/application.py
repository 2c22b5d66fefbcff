"""What the dispatcher does, one method per thing.

Every message is dealt with in the same two steps: *take* it and *advance*. `advance`
asks the state for the next step, does it, records what came of it, and asks again. In
this process those of one deployment take turns; between processes the attempt decides
who may write. What has to wait is brought again by the bus.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, assert_never
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import structlog

from shared.contracts import (
    CancelRequested,
    Cause,
    GitHubDeploymentCreated,
    GitHubDeploymentSeen,
    Message,
    RefVerified,
    Repository,
    RepositoryActivationRequested,
    RepositoryDeactivationRequested,
)
from shared.messaging import Handlers, Retry
from shared.observability import metrics
from shared.store import Store, Streams

from .domain import dispatch, hook, verdicts
from .domain.answers import Limits
from .domain.dispatch import Dispatch, Incoming, Sighting
from .domain.facts import AttemptStarted
from .domain.hook import Command, Hook
from .domain.steps import (
    Begin,
    Check,
    Conclude,
    LateLook,
    LookUp,
    Step,
    Stop,
    StopExtra,
    Wait,
    next_step,
)
from .domain.wording import REPOSITORY_GONE
from .ports import GitHub, NoAnswerError, RepositoryGoneError

#: The bus rounds a wait up to one of a few; going down in these arrives in time.
WAITS: Final = tuple(timedelta(seconds=s) for s in (600, 60, 10, 1))
#: GitHub's API may not know at once what its webhook has told.
SETTLING: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Dispatcher:
    """Carries out at GitHub what was decided elsewhere, once."""

    def __init__(
        self, store: Store, github: GitHub, limits: Limits | None = None
    ) -> None:
        self.dispatches = Streams(store, Dispatch(), dispatch.evolve)
        self.hooks = Streams(store, Hook(), hook.evolve)
        self.clock = store.clock
        self.github = github
        self.limits = limits or Limits()
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment."""
        stream = message.data.deployment_id
        async with self._turn(stream):
            known = await self.dispatches.take(stream, message)
            await self.advance(stream, known, message.cause)

    async def advance(self, stream: UUID, known: Dispatch, cause: Cause) -> None:
        """Do what is still to be done for this deployment.

        Raises:
            Retry: The rest has to wait.
        """
        while step := next_step(known, self.clock(), self.limits):
            known = await self._do(step, stream, known, cause)

    async def take_command(self, message: Message[Command]) -> None:
        """Somebody wants us to follow a repository, or to leave it alone."""
        stream = hook.stream_of(message.data.repository)
        async with self._turn(stream):
            known = await self.hooks.take(stream, message)
            await self.advance_hook(stream, known, message.cause)

    async def advance_hook(self, stream: UUID, known: Hook, cause: Cause) -> None:
        """Bring GitHub to what is wanted now, and answer all who wait."""
        while known.unanswered and (wish := known.newest):
            decide = await self._carry_out(wish)
            known = await self.hooks.change(stream, decide, cause)

    async def _do(
        self, step: Step, stream: UUID, known: Dispatch, cause: Cause
    ) -> Dispatch:
        match step:
            case Wait(until, reason):
                newest = await self.dispatches.get(stream)
                if newest == known:
                    raise self._retry(until - self.clock(), reason)
                # Another replica has done something meanwhile.
                return newest
            case Begin(order):
                return await self._begin(order, stream, known, cause)
            case Conclude():
                decide = verdicts.conclude(self.clock())
            case Check(number, sighting):
                decide = await self._check(number, sighting)
            case StopExtra(repository, number):
                decide = await self._stop_extra(stream, repository, number)
            case Stop(created, reason):
                decide = await self._stop(stream, created, reason)
            case LookUp(attempt, order):
                decide = await self._look_up(attempt, order)
            case LateLook(attempt, order):
                decide = await self._look_late(attempt, order)
            case _:
                assert_never(step)
        return await self.dispatches.change(stream, decide, cause)

    async def _look_up(self, attempt: int, order: RefVerified) -> verdicts.Decide:
        try:
            found = await self.github.find(order)
        except RepositoryGoneError:
            return verdicts.unreachable(attempt)
        return verdicts.looked_up(attempt, found, order.repository)

    async def _look_late(self, attempt: int, order: RefVerified) -> verdicts.Decide:
        try:
            found = await self.github.find(order)
        except RepositoryGoneError:
            found = []
        return verdicts.looked_late(attempt, found, order.repository)

    async def _begin(
        self, order: RefVerified, stream: UUID, known: Dispatch, cause: Cause
    ) -> Dispatch:
        try:
            repository = await self.github.locate(order.repository, known.named_at)
        except RepositoryGoneError:
            decide = verdicts.give_up(REPOSITORY_GONE)
            return await self.dispatches.change(stream, decide, cause)
        worker, full_until = uuid4().hex, self.github.reserve()
        decide = verdicts.begin(worker, self.clock(), full_until, self.limits)
        mine = None
        try:
            known = await self.dispatches.change(stream, decide, cause)
            mine = known.held_by(worker)
        finally:
            if full_until is None and not mine:
                self.github.release()
        if mine:
            return await self._post(mine, order, repository, stream, cause)
        if full_until and known.ready(self.clock()):
            raise self._retry(full_until - self.clock(), "writes to GitHub are paced")
        return known

    async def _post(
        self,
        attempt: AttemptStarted,
        order: RefVerified,
        repository: Repository,
        stream: UUID,
        cause: Cause,
    ) -> Dispatch:
        answer = await self.github.create(order, repository, attempt.begin_by)
        log.info(
            "deployment_posted",
            attempt=attempt.attempt,
            answer=type(answer).__name__,
        )
        decide = verdicts.answered(attempt, answer, repository, self.clock())
        return await self.dispatches.change(stream, decide, cause)

    async def _check(self, number: int, sighting: Sighting) -> verdicts.Decide:
        deployment = await self.github.read(sighting.repository, number)
        age = self.clock() - sighting.at
        if deployment is None and age < SETTLING:
            raise self._retry(SETTLING - age, f"GitHub does not show {number} yet")
        return verdicts.checked(number, deployment, sighting.repository)

    async def _stop(
        self, stream: UUID, created: GitHubDeploymentCreated, reason: str
    ) -> verdicts.Decide:
        end = await self.github.stop(
            created.repository,
            created.github_deployment_id,
            mark=stream,
            reason=reason,
            spare_finished=True,
        )
        return verdicts.stopped(end)

    async def _stop_extra(
        self, stream: UUID, repository: Repository, number: int
    ) -> verdicts.Decide:
        end = await self.github.stop(
            repository, number, mark=stream, reason="Created twice: not the one."
        )
        metrics.extra_deployments.inc()
        log.warning("extra_deployment_stopped", github_deployment_id=number)
        return verdicts.extra_stopped(number, end.happened)

    async def _carry_out(self, wish: Command) -> hook.Decide:
        if isinstance(wish, RepositoryDeactivationRequested):
            await self.github.remove_hook(wish.repository)
            return hook.deactivated(wish)
        return hook.activated(wish, await self.github.ensure_hook(wish.repository))

    @asynccontextmanager
    async def _turn(self, stream: UUID) -> AsyncIterator[None]:
        """One message of a stream at a time; without GitHub's answer, another time."""
        turn = self._turns.setdefault(stream, asyncio.Lock())
        try:
            async with turn:
                yield
        except NoAnswerError as error:
            raise self._retry(error.after, str(error)) from error

    def _retry(self, after: timedelta, reason: str) -> Retry:
        fitting = (wait for wait in WAITS if wait <= after * 1.1)
        return Retry(next(fitting, WAITS[-1]), reason)


#: Which events the dispatcher takes, and what it does with each.
HANDLERS: Handlers[Dispatcher] = {
    RefVerified: Dispatcher.take,
    CancelRequested: Dispatcher.take,
    GitHubDeploymentSeen: Dispatcher.take,
    RepositoryActivationRequested: Dispatcher.take_command,
    RepositoryDeactivationRequested: Dispatcher.take_command,
}
