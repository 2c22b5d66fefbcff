"""What status-sync does about repositories: are they there, and under which name?"""

from datetime import datetime
from functools import partial

import structlog

from shared.contracts import Cause, Repository, RepositoryGone, RepositoryNameTaken
from status_sync.domain import hooks
from status_sync.domain.repository import deleted, found, missed, stream_of
from status_sync.domain.repository import withdrawn as taken_back
from status_sync.ports import NoAnswerError

from .streams import OwnStreams, Touched

log = structlog.get_logger()


class Repositories(OwnStreams):
    """Asks GitHub when a webhook tells of a change; the sweep asks anyway."""

    async def look(
        self,
        repository: Repository,
        cause: Cause | None = None,
        *,
        withdrawn: bool = False,
    ) -> RepositoryGone | None:
        """Ask GitHub for it; None if it is there, else what became of it.

        With `withdrawn` GitHub has said that our App may see it no more.

        Raises:
            NoAnswerError: GitHub gives no answer, or the repository is missing, but not
                for so long that it counts.
        """
        cause = cause or Cause(correlation_id=str(stream_of(repository)))
        there = await self.github.locate(repository)
        if there is None:
            return await self._missed(repository, cause, withdrawn=withdrawn)
        await self._found(repository, there, cause)
        return None

    async def _found(self, asked: Repository, there: Repository, cause: Cause) -> None:
        followed = (await self.hooks.get(hooks.STREAM)).by_repository.get(asked.id)
        expected = followed.repository if followed else asked
        await self.at_github.change(
            stream_of(asked),
            partial(found, expected=expected, there=there, now=self.clock()),
            cause,
        )

    async def _missed(
        self, repository: Repository, cause: Cause, *, withdrawn: bool
    ) -> RepositoryGone:
        now, patience = self.clock(), self.limits.absence
        decide = (
            partial(taken_back, repository=repository, now=now)
            if withdrawn
            else partial(missed, repository=repository, now=now, patience=patience)
        )
        known = await self.at_github.change(stream_of(repository), decide, cause)
        if known.gone:
            self._tell_loss(known.gone, now)
            return known.gone
        since = known.missing_since or now
        raise NoAnswerError(
            f"{repository.full_name}: GitHub shows no such repository since "
            f"{since:%H:%M} UTC; from {since + patience:%H:%M} it counts as gone",
            max(since + patience - now, patience / 10),
        )

    async def lose(self, repository: Repository, cause: Cause) -> None:
        """GitHub says that it was deleted."""
        now = self.clock()
        known = await self.at_github.change(
            stream_of(repository),
            partial(deleted, repository=repository, now=now),
            cause,
        )
        if known.gone:
            self._tell_loss(known.gone, now)

    def touch(self, repository: Repository, *, withdrawn: bool = False) -> None:
        """Something has happened to it: look soon."""
        before = self.touched.get(repository.id)
        withdrawn = withdrawn or (before is not None and before.withdrawn)
        self.touched[repository.id] = Touched(repository, withdrawn)
        self.touching.set()

    async def hear_of_name(self, hint: RepositoryNameTaken) -> None:
        """Its name means another one by now."""
        self.touch(hint.repository)

    async def look_when_touched(self) -> None:
        """Look at each repository of which a webhook has told that it changed."""
        while True:
            await self.touching.wait()
            self.touching.clear()
            while self.touched:
                _, touched = self.touched.popitem()
                try:
                    await self.look(touched.repository, withdrawn=touched.withdrawn)
                except NoAnswerError as error:
                    # The sweep looks again.
                    log.warning("repository_not_seen", reason=str(error))

    def _tell_loss(self, gone: RepositoryGone, now: datetime) -> None:
        if gone.seen_at == now:
            name = gone.repository.full_name
            log.error("repository_gone", repository=name, reason=gone.reason)
