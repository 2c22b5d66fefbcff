"""Deployments: from a request to its verdict, and to the end of its place."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast
from uuid import UUID

import structlog

from shared.contracts import (
    Cause,
    DeployConfirmed,
    DeployRequested,
    Event,
    ForeignDeploymentSeen,
    GitHubDeploymentCanceled,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Message,
    SlotReleaseRequested,
    StatusUpdated,
)
from shared.messaging import Retry
from shared.store import change_both
from verifier.domain import environment
from verifier.domain.case import Moment
from verifier.domain.environment import Environment, environment_id
from verifier.domain.resolution import RefResolved, answer_checks
from verifier.domain.verdict import conclude
from verifier.domain.verification import News, Verification
from verifier.ports import NoAnswerError

from .resolving import Resolving

Incoming = (
    DeployRequested
    | DeployConfirmed
    | GitHubDeploymentCanceled
    | GitHubDeploymentRefused
    | GitHubDeploymentGone
    | SlotReleaseRequested
    | StatusUpdated
    | ForeignDeploymentSeen
)
SOON: Final = timedelta(seconds=1)
#: How often GitHub is asked for checks that have not finished.
OFTEN: Final = timedelta(minutes=1)
LATE: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Deployments(Resolving):
    """Verifications: from a request to its verdict, and to its end."""

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment."""
        known = await self.verifications.take(message.data.deployment_id, message)
        if message.asked:
            await self._say_place_again(known)
        await self.advance(known, message.cause)

    async def take_status(self, message: Message[StatusUpdated]) -> None:
        """Only that the tooling has finished is of interest here."""
        if message.data.final:
            await self.take(message)

    async def advance(
        self, known: Verification, cause: Cause, *, anew: bool = False
    ) -> None:
        """Do what is still to be done for this deployment.

        Args:
            known: What is known of it.
            cause: Why now.
            anew: GitHub has something new to say of its commit's checks.

        Raises:
            Retry: The rest has to wait.
        """
        place = _place_of(known)
        if known.id is None or place is None:
            return
        if known.awaited and known.open(self.clock()):
            here = await self.environments.get(place)
        else:
            known, here = await self._conclude(known.id, known, place, cause, anew)
        await self.settle(place, here, cause)
        if known.waits_for_checks and known.open(self.clock()):
            raise self._when_checks_may_have_passed(known)

    async def settle(self, place: UUID, here: Environment, cause: Cause) -> None:
        """Ask again all that wait here and may go on now, or have to go."""
        asked: set[UUID] = set()
        while next_ := [i for i in environment.to_ask(here) if i not in asked][:1]:
            (id_,) = next_
            asked.add(id_)
            known = await self.verifications.get(id_)
            _, here = await self._conclude(id_, known, place, cause)
        if environment.moves(here):
            await self.environments.change(place, environment.moves, cause)

    async def _conclude(
        self,
        id_: UUID,
        known: Verification,
        place: UUID,
        cause: Cause,
        anew: bool = False,
    ) -> tuple[Verification, Environment]:
        """Say what follows about a deployment and its place, in one commit."""
        try:
            news = await self._news(known, anew)
        except NoAnswerError as error:
            raise self._later(error, known) from error
        moment = Moment(
            now=self.clock(),
            holds_for=self.verdict_holds,
            news=news,
            succeeded=await self._succeeded(known, news),
        )
        return await change_both(
            self.verifications,
            id_,
            self.environments,
            place,
            partial(conclude, moment=moment),
            cause,
        )

    async def _news(self, known: Verification, anew: bool) -> News | None:
        """Ask GitHub what isn't known yet. What is resolved stays resolved."""
        now = self.clock()
        if known.request is None or not known.open(now):
            return None
        resolved = known.resolved
        if resolved is None:
            return await self.resolved(known.request)
        if resolved.sha and known.needs_checks(now, anew=anew):
            told = await self.github.contexts(resolved.repository, resolved.sha)
            return answer_checks(resolved, resolved.sha, told, self.clock())
        return None

    async def _succeeded(
        self, known: Verification, news: News | None
    ) -> dict[str, dict[str, datetime]]:
        """When its commit succeeded in each of the environments that are needed."""
        resolved = news if isinstance(news, RefResolved) else known.resolved
        if resolved is None or resolved.rules is None or resolved.sha is None:
            return {}
        succeeded: dict[str, dict[str, datetime]] = {}
        for name in resolved.rules.needs:
            there = environment_id(resolved.repository, name)
            at = (await self.environments.get(there)).live.succeeded_at(resolved.sha)
            succeeded[name] = {resolved.sha: at} if at else {}
        return succeeded

    async def _say_place_again(self, known: Verification) -> None:
        """Who asks about a deployment wants to know its place in line, too."""
        if known.id and (place := _place_of(known)):
            here = await self.environments.get(place)
            said = here.said_of(known.id)
            self.store.say_again([cast("Message[Event]", message) for message in said])

    def _when_checks_may_have_passed(self, known: Verification) -> Retry:
        pending = known.checks_pending
        left = pending.until - self.clock() if pending else OFTEN
        return Retry(max(min(left, OFTEN), SOON), "its commit's checks have not passed")

    def _later(self, error: NoAnswerError, known: Verification) -> Retry:
        """Again when GitHub wants it, else the later the longer it has been."""
        now, request = self.clock(), known.request
        waited = now - request.requested_at if request else LATE
        after = error.retry_at - now if error.retry_at else min(waited / 2, LATE)
        log.warning(
            "github_gives_no_answer",
            repository=request.repository.full_name if request else None,
            number=request.number if request else None,
            reason=str(error),
            again_in_s=round(max(after, SOON).total_seconds()),
        )
        return Retry(max(after, SOON), str(error))


def _place_of(known: Verification) -> UUID | None:
    """The stream of its environment, once that is known."""
    told = known.request or known.foreign
    return environment_id(told.repository, told.environment) if told else None
