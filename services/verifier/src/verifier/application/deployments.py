"""Deployments: from a request to its verdict, and to the end of its place."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast
from uuid import UUID

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
from verifier.domain import commit, environment
from verifier.domain.case import Moment
from verifier.domain.commit import commit_id
from verifier.domain.environment import Environment, environment_id
from verifier.domain.resolution import RefResolved, answer_checks
from verifier.domain.verdict import conclude
from verifier.domain.verification import News, Verification
from verifier.ports import NoAnswerError

from .resolving import Resolving
from .streams import LATE, SOON

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
#: How often GitHub is asked for checks that have not finished.
OFTEN: Final = timedelta(minutes=1)
#: So long the bus brings one message again; after that, others have to ask.
A_DAY: Final = timedelta(hours=23)


class Deployments(Resolving):
    """Verifications: from a request to its verdict, and to its end."""

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment.

        What follows from it is committed together with it. Until then it is not
        acknowledged, and a crash brings it again.
        """
        stream, cause = message.data.deployment_id, message.cause
        known = await self.verifications.foresee(stream, message)
        if known.id and not message.asked and not self._waits(known):
            await self.advance(known, cause, taking=message)
            return
        known = await self.verifications.take(stream, message)
        if message.asked:
            await self._say_place_again(known)
        await self.advance(known, cause)

    async def take_status(self, message: Message[StatusUpdated]) -> None:
        """Only that the tooling has finished is of interest here."""
        if message.data.final:
            await self.take(message)

    async def advance(
        self,
        known: Verification,
        cause: Cause,
        *,
        anew: bool = False,
        taking: Message[Incoming] | None = None,
    ) -> None:
        """Do what is still to be done for this deployment.

        Args:
            known: What is known of it.
            cause: Why now.
            anew: GitHub has something new to say of its commit's checks.
            taking: A message that is known of it, and not recorded yet.

        Raises:
            Retry: The rest has to wait.
        """
        place = _place_of(known)
        if known.id is None or place is None:
            return
        if self._waits(known):
            here = await self.environments.get(place)
        else:
            known, here = await self._conclude(
                known.id, known, place, cause, anew=anew, taking=taking
            )
        await self.settle(place, here, cause)
        if known.waits_for_checks and known.open(self.clock()):
            await self._wait_for_checks(known, cause)

    def _waits(self, known: Verification) -> bool:
        """Whether it stands in line, and others say when it goes on."""
        return known.awaited is not None and known.open(self.clock())

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
        *,
        anew: bool = False,
        taking: Message[Incoming] | None = None,
    ) -> tuple[Verification, Environment]:
        """Say what follows about a deployment and its place, in one commit."""
        try:
            news = await self._news(known, anew)
            resolved = news if isinstance(news, RefResolved) else known.resolved
            overriders = await self._overriders(known, resolved)
        except NoAnswerError as error:
            if taking:
                await self.verifications.take(id_, taking)
            raise self._github_is_silent(error, known) from error
        moment = Moment(
            now=self.clock(),
            holds_for=self.verdict_holds,
            news=news,
            succeeded=await self.succeeded(resolved),
            overriders=overriders,
        )
        return await change_both(
            self.verifications,
            id_,
            self.environments,
            place,
            partial(conclude, moment=moment),
            cause,
            taking=taking,
        )

    async def _news(self, known: Verification, anew: bool) -> News | None:
        """Ask GitHub what isn't known yet. What is resolved stays resolved."""
        now = self.clock()
        if known.request is None or not known.open(now):
            return None
        resolved = known.resolved
        if resolved is None:
            return await self.looked_up(known.request)
        if resolved.sha and known.needs_checks(now, anew=anew):
            followed = await self.followed(resolved.repository)
            named = followed.named(resolved.repository)
            told = await self.github.contexts(named, resolved.sha)
            return answer_checks(resolved, resolved.sha, told, self.clock())
        return None

    async def _overriders(
        self, known: Verification, resolved: RefResolved | None
    ) -> dict[UUID, bool]:
        """Who of those that send it may pass over checks, if they want to."""
        now = self.clock()
        if resolved is None or known.awaited or not known.open(now):
            return {}
        return {
            c.confirmation_id: await self.may_override(resolved, c.confirmed_by)
            for c in known.unanswered(now)
            if c.override
        }

    async def looked_up(self, request: DeployRequested) -> RefResolved:
        """Look the ref up where the repository and its rules are now."""
        followed = await self.followed(request.repository)
        named = {"repository": followed.named(request.repository)}
        wanted = request.model_copy(update=named)
        return await self.resolved(wanted, followed.config_path)

    async def succeeded(
        self, resolved: RefResolved | None
    ) -> dict[str, dict[str, datetime]]:
        """When a commit succeeded in each of the environments that it needs."""
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

    async def _wait_for_checks(self, known: Verification, cause: Cause) -> None:
        """Be told when something is reported about its commit, and ask now and then."""
        pending = known.checks_pending
        if pending is None or known.request is None:
            return
        stream = commit_id(known.request.repository, pending.sha)
        decide = partial(commit.wait, deployment_id=pending.deployment_id)
        await self.commits.change(stream, decide, cause)
        if self.clock() - known.request.requested_at > A_DAY:
            return
        left = pending.until - self.clock()
        raise Retry(max(min(left, OFTEN), SOON), "its commit's checks have not passed")

    def _github_is_silent(self, error: NoAnswerError, known: Verification) -> Retry:
        if known.request is None:
            return self.later(error, LATE)
        return self.later(
            error,
            self.clock() - known.request.requested_at,
            repository=known.request.repository.full_name,
            number=known.request.number,
        )


def _place_of(known: Verification) -> UUID | None:
    """The stream of its environment, once that is known."""
    told = known.request or known.foreign
    return environment_id(told.repository, told.environment) if told else None
