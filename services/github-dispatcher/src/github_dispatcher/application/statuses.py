"""Statuses that somebody wants GitHub to have: posted once, and answered once."""

from typing import assert_never
from uuid import UUID, uuid4

import structlog

from github_dispatcher.domain import posting, statuses
from github_dispatcher.domain.answers import Limits
from github_dispatcher.domain.dispatch import AGES_AGO
from github_dispatcher.domain.posting import Posting, Postings
from github_dispatcher.domain.statuses import (
    Begin,
    GiveUp,
    LookUp,
    Step,
    Wait,
    next_step,
)
from github_dispatcher.domain.wording import REPOSITORY_GONE
from github_dispatcher.ports import GitHub, RepositoryGoneError
from shared.contracts import Cause, Message, RemoteStatusRequested
from shared.store import Store, Streams

from .turns import Turns

log = structlog.get_logger()


class Statuses(Turns):
    def __init__(self, store: Store, github: GitHub, limits: Limits) -> None:
        super().__init__(store, github, limits)
        self.postings = Streams(store, Postings(), posting.evolve)

    async def take_status(self, message: Message[RemoteStatusRequested]) -> None:
        """Somebody wants a status to be posted."""
        stream = posting.stream_of(message.data)
        async with self._turn(stream):
            known = await self.postings.take(stream, message)
            await self.advance_statuses(stream, known)

    async def advance_statuses(self, stream: UUID, known: Postings) -> None:
        """Post what is still to be posted, in the order in which it was wanted.

        Raises:
            Retry: The rest has to wait.
        """
        while step := next_step(known, self.clock()):
            known = await self._do_status(step, stream, known)

    async def _do_status(self, step: Step, stream: UUID, known: Postings) -> Postings:
        match step:
            case Wait(until, reason):
                newest = await self.postings.get(stream)
                if newest == known:
                    raise self._retry(until - self.clock(), reason)
                return newest
            case Begin(wanted):
                return await self._begin_status(wanted, stream)
            case LookUp(wanted):
                decide = await self._look_for_status(wanted)
            case GiveUp(wanted, refusal):
                decide = statuses.give_up(wanted, refusal)
            case _:
                assert_never(step)
        return await self.postings.change(stream, decide, wanted.cause)

    async def _begin_status(self, wanted: Posting, stream: UUID) -> Postings:
        cause: Cause = wanted.cause
        try:
            named = await self.github.locate(wanted.wish.repository, AGES_AGO)
        except RepositoryGoneError:
            decide = statuses.give_up(wanted, REPOSITORY_GONE)
            return await self.postings.change(stream, decide, cause)
        if full_until := self.github.reserve():
            raise self._retry(full_until - self.clock(), "writes to GitHub are paced")
        worker, mine = uuid4().hex, None
        decide = statuses.begin(wanted, worker, self.clock(), self.limits)
        try:
            known = await self.postings.change(stream, decide, cause)
            mine = known.held_by(worker)
        finally:
            if not mine:
                self.github.release()
        if not mine:
            return known
        answer = await self.github.post_status(wanted.wish, named, mine.begin_by)
        log.info(
            "status_posted",
            subject=str(wanted.wish.deployment_id),
            attempt=mine.attempt,
            answer=type(answer).__name__,
        )
        decide = statuses.answered(mine, answer, self.clock())
        return await self.postings.change(stream, decide, cause)

    async def _look_for_status(self, wanted: Posting) -> statuses.Decide:
        try:
            found = await self.github.find_status(wanted.wish, wanted.since)
        except RepositoryGoneError:
            return statuses.give_up(wanted, REPOSITORY_GONE)
        return statuses.looked_up(wanted, found)
