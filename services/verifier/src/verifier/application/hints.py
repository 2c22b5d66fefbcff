"""Hints: GitHub has something new to say of a commit."""

from contextlib import suppress
from functools import partial
from uuid import UUID

from shared.contracts import Cause, CommitChecksChanged, Repository
from shared.messaging import Retry
from verifier.domain import commit
from verifier.domain.commit import commit_id

from .deployments import Deployments


class Hints(Deployments):
    """Looks at once, where who waits would look a little later."""

    async def hear_of_checks(self, hint: CommitChecksChanged) -> None:
        """Something was reported about a commit."""
        await self.checks_changed(hint.repository, hint.sha)

    async def checks_changed(self, repository: Repository, sha: str) -> None:
        """Judge again all that wait for this commit's checks.

        Checks come in bursts: while GitHub is asked because of one, all that come
        meanwhile are one more question.
        """
        stream = commit_id(repository, sha)
        if stream in self._heard:
            self._heard[stream] = True
            return
        self._heard[stream] = True
        try:
            while self._heard[stream]:
                self._heard[stream] = False
                for id_ in (await self.commits.get(stream)).waiting:
                    await self._look(id_, stream)
        finally:
            del self._heard[stream]

    async def _look(self, id_: UUID, stream: UUID) -> None:
        cause = Cause(correlation_id=str(id_))
        known = await self.verifications.get(id_)
        with suppress(Retry):  # Its own message comes again, whatever is heard here.
            await self.advance(known, cause, anew=True)
            settle = partial(commit.settle, deployment_id=id_)
            await self.commits.change(stream, settle, cause)
