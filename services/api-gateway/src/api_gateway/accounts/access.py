"""What somebody may do in a repository now, as GitHub says.

What GitHub said a moment ago is answered; what it said some minutes ago is answered
while it is asked again; later the answer waits for it. While GitHub is away, what is
known holds for hours, and only the first waits to see that it is away. While only a
person's own rate limit is used up, Gitploy asks with its own token about what they have
had: or whoever was removed would use it up to stay. What was never theirs is not worth
that (`unknown`). A token that GitHub refuses ends all of it at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlalchemy import Connection

from api_gateway.domain.access import AccessRules, Permission, is_full_name
from api_gateway.ports import (
    GitHubAwayError,
    LookedUpTooMuchError,
    PersonLimitedError,
    TokenRefusedError,
)
from shared.contracts import Person, Repository

from . import people, permissions
from .github_tokens import GitHubTokens
from .looking import Looking
from .ports import GitHubPeople, Profile, Seen
from .records import Records
from .tables import EPOCH
from .unknown import Unknown

T = TypeVar("T")

#: How long a request waits for GitHub to say what its person may do.
ASK_WITHIN_S: Final = 5.0
#: Who waited in vain waits again after so long.
PAUSE: Final = timedelta(minutes=1)

log = structlog.get_logger()


class Access:
    def __init__(
        self,
        records: Records,
        rules: AccessRules,
        github: GitHubPeople,
        tokens: GitHubTokens,
    ) -> None:
        #: Counts what has changed: whoever remembers an answer looks whether it did.
        self.generation = 0
        self.rules = rules
        self._records = records
        self._github = github
        self._tokens = tokens
        #: Of whom GitHub gave no answer last, and when: nobody waits for it meanwhile.
        self._unheard_of: dict[int, datetime] = {}
        self._unknown = Unknown(records.clock)
        self._asking: Looking[tuple[int, int], Permission] = Looking("a permission")
        self._finding: Looking[tuple[int, str], Seen | None] = Looking("a repository")

    async def permission(self, who: Person, repository: Repository) -> Permission:
        """What a person may do in a repository.

        Raises:
            GitHubAwayError: GitHub does not say, and what it said is too old.
            TokenRefusedError: It does not take the person's token any more.
        """
        if not self.rules.count(repository.full_name):
            return Permission.NONE
        look = partial(permissions.known, user_id=who.id, repo_id=repository.id)
        known = await self._records.read(look)
        age = self._records.clock() - known.synced_at if known else timedelta.max
        if known and age <= self.rules.fresh:
            return known.permission
        # Several requests of one person wait for one answer.
        key = who.id, repository.id
        theirs = bool(known and known.permission.rank)
        ask = partial(self.ask, who, repository, theirs=theirs)
        asking = self._asking.once(key, ask)
        if known and age <= self.rules.stale and theirs:
            return known.permission
        unheard = self._records.clock() - self._unheard_of.get(who.id, EPOCH) < PAUSE
        if known and age <= self.rules.hold and unheard:
            return known.permission
        try:
            async with asyncio.timeout(ASK_WITHIN_S):
                return await asyncio.shield(asking)
        except (LookedUpTooMuchError, PersonLimitedError):
            # GitHub is there, and what is not theirs can't hold.
            raise
        except (GitHubAwayError, TimeoutError) as error:
            self._unheard_of[who.id] = self._records.clock()
            if known and age <= self.rules.hold:
                return known.permission
            raise GitHubAwayError(str(error) or "GitHub does not answer") from error

    async def permission_by_name(self, who: Person, full_name: str) -> Seen | None:
        """A repository that only its name is known of, if GitHub shows it to them.

        Raises:
            GitHubAwayError: Nobody can tell now.
            TokenRefusedError: GitHub does not take the person's token any more.
        """
        if not is_full_name(full_name) or not self.rules.count(full_name):
            return None
        key = who.id, full_name.casefold()
        if self._unknown.absent(key):
            return None
        finding = self._finding.once(key, partial(self._find, who, full_name))
        async with asyncio.timeout(ASK_WITHIN_S):
            return await asyncio.shield(finding)

    async def admits(self, who: Profile, token: str) -> bool:
        """Whether somebody may come in, as GitHub says to their token.

        Raises:
            TokenTooWeakError: It does not say what they are a member of.
        """
        if self.rules.admit(who.login, ()):
            return True
        return self.rules.admit(who.login, await self._github.organizations(token))

    async def ask(
        self, who: Person, repository: Repository, *, theirs: bool = True
    ) -> Permission:
        """Ask GitHub now, and remember what it says.

        Args:
            who: About whom.
            repository: About which.
            theirs: Whether they may have something to lose there.
        """
        asked_at = self._records.clock()
        # The number stays the same, whatever becomes of the name.
        seen = await self._ask(who, repository.id, theirs=theirs)
        self._unheard_of.pop(who.id, None)
        if seen is None or not self.rules.count(seen.full_name):
            seen = Seen(repository.id, repository.full_name, Permission.NONE)
            await self.remember(who, [seen], asked_at)
        return seen.permission

    async def readable(self, who: Person) -> Collection[int]:
        """Where a person may do something, as far as it is known."""
        since = self._records.clock() - self.rules.hold
        look = partial(permissions.readable, user_id=who.id, since=since)
        return await self._records.read(look)

    async def asked_lately(self, who: Person) -> Collection[int]:
        """The repositories of which what GitHub said of a person is still believed."""
        since = self._records.clock() - self.rules.fresh
        look = partial(permissions.asked_since, user_id=who.id, since=since)
        return await self._records.read(look)

    async def readers(
        self, repo_ids: Collection[int], user_ids: Collection[int]
    ) -> Mapping[int, Collection[int]]:
        """The same the other way round: who of these people may, in which of these."""
        since = self._records.clock() - self.rules.hold
        look = partial(
            permissions.readers, repo_ids=repo_ids, user_ids=user_ids, since=since
        )
        return await self._records.read(look)

    async def remember(
        self,
        who: Person,
        seen: list[Seen],
        asked_at: datetime,
        *,
        deleted: bool = False,
    ) -> None:
        """GitHub has said this.

        Args:
            who: Of whom.
            seen: What they may do where.
            asked_at: When it was asked; the answer may be as old as that.
            deleted: Whether somebody who isn't known was, while GitHub was asked.
        """
        now = self._records.clock()

        def write(c: Connection) -> bool:
            if people.find(c, who.id) is None:
                if deleted:
                    return False
                people.put(c, Profile(who.id, who.login), now)
            return permissions.put(c, who.id, seen, asked_at)

        if await self._records.write(write):
            self.generation += 1

    async def in_name_of(
        self, who: Person, ask: Callable[[str | None], Awaitable[T]]
    ) -> T:
        """What GitHub answers when it is asked with a person's token, or with none.

        Raises:
            TokenRefusedError: GitHub takes it no more; all that it was good for ends.
            GitHubAwayError: It has ended, and GitHub gives no other now.
        """
        while True:
            token = await self._tokens.token(who.id)
            try:
                return await ask(token)
            except TokenRefusedError as error:
                if token is None or error.own:
                    raise
                # If there is another by now, that one is asked with.
                if await self._tokens.refuse(who.id, token):
                    self.generation += 1
                    raise

    async def close(self) -> None:
        """Ask no more."""
        await self._asking.close()
        await self._finding.close()

    async def _find(self, who: Person, full_name: str) -> Seen | None:
        seen = await self._ask(who, full_name, theirs=False)
        if seen is None:
            self._unknown.missed((who.id, full_name.casefold()))
        return seen

    async def _ask(self, who: Person, repo: int | str, *, theirs: bool) -> Seen | None:
        asked_at = self._records.clock()
        see = partial(self._seen, who, repo=repo, theirs=theirs)
        seen = await self.in_name_of(who, see)
        if seen and seen.permission is not Permission.NONE:
            await self.remember(who, [seen], asked_at)
            return seen
        return None

    @asynccontextmanager
    async def within_limit(self, who: Person) -> AsyncIterator[None]:
        """Ask GitHub in somebody's name, unless it has said that it does not answer.

        Raises:
            PersonLimitedError: It does not; all replicas know until when.
        """
        now = self._records.clock()
        limit = partial(people.limit, user_id=who.id, now=now)
        if until := await self._records.read(limit):
            raise PersonLimitedError(until)
        try:
            yield
        except PersonLimitedError as error:
            known = {"limited_until": error.until}
            await self._records.write(lambda c: people.change(c, who.id, **known))
            log.warning("github_limits_person", user_id=who.id, until=str(error.until))
            raise

    async def _seen(
        self, who: Person, token: str | None, repo: int | str, *, theirs: bool
    ) -> Seen | None:
        if token is not None:
            try:
                async with self.within_limit(who):
                    return await self._github.repository(token, repo)
            except PersonLimitedError:
                if not theirs:
                    raise
        elif not theirs:
            self._unknown.spend(who)
        # Somebody of GITPLOY_API_TOKENS has not signed in, or has used up what GitHub
        # answers them: Gitploy asks itself.
        told = await self._github.collaboration(repo, who.login)
        if told is None or told[0].id != who.id:
            return None
        return told[1]
