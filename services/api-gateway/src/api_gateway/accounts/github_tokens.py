"""The tokens with which Gitploy asks GitHub in people's names.

A token that ends comes with another that is good once, for the next pair. Whoever
refreshes says so in the person's row first, for as long as the trade may take; all
others, in whichever replica, wait for the new pair to appear there.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from api_gateway.ports import GitHubAwayError, TokenRefusedError

from . import people, permissions
from .keys import Keys, UnreadableError
from .ports import CodeRefusedError, GitHubPeople, Grant
from .records import Records
from .tables import PEOPLE

P = PEOPLE.c
#: A token that ends this soon is not used any more.
SPARE: Final = timedelta(minutes=5)
#: How long a trade with GitHub may take; who has died over it is waited for as long.
LEASE: Final = timedelta(seconds=30)
LOOK_EVERY_S: Final = 0.1
TO_DO: Final = (
    "another replica has encrypted it with a key that GITPLOY_ENCRYPTION_KEYS does not "
    "name here: give all replicas the same keys"
)

log = structlog.get_logger()


@dataclass(frozen=True)
class _Kept:
    """What the row has."""

    github_token: str | None
    github_refresh: str | None
    github_until: datetime | None
    refused_at: datetime | None


KEPT = [P[name] for name in _Kept.__dataclass_fields__]


class GitHubTokens:
    def __init__(self, records: Records, keys: Keys, github: GitHubPeople) -> None:
        self._records = records
        self._keys = keys
        self._github = github

    async def prepare(self) -> None:
        """Bring everything under the newest key; what no key opens is forgotten."""
        await self._records.write(self._renew_all)

    def closed(self, grant: Grant) -> dict[str, object]:
        """What the row keeps of a grant."""
        return {
            "github_token": self._keys.close(grant.token),
            "github_refresh": grant.refresh and self._keys.close(grant.refresh),
            "github_until": grant.until,
            "refused_at": None,
            "refreshing_until": None,
        }

    async def token(self, user_id: int) -> str | None:
        """A person's token; none if they never gave one.

        Raises:
            TokenRefusedError: GitHub takes it no more.
            GitHubAwayError: It has ended, and GitHub gives no other now.
        """
        waited = timedelta()
        while True:
            kept = await self._records.read(partial(_kept, user_id=user_id))
            if kept and kept.refused_at:
                raise TokenRefusedError(own=False)
            if kept is None or kept.github_token is None:
                return None
            now = self._records.clock()
            if kept.github_until is None or now < kept.github_until - SPARE:
                return self._open(user_id, kept.github_token)
            if kept.github_refresh is None:
                await self._end(user_id, kept.github_token)
            elif await self._records.write(partial(_claim, user_id, kept, now)):
                new = await self._refresh(
                    user_id, kept.github_token, kept.github_refresh
                )
                if new is not None:
                    return new
            elif waited > LEASE:
                raise GitHubAwayError("GitHub has given no new token yet")
            else:
                await asyncio.sleep(LOOK_EVERY_S)
                waited += timedelta(seconds=LOOK_EVERY_S)

    async def refuse(self, user_id: int, token: str) -> bool:
        """GitHub takes this token no more: nothing follows from it now.

        While it is being traded that tells nothing: it ends at GitHub before the new
        one is kept here.

        Returns:
            Whether it was still the person's; what came after it stands.
        """
        while True:
            kept = await self._records.read(partial(_kept, user_id=user_id))
            if kept is None or kept.github_token is None:
                return False
            if self._open(user_id, kept.github_token) != token:
                return False
            untraded = _untraded(self._records.clock())
            if await self._end(user_id, kept.github_token, untraded):
                return True
            await asyncio.sleep(LOOK_EVERY_S)

    async def _end(self, user_id: int, closed: str, *only: ColumnElement[bool]) -> bool:
        now = self._records.clock()
        same = and_(P.github_token == closed, *only)

        def write(c: Connection) -> bool:
            ended = people.NO_GRANT | {"refused_at": now}
            if not _replace(c, user_id, same, ended):
                return False
            permissions.forget(c, user_id)
            return True

        ended = await self._records.write(write)
        if ended:
            log.warning("github_token_refused", user_id=user_id)
        return ended

    async def _refresh(self, user_id: int, token: str, refresh: str) -> str | None:
        """The new token; none if what the person has is another by now."""
        try:
            async with asyncio.timeout(LEASE.total_seconds()):
                grant = await self._github.refresh(self._open(user_id, refresh))
        except CodeRefusedError:
            await self._end(user_id, token)
            return None
        except (GitHubAwayError, TimeoutError) as error:
            # The next may try at once; whether GitHub took this one only it can tell.
            await self._change(user_id, refresh, {"refreshing_until": None})
            raise GitHubAwayError("GitHub gives no new token now") from error
        # Kept before it is used: the old pair is worth nothing from now on.
        new = self.closed(grant)
        kept = await asyncio.shield(self._change(user_id, refresh, new))
        return grant.token if kept else None

    async def _change(
        self, user_id: int, refresh: str, values: Mapping[str, object]
    ) -> bool:
        """Write this unless somebody has signed in, or was put out, meanwhile."""
        same = P.github_refresh == refresh
        return await self._records.write(lambda c: _replace(c, user_id, same, values))

    def _open(self, user_id: int, closed: str) -> str:
        try:
            return self._keys.open(closed)
        except UnreadableError as error:
            log.exception("github_token_unreadable", user_id=user_id, to_do=TO_DO)
            text = "this process has not the key to your token: its operator has to act"
            raise GitHubAwayError(text) from error

    def _renew_all(self, c: Connection) -> None:
        rows = c.execute(
            select(P.id, P.github_token, P.github_refresh)
            .where(P.github_token.is_not(None))
            .with_for_update()
        ).all()
        for row in rows:
            kept = row.github_token, row.github_refresh
            try:
                renewed = tuple(one and self._keys.renew(one) for one in kept)
            except UnreadableError:
                log.warning("github_token_unreadable", user_id=row.id)
                renewed = None, None
                people.change(c, row.id, refused_at=self._records.clock())
            if renewed != kept:
                token, refresh = renewed
                people.change(c, row.id, github_token=token, github_refresh=refresh)


def _kept(c: Connection, user_id: int) -> _Kept | None:
    row = c.execute(select(*KEPT).where(P.id == user_id)).first()
    return _Kept(*row) if row else None


def _claim(user_id: int, kept: _Kept, now: datetime, c: Connection) -> bool:
    """Whether the trade is ours to make."""
    ours = P.id == user_id, P.github_refresh == kept.github_refresh, _untraded(now)
    claimed = c.execute(
        update(PEOPLE).where(*ours).values(refreshing_until=now + LEASE)
    )
    return claimed.rowcount == 1


def _untraded(now: datetime) -> ColumnElement[bool]:
    """Whether nobody is at a trade."""
    return or_(P.refreshing_until.is_(None), P.refreshing_until < now)


def _replace(
    c: Connection, user_id: int, same: ColumnElement[bool], values: Mapping[str, object]
) -> bool:
    """Whether what the person has is still the same."""
    found = c.execute(update(PEOPLE).where(P.id == user_id, same).values(**values))
    return found.rowcount == 1
