"""Asks GitHub for all that people may see.

At the sign-in, when they want it, and again and again while they are there: so nobody
stays who was removed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, or_, update

from api_gateway.ports import (
    GitHubAwayError,
    PersonLimitedError,
    TokenRefusedError,
    TokenTooWeakError,
)
from shared.contracts import Person, Repository

from . import people, permissions
from .access import ASK_WITHIN_S, Access
from .accounts import Accounts
from .looking import Looking
from .ports import GitHubPeople, Profile
from .proofs import TICK
from .tables import PEOPLE

NOT_A_MEMBER: Final = "not a member of an approved organization any more"
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
        accounts: Accounts,
        github: GitHubPeople,
        access: Access,
        followed: Followed,
    ) -> None:
        self._accounts = accounts
        self._records = accounts.records
        self._github = github
        self._access = access
        self._followed = followed
        #: One look at a time for each person.
        self.looking: Looking[int, None] = Looking("all that somebody sees")

    async def sync(self, who: Person) -> None:
        """Ask for all repositories of a person now.

        Raises:
            GitHubAwayError: Nobody can tell now; what is known stays.
            TokenRefusedError: GitHub does not take the person's token any more.
            TokenTooWeakError: It may not be asked this; the message says what it lacks.
        """
        await asyncio.shield(self._under_way(who))

    def soon(self, who: Person) -> None:
        """The same, beside what is done now."""
        self._under_way(who)

    async def fresh(self, who: Person) -> None:
        """See that what is known of all of a person's repositories is not too old.

        Raises:
            GitHubAwayError: Nothing is known that still holds, and nobody can tell now.
            TokenRefusedError: GitHub does not take the person's token any more.
            TokenTooWeakError: It may not be asked this; the message says what it lacks.
        """
        now, rules = self._records.clock(), self._access.rules
        known = await self._records.read(lambda c: people.find(c, who.id))
        if known is None or known.synced_at is None:
            return await self.sync(who)
        if known.active_at is None or now - known.active_at >= TICK:
            await self._records.write(lambda c: people.change(c, who.id, active_at=now))
        age, begun = now - known.synced_at, known.sync_begun_at
        if age <= rules.stale:
            return None
        holds = age <= rules.hold
        being_asked = begun and begun > known.synced_at and now - begun < CLAIM
        if not (holds and being_asked):
            with suppress(GitHubAwayError, TimeoutError):
                async with asyncio.timeout(ASK_WITHIN_S):
                    return await self.sync(who)
        if not holds:
            raise GitHubAwayError("GitHub has given no answer for too long")
        return None

    async def run(self) -> None:
        """Look after everybody who was there lately, until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(LOOK_EVERY_S)

    async def tick(self) -> None:
        """Ask for those whose turn it is."""
        now = self._records.clock()
        turn = people.Turn(
            there_since=now - ACTIVE,
            synced_before=now - EVERY,
            begun_before=now - CLAIM,
        )
        due = await self._records.read(partial(people.due, turn=turn))
        turns = asyncio.Semaphore(AT_ONCE)

        async def look(user_id: int) -> None:
            async with turns:
                if await self._records.write(partial(_claim, user_id, now)):
                    await self._look_after(user_id)

        await asyncio.gather(*map(look, due))

    def _under_way(self, who: Person) -> "asyncio.Task[None]":
        return self.looking.once(who.id, partial(self._sync, who))

    async def _sync(self, who: Person) -> None:
        begun = self._records.clock()
        await self._begin(who, begun)
        await self._access.in_name_of(who, partial(self._ask_for_all, who))
        await self._records.write(lambda c: people.change(c, who.id, synced_at=begun))

    async def _look_after(self, user_id: int) -> None:
        account = await self._records.read(lambda c: people.find(c, user_id))
        if account is None or account.refused_at:
            return
        with suppress(Exception):
            # Why is logged; the others must not wait for it.
            await self.sync(Person(id=account.id, login=account.login))

    async def _begin(self, who: Person, now: datetime) -> None:
        def write(c: Connection) -> None:
            if people.find(c, who.id) is None:
                people.put(c, Profile(who.id, who.login), now)
            people.change(c, who.id, sync_begun_at=now)

        await self._records.write(write)

    async def _ask_for_all(self, who: Person, token: str | None) -> None:
        begun = self._records.clock()
        if token is None:
            await self._ask_for_followed(who)
            return await self._ask_again_for_others(who, begun)
        try:
            async with self._access.within_limit(who):
                profile = await self._github.profile(token)
                await self._admit(profile, token)
                seen = await self._github.repositories(token)
        except PersonLimitedError:
            # Others than these Gitploy's own token does not show.
            if not await self._ask_for_followed(who):
                raise
            return None
        if profile.id == who.id:
            await self._records.write(partial(_tell, profile, self._records.clock()))
        ours = [one for one in seen if self._access.rules.count(one.full_name)]
        await self._access.remember(who, ours, begun, deleted=True)
        return await self._ask_again_for_others(who, begun)

    async def _admit(self, profile: Profile, token: str) -> None:
        """See that somebody may still be here.

        Raises:
            TokenRefusedError: They may not, so their token is not used any more.
        """
        asked_at = self._records.clock()
        try:
            if await self._access.admits(profile, token):
                return
            why = NOT_A_MEMBER
        except TokenTooWeakError as error:
            why = f"GitHub does not tell what they are a member of: {error}"
        who = Person(id=profile.id, login=profile.login)
        await self._accounts.put_out(who, asked_at, why)
        log.warning("membership_ended", user_id=who.id, login=who.login, reason=why)
        raise TokenRefusedError(own=False)

    async def _ask_for_followed(self, who: Person) -> bool:
        """Whether there was anything to ask that was not asked just now."""
        lately = await self._access.asked_lately(who)
        followed = [one for one in await self._followed() if one.id not in lately]
        unanswered = await self._ask_for_each(who, followed)
        if unanswered and len(unanswered) == len(followed):
            raise unanswered[0]
        return bool(followed)

    async def _ask_for_each(
        self, who: Person, repositories: Sequence[Repository]
    ) -> Sequence[GitHubAwayError]:
        """Each for itself: what GitHub says of one is kept, whatever is of the others.

        Returns:
            Why it says nothing of some: there what was known holds for its time.
        """
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask(repository: Repository) -> None:
            async with turns:
                await self._access.ask(who, repository)

        asked = (ask(repository) for repository in repositories)
        errors = filter(None, await asyncio.gather(*asked, return_exceptions=True))
        unanswered: list[GitHubAwayError] = []
        for error in errors:
            if not isinstance(error, GitHubAwayError):
                raise error
            unanswered.append(error)
        if unanswered:
            reason, of = str(unanswered[0]), len(repositories)
            log.info(
                "github_gave_no_answer",
                about=f"{len(unanswered)} of {of} repositories",
                user_id=who.id,
                reason=reason,
            )
        return unanswered

    async def _ask_again_for_others(self, who: Person, begun: datetime) -> None:
        """What was seen before and is not in the list: public, or theirs no more."""

        def read(c: Connection) -> list[Repository]:
            ids = permissions.not_seen_since(c, who.id, begun)
            known = permissions.repositories(c, ids)
            return [Repository(id=i, full_name=known[i].full_name) for i in ids]

        await self._ask_for_each(who, await self._records.read(read))


def _tell(profile: Profile, now: datetime, c: Connection) -> None:
    """What GitHub tells of somebody, unless they were deleted meanwhile."""
    if people.find(c, profile.id):
        people.put(c, profile, now)


def _claim(user_id: int, now: datetime, c: Connection) -> bool:
    """Whether it is ours to do: of several replicas one asks."""
    begun = PEOPLE.c.sync_begun_at
    free = or_(begun.is_(None), begun < now - CLAIM)
    claimed = update(PEOPLE).where(PEOPLE.c.id == user_id, free)
    return c.execute(claimed.values(sync_begun_at=now)).rowcount == 1
