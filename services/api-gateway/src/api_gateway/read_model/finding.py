"""Which deployments are meant: their ids, for decisions about them.

The rows only say where to look. What is decided is decided on the streams.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from api_gateway.domain.decisions import PLACED
from api_gateway.domain.phase import ENDED, Phase
from shared.contracts import Repository
from shared.store import Store

from .queries import SHOWN
from .tables import DEPLOYMENTS, OPEN, REPOSITORIES

D = DEPLOYMENTS.c
GOING_ON = frozenset(Phase) - ENDED


class Finding:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def placed(self, repo_id: int, env: str) -> Sequence[UUID]:
        """Those that may have a place in an environment."""
        # Whatever frees its place waits for nothing more.
        return await self._ids(
            select(D.uuid)
            .where(D.repo_id == repo_id, D.env_key == env.casefold())
            .where(D.phase.in_(PLACED), OPEN)
        )

    async def live(self, repo_id: int, env: str) -> UUID | None:
        """The last that succeeded in an environment."""
        found = await self._ids(
            select(D.uuid)
            .where(D.repo_id == repo_id, D.env_key == env.casefold())
            .where(D.succeeded_at.is_not(None), SHOWN)
            .order_by(D.succeeded_at.desc(), D.id.desc())
            .limit(1)
        )
        return found[0] if found else None

    async def abandoned(self, limit: int) -> Sequence[UUID]:
        """Those that go on in a repository that Gitploy does not follow."""
        return await self._ids(
            select(D.uuid)
            .join(REPOSITORIES, REPOSITORIES.c.id == D.repo_id)
            .where(REPOSITORIES.c.active.is_(False))
            .where(D.phase.in_(GOING_ON), OPEN, D.foreign.is_(False))
            .limit(limit)
        )

    async def followed(self) -> Sequence[Repository]:
        """The repositories that Gitploy follows."""
        wanted = select(REPOSITORIES).where(REPOSITORIES.c.active)

        def read(c: Connection) -> Sequence[Repository]:
            known = ((row.id, row.document) for row in c.execute(wanted))
            return [
                Repository(id=i, full_name=f"{d['namespace']}/{d['name']}")
                for i, d in known
            ]

        return await self._store.views.read(read)

    async def _ids(self, wanted: Select[Any]) -> Sequence[UUID]:
        return await self._store.views.read(lambda c: c.scalars(wanted).all())
