"""Asks GitHub for all that people may see.

At the sign-in, when they want it, and again and again while they are there: so nobody
stays who was removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, or_, update

from api_gateway.ports import GitHubAwayError, TokenRefusedError
from shared.contracts import Person, Repository

from . import people, permissions
from .access import Access
from .github_tokens import GitHubTokens
from .ports import GitHubPeople, Profile
from .records import Records
from .tables import PEOPLE

#: Who was not there for so long is looked after when they come again.
ACTIVE: Final = timedelta(hours=1)
#: Between two looks at everything that somebody may see.
EVERY: Final = timedelta(minutes=5)
#: One who asks at the same time as another waits for no second look.
CLAIM: Final = timedelta(minutes=1)
LOOK_EVERY_S: Final = 15.0
AT_ONCE: Final = 4

#: The repositories that Gitploy follows.
Followed = Callable[[], Awaitable[Sequence[Repository]]]

log = structlog.get_logger()


class Syncing:
    def __init__(
        self,
        records: Records,
        github: GitHubPeople,
        tokens: GitHubTokens,
        access: Access,
        followed: Followed,
    ) -> None:
        self._records = records
        self._github = github
        self._tokens = tokens
        self._access = access
        self._followed = followed
        self._under_way: set[asyncio.Task[None]] = set()

    async def sync(self, who: Person) -> None:
        """Ask for all repositories of a person.

        Raises:
            GitHubAwayError: Nobody can tell now; what is known stays.
            TokenRefusedError: GitHub does not take the person's token any more.
        """
        begun = self._records.clock()
        await self._begin(who, begun)
        token = await self._tokens.token(who.id)
        if token is None:
            await self._ask_for_each(who, await self._followed())
        else:
            await self._ask_for_all(who, token)
        await self._ask_again_for_others(who, begun)
        await self._records.write(
            lambda c: people.change(c, who.id, synced_at=begun, sync_begun_at=None)
        )
        self._access.generation += 1

    def soon(self, who: Person) -> None:
        """Ask beside what is done now."""
        task = asyncio.create_task(self._look_after(who.id))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def first(self, who: Person) -> None:
        """Ask once, for somebody of whom nothing was asked yet."""
        known = await self._records.read(lambda c: people.find(c, who.id))
        if known is None or known.synced_at is None:
            await self.sync(who)

    async def run(self) -> None:
        """Look after everybody who was there lately, until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(LOOK_EVERY_S)

    async def tick(self) -> None:
        """Ask for those whose turn it is."""
        now = self._records.clock()
        due = await self._records.read(
            lambda c: people.active(c, now - ACTIVE, now - EVERY)
        )
        for user_id in due:
            if await self._records.write(partial(_claim, user_id, now)):
                await self._look_after(user_id)

    async def _look_after(self, user_id: int) -> None:
        account = await self._records.read(lambda c: people.find(c, user_id))
        if account is None or account.refused_at:
            return
        try:
            await self.sync(Person(id=account.id, login=account.login))
        except (GitHubAwayError, TokenRefusedError) as error:
            # What is known holds for its time.
            log.info("sync_failed", user_id=user_id, reason=str(error))
        except Exception:
            # The others must not wait for it.
            log.exception("sync_failed", user_id=user_id)

    async def _begin(self, who: Person, now: datetime) -> None:
        def write(c: Connection) -> None:
            if people.find(c, who.id) is None:
                people.put(c, Profile(who.id, who.login), now)
            people.change(c, who.id, sync_begun_at=now, active_at=now)

        await self._records.write(write)

    async def _ask_for_all(self, who: Person, token: str) -> None:
        try:
            profile = await self._github.profile(token)
            seen = await self._github.repositories(token)
        except TokenRefusedError:
            await self._access.refused(who)
            raise
        if profile.id == who.id:
            now = self._records.clock()
            await self._records.write(lambda c: people.put(c, profile, now))
        ours = [one for one in seen if self._access.rules.count(one.full_name)]
        await self._access.remember(who, ours)

    async def _ask_for_each(
        self, who: Person, repositories: Sequence[Repository]
    ) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask(repository: Repository) -> None:
            async with turns:
                await self._access.ask(who, repository)

        await asyncio.gather(*map(ask, repositories))

    async def _ask_again_for_others(self, who: Person, begun: datetime) -> None:
        """What was seen before and is not in the list: public, or theirs no more."""

        def read(c: Connection) -> list[Repository]:
            ids = permissions.not_seen_since(c, who.id, begun)
            known = permissions.repositories(c, ids)
            return [Repository(id=i, full_name=known[i].full_name) for i in ids]

        await self._ask_for_each(who, await self._records.read(read))


def _claim(user_id: int, now: datetime, c: Connection) -> bool:
    """Whether it is ours to do: of several replicas one asks."""
    begun = PEOPLE.c.sync_begun_at
    free = or_(begun.is_(None), begun < now - CLAIM)
    claimed = update(PEOPLE).where(PEOPLE.c.id == user_id, free)
    return c.execute(claimed.values(sync_begun_at=now)).rowcount == 1
