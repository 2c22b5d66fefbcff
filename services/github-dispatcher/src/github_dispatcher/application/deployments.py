"""Deployments: created at GitHub once, stopped where that is wanted."""

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar, assert_never
from uuid import UUID, uuid4

import structlog

from github_dispatcher.domain import dispatch, verdicts
from github_dispatcher.domain.answers import GitHubDeployment, Limits
from github_dispatcher.domain.dispatch import Dispatch, Incoming, Sighting
from github_dispatcher.domain.facts import AttemptStarted
from github_dispatcher.domain.steps import (
    Begin,
    Check,
    Conclude,
    LateLook,
    LookFirst,
    LookUp,
    Step,
    Stop,
    StopExtra,
    Wait,
    next_step,
)
from github_dispatcher.domain.wording import OUT_OF_REACH, REPOSITORY_GONE
from github_dispatcher.ports import (
    GitHub,
    NoAnswerError,
    OutOfReachError,
    RepositoryGoneError,
)
from shared.contracts import (
    Cause,
    GitHubDeploymentCreated,
    Message,
    RefVerified,
    Repository,
)
from shared.observability import metrics
from shared.store import Store, Streams

from .turns import Turns

#: GitHub's API may not know at once what its webhook has told.
SETTLING: Final = timedelta(minutes=1)
#: One look is no loss: whether a repository is gone others decide.
HIDDEN: Final = timedelta(minutes=1)

log = structlog.get_logger()
T = TypeVar("T")


class Deployments(Turns):
    def __init__(self, store: Store, github: GitHub, limits: Limits) -> None:
        super().__init__(store, github, limits)
        self.dispatches = Streams(store, Dispatch(), dispatch.evolve)

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment.

        An order that can be begun at once is one commit with its attempt.
        """
        stream, cause = message.data.deployment_id, message.cause
        async with self._turn(stream):
            known = await self.dispatches.foresee(stream, message)
            step = next_step(known, self.clock(), self.limits)
            if isinstance(step, Begin) and not message.asked:
                known = await self._begin(step.order, stream, known, cause, message)
            else:
                known = await self.dispatches.take(stream, message)
            await self.advance(stream, known, cause)

    async def advance(self, stream: UUID, known: Dispatch, cause: Cause) -> None:
        """Do what is still to be done for this deployment.

        Raises:
            Retry: The rest has to wait.
        """
        while step := next_step(known, self.clock(), self.limits):
            try:
                known = await self._do(step, stream, known, cause)
            except NoAnswerError:
                newest = await self.dispatches.get(stream)
                if newest == known:
                    raise
                # Another replica knows more, maybe that there is nothing to ask.
                known = newest

    async def _do(  # noqa: C901 - a table, one row each
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
                decide = await self._check(known, number, sighting)
            case StopExtra(repository, number):
                decide = await self._stop_extra(stream, known, repository, number)
            case Stop(created, reason):
                decide = await self._stop(stream, known, created, reason)
            case LookFirst(order):
                decide = await self._look_first(stream, known, order, cause)
            case LookUp(attempt, order):
                decide = await self._look_up(known, attempt, order)
            case LateLook(attempt, order):
                found = await _unless_lost(known, self._find_any(order), [])
                decide = verdicts.looked_late(attempt, found, order.repository)
            case _:
                assert_never(step)
        return await self.dispatches.change(stream, decide, cause)

    async def _look_first(
        self, stream: UUID, known: Dispatch, order: RefVerified, cause: Cause
    ) -> verdicts.Decide:
        try:
            found = await self._find_any(order)
        except NoAnswerError as error:
            if known.cancel or self.clock() >= known.not_after:
                # Nothing is begun any more, and nobody waits for GitHub to say so.
                return verdicts.conclude(self.clock())
            limited = verdicts.limited(error.limited_until)
            await self.dispatches.change(stream, limited, cause)
            raise
        if found:
            log.warning("deployment_was_there", deployment_id=str(order.deployment_id))
        return verdicts.looked_first(found, order.repository)

    async def _look_up(
        self, known: Dispatch, attempt: int, order: RefVerified
    ) -> verdicts.Decide:
        found = await _unless_lost(known, self.github.find(order), None)
        if found is None:
            return verdicts.unreachable(attempt)
        return verdicts.looked_up(attempt, found, order.repository)

    async def _find_any(self, order: RefVerified) -> Sequence[GitHubDeployment]:
        """None without a repository: nothing is concluded here from its loss."""
        try:
            return await self.github.find(order)
        except RepositoryGoneError:
            return []

    async def _begin(
        self,
        order: RefVerified,
        stream: UUID,
        known: Dispatch,
        cause: Cause,
        taking: Message[Incoming] | None = None,
    ) -> Dispatch:
        record = partial(self.dispatches.change, stream, cause=cause, taking=taking)
        try:
            repository = await self.github.locate(order.repository, known.named_at)
        except RepositoryGoneError:
            return await record(verdicts.give_up(REPOSITORY_GONE))
        except NoAnswerError as error:
            await record(verdicts.limited(error.limited_until))
            raise
        worker, full_until = uuid4().hex, self.github.reserve()
        mine = None
        try:
            known = await record(
                verdicts.begin(worker, self.clock(), full_until, self.limits)
            )
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

    async def _check(
        self, known: Dispatch, number: int, sighting: Sighting
    ) -> verdicts.Decide:
        reading = self.github.read(sighting.repository, number)
        deployment = await _unless_lost(known, reading, None)
        age = self.clock() - sighting.at
        if deployment is None and age < SETTLING:
            raise self._retry(SETTLING - age, f"GitHub does not show {number} yet")
        return verdicts.checked(number, deployment, sighting.repository)

    async def _stop(
        self,
        stream: UUID,
        known: Dispatch,
        created: GitHubDeploymentCreated,
        reason: str,
    ) -> verdicts.Decide:
        stopping = self.github.stop(
            created.repository,
            created.github_deployment_id,
            mark=stream,
            reason=reason,
            spare_finished=True,
        )
        return verdicts.stopped(await _unless_lost(known, stopping, OUT_OF_REACH))

    async def _stop_extra(
        self, stream: UUID, known: Dispatch, repository: Repository, number: int
    ) -> verdicts.Decide:
        stopping = self.github.stop(
            repository, number, mark=stream, reason="Created twice: not the one."
        )
        end = await _unless_lost(known, stopping, OUT_OF_REACH)
        metrics.extra_deployments.inc()
        log.warning("extra_deployment_stopped", github_deployment_id=number)
        return verdicts.extra_stopped(number, end.happened)


async def _unless_lost(known: Dispatch, asking: Awaitable[T], otherwise: T) -> T:
    """GitHub's answer; what stands for it where there is nothing for us any more.

    That may pass, and is waited for, but not once it is why the deployment is to end.
    """
    try:
        return await asking
    except OutOfReachError:
        if not known.lost:
            raise
    except RepositoryGoneError as error:
        if not known.lost:
            reason = f"GitHub shows no repository {error}, which may pass"
            raise OutOfReachError(reason, HIDDEN) from error
    return otherwise
