"""What status-sync does about deployments: statuses, links, questions, and whose."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from shared.contracts import (
    Cause,
    GitHubDeploymentCreated,
    Message,
    RepositoryGone,
    SyncRequested,
)
from shared.messaging import Retry
from shared.store import Logged
from status_sync.domain import own
from status_sync.domain.answers import answer
from status_sync.domain.github_deployment import (
    settle,
    show,
    stream_of,
    tell,
    tell_kept,
)
from status_sync.domain.told import DeploymentTold, StatusKept
from status_sync.ports import Lack, NoAnswerError
from status_sync.webhooks import DeploymentShown, StatusShown

from .repositories import Repositories

#: The work of settling whose deployments are that nobody has linked.
UNLINKED: Final = "unlinked"
#: How often it is looked for those.
SETTLE_EVERY: Final = timedelta(seconds=5)
#: GitHub shows a repository, but hides its deployments: somebody has to give a right.
HIDDEN: Final = timedelta(minutes=10)

log = structlog.get_logger()


class Deployments(Repositories):
    # What webhooks tell.

    async def hear_status(self, told: StatusShown, cause: Cause) -> None:
        """Say it, or keep it until somebody knows which deployment this is."""
        await self.deployments.change(
            _stream(told.about),
            lambda known: tell(known, told.about, told.status),
            cause,
        )

    async def hear_deployment(self, told: DeploymentShown, cause: Cause) -> None:
        """Pass a marker on; say what is nobody's of ours."""
        await self.deployments.change(
            _stream(told.about),
            lambda known: show(known, told.about, told.seen),
            cause,
        )

    # What the other services tell.

    async def take_created(self, message: Message[GitHubDeploymentCreated]) -> None:
        """One of ours is at GitHub."""
        fact = message.data
        place = own.stream_of(fact.repository, fact.environment, fact.sha)
        stream = stream_of(fact.repository, fact.github_deployment_id)
        # Together they are one commit.
        await asyncio.gather(
            self.own.take(place, message), self.deployments.take(stream, message)
        )
        await self.advance(stream, message.cause)

    async def take(self, message: Message[SyncRequested]) -> None:
        """Somebody wants to know all of a deployment, and knows which one it is."""
        fact = message.data
        stream = stream_of(fact.repository, fact.github_deployment_id)
        await self.deployments.take(stream, message)
        await self.advance(stream, message.cause)

    async def advance(self, stream: UUID, cause: Cause) -> None:
        """Say what waited for the link; ask GitHub what somebody wants to know."""
        known = await self.deployments.change(stream, tell_kept, cause)
        for question in known.unanswered:
            await self.answer(stream, question, cause)

    async def answer(self, stream: UUID, question: SyncRequested, cause: Cause) -> None:
        """Ask GitHub, and say all that it has."""
        try:
            found = await self._ask_github(question, cause)
        except NoAnswerError as error:
            raise Retry(error.after, str(error)) from error
        await self.deployments.change(
            stream, lambda known: answer(known, question, found), cause
        )

    async def _ask_github(
        self, question: SyncRequested, cause: Cause
    ) -> Sequence[StatusKept] | RepositoryGone | None:
        """Gone is only what a repository that we may see doesn't have."""
        repository = question.repository
        found = await self.github.statuses(repository, question.github_deployment_id)
        if not isinstance(found, Lack):
            return found
        gone = await self.look(repository, cause)
        if gone is None and found is Lack.FORBIDDEN:
            raise NoAnswerError(
                f"{repository.full_name}: GitHub does not let Gitploy's token read "
                "deployments: give it that right",
                HIDDEN,
            )
        return gone

    # What time tells.

    async def settle_regularly(self) -> None:
        """Say of what nobody has linked in time whose it is."""
        while True:
            await self.settle_due()
            await asyncio.sleep(SETTLE_EVERY.total_seconds())

    async def settle_due(self) -> None:
        """Follow the log, so much later as a link may take."""
        start = await self.turns.claim(UNLINKED, SETTLE_EVERY)
        if start is None:
            return
        # An older log was restored: what was settled there changes nothing.
        place = start if start <= await self.store.last_position() else 0
        while entries := await self.store.log(place):
            for entry in entries:
                if not await self._settled(entry):
                    await self.turns.reach(UNLINKED, place)
                    return
                place = entry.position
            await self.turns.reach(UNLINKED, place)

    async def _settled(self, entry: Logged) -> bool:
        """Settle what the entry began; whether it was time to."""
        told = entry.message.data
        if not isinstance(told, DeploymentTold):
            return True
        if entry.message.time + self.limits.link > self.clock():
            return False
        ours = await self._ours(told) if told.may_be_folded else frozenset()
        await self.deployments.change(
            entry.stream, partial(settle, ours=ours), entry.message.cause
        )
        return True

    async def _ours(self, told: DeploymentTold) -> frozenset[int]:
        place = own.stream_of(told.repository, told.environment, told.sha)
        return (await self.own.get(place)).numbers


def _stream(about: DeploymentTold) -> UUID:
    return stream_of(about.repository, about.github_deployment_id)
