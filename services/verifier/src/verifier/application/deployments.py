"""Deployments: from a request to its verdict, and to the end of its place."""

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from shared.contracts import (
    Cause,
    DeployRequested,
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
from verifier.domain.environment import environment_id
from verifier.domain.resolution import ChecksAnswered, RefResolved, answer_checks
from verifier.domain.verdict import conclude
from verifier.domain.verification import Verification, learn
from verifier.ports import NoAnswerError

from .resolving import Resolving

Incoming = (
    DeployRequested
    | GitHubDeploymentCanceled
    | GitHubDeploymentRefused
    | GitHubDeploymentGone
    | SlotReleaseRequested
    | StatusUpdated
)
SOON: Final = timedelta(seconds=1)
LATE: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Deployments(Resolving):
    """Verifications: from a request to its verdict, and to its end."""

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment."""
        id_ = message.data.deployment_id
        known = await self.verifications.take(id_, message)
        await self.advance(id_, known, message.cause)

    async def take_status(self, message: Message[StatusUpdated]) -> None:
        """Only that the tooling has finished is of interest here."""
        if message.data.final:
            await self.take(message)

    async def advance(self, id_: UUID, known: Verification, cause: Cause) -> None:
        """Do what is still to be done for this deployment."""
        if known.request is None:
            return
        place = environment_id(known.request.repository, known.request.environment)
        if known.freed:
            await self.environments.change(
                place, lambda now: environment.end(now, id_), cause
            )
        elif known.open(self.clock()):
            await self._find_out(known, known.request, cause)
            await self._conclude(id_, place, cause)

    async def _find_out(
        self, known: Verification, request: DeployRequested, cause: Cause
    ) -> None:
        """Ask GitHub what isn't known yet. What is resolved stays resolved."""
        try:
            fact = await self._asked(known, request)
        except NoAnswerError as error:
            raise self._later(error, request) from error
        if fact:
            await self.verifications.change(
                request.deployment_id, partial(learn, fact=fact), cause
            )

    async def _asked(
        self, known: Verification, request: DeployRequested
    ) -> RefResolved | ChecksAnswered | None:
        resolved = known.resolved
        if resolved is None:
            return await self.resolved(request)
        if resolved.sha and known.needs_checks(self.clock()):
            told = await self.github.contexts(resolved.repository, resolved.sha)
            return answer_checks(resolved, resolved.sha, told, self.clock())
        return None

    def _later(self, error: NoAnswerError, request: DeployRequested) -> Retry:
        """Again when GitHub wants it, else the later the longer it has been."""
        now = self.clock()
        waited = now - request.requested_at
        after = error.retry_at - now if error.retry_at else min(waited / 2, LATE)
        log.warning(
            "github_gives_no_answer",
            repository=request.repository.full_name,
            number=request.number,
            reason=str(error),
            again_in_s=round(max(after, SOON).total_seconds()),
        )
        return Retry(max(after, SOON), str(error))

    async def _conclude(self, id_: UUID, place: UUID, cause: Cause) -> None:
        """Say the verdict, and give or refuse the place with it."""
        await change_both(
            self.verifications,
            id_,
            self.environments,
            place,
            partial(conclude, now=self.clock(), holds_for=self.verdict_holds),
            cause,
        )
