"""What status-sync does about repositories: are they there, and under which name?"""

from datetime import datetime
from functools import partial

import structlog

from shared.contracts import Cause, Repository, RepositoryGone, RepositoryNameTaken
from status_sync.domain import hooks
from status_sync.domain.repository import Word, found, lost, missed, stream_of
from status_sync.ports import NoAnswerError

from .streams import OwnStreams, Touched

log = structlog.get_logger()


class Repositories(OwnStreams):
    """Asks GitHub when a webhook tells of a change; the sweep asks anyway."""

    async def look(
        self,
        repository: Repository,
        cause: Cause | None = None,
        word: Word | None = None,
    ) -> RepositoryGone | None:
        """Ask GitHub for it; None if it is there, else what became of it.

        A `word` is what GitHub has said of its loss before it was asked.

        Raises:
            NoAnswerError: GitHub gives no answer, or the repository is missing, but not
                for so long that it counts.
        """
        cause = cause or Cause(correlation_id=str(stream_of(repository)))
        there = await self.github.locate(repository)
        if there is None:
            return await self._missed(repository, cause, word)
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
        self, repository: Repository, cause: Cause, word: Word | None
    ) -> RepositoryGone:
        now, patience = self.clock(), self.limits.absence
        decide = (
            partial(lost, repository=repository, word=word, now=now)
            if word
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

    def touch(self, repository: Repository, word: Word | None = None) -> None:
        """Something has happened to it: look soon."""
        before = self.touched.get(repository.id)
        word = word or (before.word if before else None)
        self.touched[repository.id] = Touched(repository, word)
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
                    await self.look(touched.repository, word=touched.word)
                except NoAnswerError as error:
                    # The sweep looks again.
                    log.warning("repository_not_seen", reason=str(error))

    def _tell_loss(self, gone: RepositoryGone, now: datetime) -> None:
        if gone.seen_at == now:
            name = gone.repository.full_name
            log.error("repository_gone", repository=name, reason=gone.reason)
