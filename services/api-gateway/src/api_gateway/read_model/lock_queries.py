"""Reads the rows of locks."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from api_gateway.domain.lock import LockState

from . import showing
from .documents import Document
from .paging import Listed, Page
from .queries import Queries
from .tables import LOCKS, micros

#: So many may be asked for before the first of them is there.
AT_ONCE = 10
Rows = Sequence[Row[Any]]
L = LOCKS.c
IN_FORCE = L.state == LockState.LOCKED
#: Those that somebody asked for in vain never were locks.
EVER = L.state.in_((LockState.LOCKED, LockState.UNLOCKED))


class LockQueries:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def in_force(self, repo_id: int, env: str | None = None) -> list[Document]:
        """The lock of each environment that has one, by the environments' names."""
        wanted = _of(repo_id, env).where(IN_FORCE).order_by(L.revision, L.id)
        return await self._read(wanted, _newest_of_each)

    async def history(self, repo_id: int, env: str | None, page: Page) -> Listed:
        """All that ever were locks, the newest first."""
        wanted = page.descending(_of(repo_id, env).where(EVER), L.id)
        found = await self._read(wanted)
        shown = found[: page.size]
        more = len(found) > page.size
        return Listed(shown, (shown[-1]["id"],) if more else None)

    async def before(self, repo_id: int, env: str, at: datetime) -> list[Document]:
        """Those that were asked for last by then and became locks, the newest first."""
        wanted = _of(repo_id, env).where(EVER, L.created_at <= micros(at))
        return await self._read(wanted.order_by(L.id.desc()).limit(AT_ONCE))

    async def lock(self, repo_id: int, id_: int) -> Document | None:
        """A lock of this repository, also one that is still asked for."""
        return await self._one(_of(repo_id, None).where(L.id == id_))

    async def lock_by_uuid(self, lock_id: UUID) -> Document | None:
        """A lock, also one that is still asked for."""
        return await self._one(select(LOCKS).where(L.stream == lock_id))

    async def _one(self, wanted: Select[Any]) -> Document | None:
        shown = await self._read(wanted)
        return shown[0] if shown else None

    async def _read(
        self, wanted: Select[Any], choose: Callable[[Rows], Rows] = lambda rows: rows
    ) -> list[Document]:
        def read(c: Connection) -> list[Document]:
            rows = choose(c.execute(wanted).all())
            ids = {row.repo_id for row in rows}
            repositories = self._queries.repositories_by_id(c, ids)
            return [showing.lock(row, repositories.get(row.repo_id)) for row in rows]

        return await self._queries.read(read)


def _newest_of_each(rows: Rows) -> Rows:
    """While one lock takes another's place the rows may show both for a moment."""
    newest = {row.env_key: row for row in rows}
    return [newest[env] for env in sorted(newest)]


def _of(repo_id: int, env: str | None) -> Select[Any]:
    statement = select(LOCKS).where(L.repo_id == repo_id)
    return statement if env is None else statement.where(L.env_key == env.casefold())
