"""The streams of the verifier, and what it asks the world."""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from shared.contracts import Repository
from shared.messaging import Retry
from shared.store import Store, Streams
from verifier.domain import commit, environment, following, push, verification
from verifier.domain.commit import Commit, CommitFact
from verifier.domain.environment import Environment, EnvironmentFact
from verifier.domain.following import Following, FollowingFact, following_id
from verifier.domain.push import Push, PushFact
from verifier.domain.resolution import FIRST_CHECK
from verifier.domain.verification import Verification, VerificationFact
from verifier.ports import GitHub, NoAnswerError

SOON: Final = timedelta(seconds=1)
LATE: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Kept:
    """What every part of the application works on."""

    def __init__(
        self,
        store: Store,
        github: GitHub,
        verdict_holds: timedelta,
        first_check: timedelta = FIRST_CHECK,
    ) -> None:
        self.verifications = Streams[Verification, VerificationFact](
            store, Verification(), verification.evolve
        )
        self.environments = Streams[Environment, EnvironmentFact](
            store, Environment(), environment.evolve
        )
        self.commits = Streams[Commit, CommitFact](store, Commit(), commit.evolve)
        self.pushes = Streams[Push, PushFact](store, Push(), push.evolve)
        self.followings = Streams[Following, FollowingFact](
            store, Following(), following.evolve
        )
        self.store = store
        self.clock = store.clock
        self.github = github
        self.verdict_holds = verdict_holds
        self.first_check = first_check
        #: The commits that GitHub is being asked about, and whether once more.
        self._heard: dict[UUID, bool] = {}

    async def followed(self, repository: Repository) -> Following:
        """How a repository is to be treated, and what it is called."""
        return await self.followings.get(following_id(repository))

    def later(
        self, error: NoAnswerError, waited: timedelta, **about: str | int
    ) -> Retry:
        """Again when GitHub wants it, else the later the longer it has been."""
        after = error.retry_at - self.clock() if error.retry_at else waited / 2
        after = max(after if error.retry_at else min(after, LATE), SOON)
        log.warning(
            "github_gives_no_answer",
            reason=str(error),
            again_in_s=round(after.total_seconds()),
            **about,
        )
        return Retry(after, str(error))
