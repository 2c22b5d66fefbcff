"""Reads which repositories there are, and what is newest in each."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from shared.store import among, among_selected, bytewise, each

from . import showing
from .documents import Document
from .queries import LISTED, OURS, Queries
from .tables import DEPLOYMENTS, REPOSITORIES

D, R = DEPLOYMENTS.c, REPOSITORIES.c
#: How many deployments a list of repositories shows of each.
LATEST = 3


@dataclass(frozen=True)
class Listing:
    """What a list of repositories is ordered by."""

    id: int
    #: `owner/name` in lower case.
    name: str
    #: Microseconds since 1970; 0 where nothing was ever asked for.
    deployed_at: int = 0


class RepositoryQueries:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def first(
        self,
        among_these: Collection[int] | None,
        contains: str,
        limit: int,
        *,
        deployed_first: bool,
    ) -> Sequence[Listing]:
        """The first of these; no ids at all mean all that Gitploy knows."""
        name = bytewise(R.name)
        wanted = select(R.id, R.name, R.deployed_at).limit(limit)
        wanted = wanted.where(R.name.contains(contains.casefold(), autoescape=True))
        wanted = wanted.order_by(
            *([R.deployed_at.desc()] if deployed_first else []), name, R.id
        )
        if among_these is not None:
            wanted = wanted.where(among(R.id, among_these))
        rows = await self._queries.read(lambda c: c.execute(wanted).all())
        return [Listing(*row) for row in rows]

    async def known(self, ids: Collection[int]) -> Collection[int]:
        """Those of them that Gitploy knows."""
        wanted = select(R.id).where(among(R.id, ids))
        return set(await self._queries.read(lambda c: c.scalars(wanted).all()))

    async def with_newest(self, ids: Collection[int]) -> Mapping[int, Document]:
        """Those of them that Gitploy knows, and what is newest in each."""
        wanted: Select[Any] = select(R.id, R.document).where(among(R.id, ids))

        def read(c: Connection) -> Mapping[int, Document]:
            newest = defaultdict(list)
            for deployment in self._queries.shown(c, _newest(ids)):
                newest[deployment["repo_id"]].append(deployment)
            rows = c.execute(wanted)
            return {row.id: showing.repository(row, newest[row.id]) for row in rows}

        return await self._queries.read(read)


def _newest(repo_ids: Collection[int]) -> Select[Any]:
    """The newest deployments of each of these repositories."""
    repositories = each(repo_ids)
    newest = (
        select(OURS.id)
        # Gitploy's clients expect each to have a number.
        .where(OURS.repo_id == repositories.c.id, OURS.number.is_not(None))
        .order_by(OURS.number.desc())
        .limit(LATEST)
        .correlate(repositories)
    )
    return (
        select(*LISTED)
        .join(repositories, among_selected(D.id, newest))
        .order_by(D.id.desc())
    )
