"""What the verifier does.

Every incoming message is dealt with in the same two steps: *take* it (record it as a
fact of its deployment) and *advance* (do what the facts say is still to be done).
`advance` never looks at the message, so it makes no difference which one woke it up,
or how often, or what a crash has left half done.
"""

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
from shared.messaging import Handlers, Retry
from shared.store import Store, Streams, change_both

from .domain import environment, verification
from .domain.environment import Environment, EnvironmentFact, environment_id
from .domain.resolution import ChecksAnswered, RefResolved, answer_checks, resolve
from .domain.verdict import conclude
from .domain.verification import Verification, VerificationFact, learn
from .ports import GitHub, NoAnswerError

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


class Verifier:
    """Decides whether refs may be deployed, and who runs in an environment."""

    def __init__(self, store: Store, github: GitHub, verdict_holds: timedelta) -> None:
        self._verifications = Streams[Verification, VerificationFact](
            store, Verification(), verification.evolve
        )
        self._environments = Streams[Environment, EnvironmentFact](
            store, Environment(), environment.evolve
        )
        self._github = github
        self._clock = store.clock
        self._run = store.run
        self._verdict_holds = verdict_holds

    async def take(self, message: Message[Incoming]) -> None:
        """Somebody told us something about a deployment."""
        id_ = message.data.deployment_id
        known = await self._verifications.take(id_, message)
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
            await self._environments.change(
                place, lambda now: environment.end(now, id_), cause
            )
        elif known.open(self._clock()):
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
            await self._verifications.change(
                request.deployment_id, partial(learn, fact=fact), cause
            )

    async def _asked(
        self, known: Verification, request: DeployRequested
    ) -> RefResolved | ChecksAnswered | None:
        resolved = known.resolved
        if resolved is None:
            found = await self._github.look(request.repository, request.ref)
            # A large deploy.yml takes a while to read; others must not wait for it.
            return await self._run(lambda: resolve(request, found, self._clock()))
        if resolved.sha and known.needs_checks(self._clock()):
            told = await self._github.contexts(resolved.repository, resolved.sha)
            return answer_checks(resolved, resolved.sha, told, self._clock())
        return None

    def _later(self, error: NoAnswerError, request: DeployRequested) -> Retry:
        """Again when GitHub wants it, else the later the longer it has been."""
        now = self._clock()
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
            self._verifications,
            id_,
            self._environments,
            place,
            partial(conclude, now=self._clock(), holds_for=self._verdict_holds),
            cause,
        )


#: Which events the verifier takes, and what it does with each.
HANDLERS: Handlers[Verifier] = {
    DeployRequested: Verifier.take,
    GitHubDeploymentCanceled: Verifier.take,
    GitHubDeploymentRefused: Verifier.take,
    GitHubDeploymentGone: Verifier.take,
    SlotReleaseRequested: Verifier.take,
    StatusUpdated: Verifier.take_status,
}
