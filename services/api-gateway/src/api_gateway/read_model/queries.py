"""Reads the rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    bindparam,
    or_,
    select,
)

from shared.store import Store

from . import showing
from .documents import Document
from .paging import Listed
from .paging import Page as Page
from .tables import DEPLOYMENTS, HOLDS, LOCKS, REPOSITORIES, REVIEWS, STATUSES

T = TypeVar("T")
D, R = DEPLOYMENTS.c, REPOSITORIES.c
OURS = DEPLOYMENTS.alias("ours").c
#: What is shown of a deployment, and what lists are ordered by.
LISTED = (D.id, D.repo_id, D.created_at, D.document)
#: These are asked with almost every request, so they are put together only once.
#: The name may have been another repository's before.
NAMED: Select[Any] = (
    select(R.document)
    .where(R.name == bindparam("name"))
    .order_by(R.active.desc(), R.id.desc())
    .limit(1)
)
WITH_IDS: Select[Any] = select(R.id, R.document).where(
    R.id.in_(bindparam("ids", expanding=True))
)


def shown_once(deployment: Any) -> ColumnElement[bool]:
    """One that was somebody else's until its link to ours came is shown once."""
    return or_(
        deployment.foreign.is_(False),
        # Not `exists`, for which PostgreSQL would look through all deployments.
        select(OURS.id)
        .where(
            OURS.repo_id == deployment.repo_id,
            OURS.uid == deployment.uid,
            OURS.foreign.is_(False),
        )
        .limit(1)
        .scalar_subquery()
        .is_(None),
    )


SHOWN = shown_once(D)


@dataclass(frozen=True)
class Changed:
    """What live events tell of."""

    deployments: Mapping[UUID, Document]
    #: By the position of their facts.
    statuses: Mapping[int, Document]
    #: By deployment and reviewer.
    reviews: Mapping[tuple[UUID, int], Document]
    #: Locks and holds, by their streams.
    barriers: Mapping[UUID, Document]


class Queries:
    def __init__(self, store: Store, web_url: str) -> None:
        self._store = store
        self._web_url = web_url.rstrip("/")

    async def repository(self, full_name: str) -> Document | None:
        """A repository about which there was a command, by its name."""
        name = {"name": full_name.lower()}
        found = await self.read(lambda c: c.execute(NAMED, name).first())
        return None if found is None else showing.repository(found)

    async def repository_by_id(self, repo_id: int) -> Document | None:
        """A repository about which there was a command, whatever it is called."""
        found = await self.read(lambda c: self.repositories_by_id(c, {repo_id}))
        return found.get(repo_id)

    async def deployments(
        self, repo_id: int, env: str | None, status: str | None, page: Page
    ) -> Listed:
        """The deployments of a repository, the newest first."""
        statement = select(*LISTED).where(D.repo_id == repo_id, SHOWN)
        if env is not None:
            statement = statement.where(D.env_key == env.casefold())
        if status is not None:
            statement = statement.where(D.status == status)
        return await self.listed(page.descending(statement, D.id), page, (D.id,))

    async def listed(
        self, wanted: Select[Any], page: Page, order: Sequence[Column[int]]
    ) -> Listed:
        """A page of deployments that were asked for with one more than it has."""

        def read(c: Connection) -> Listed:
            rows = c.execute(wanted).all()
            shown = self._shown(c, rows[: page.size])
            if len(rows) <= page.size:
                return Listed(shown)
            last = rows[page.size - 1]
            return Listed(shown, tuple(getattr(last, by.key) for by in order))

        return await self.read(read)

    async def deployment(self, repo_id: int, number: int) -> Document | None:
        """One deployment with its statuses and reviews."""
        wanted = select(*LISTED).where(D.repo_id == repo_id, D.number == number)
        return await self.read(lambda c: self._one(c, wanted))

    async def deployment_by_uuid(self, uuid: UUID) -> Document | None:
        """One deployment with its statuses and reviews."""
        wanted = select(*LISTED).where(D.uuid == uuid)
        return await self.read(lambda c: self._one(c, wanted))

    async def changed(
        self,
        streams: Collection[UUID],
        positions: Collection[int],
        repo_ids: Collection[int] | None = None,
    ) -> Changed:
        """What these streams, and the facts at these positions, have as rows.

        Args:
            streams: Deployments, locks and holds.
            positions: Those of statuses.
            repo_ids: Only what is in these repositories; none at all mean all.
        """

        def read(c: Connection) -> Changed:
            wanted = select(*LISTED).where(D.uuid.in_(streams), SHOWN)
            if repo_ids is not None:
                wanted = wanted.where(D.repo_id.in_(repo_ids))
            shown = {UUID(d["uuid"]): d for d in self.shown(c, wanted)}
            news = c.execute(select(STATUSES).where(STATUSES.c.id.in_(positions)))
            asked = c.execute(select(REVIEWS).where(REVIEWS.c.deployment.in_(shown)))
            return Changed(
                shown,
                {
                    r.id: showing.status(r, shown[r.deployment])
                    for r in news
                    if r.deployment in shown
                },
                {
                    (r.deployment, r.user_id): showing.review(r, shown[r.deployment])
                    for r in asked
                },
                self._barriers(c, set(streams) - shown.keys(), repo_ids),
            )

        return await self.read(read)

    async def due(self, table: Table, by: int, limit: int) -> Sequence[UUID]:
        """The streams in a table whose deadline has passed, the oldest first."""
        stream = D.uuid if table is DEPLOYMENTS else table.c.stream
        overdue = select(stream).where(table.c.due_at <= by)
        first = overdue.order_by(table.c.due_at).limit(limit)
        return await self.read(lambda c: c.scalars(first).all())

    def _one(self, c: Connection, wanted: Select[Any]) -> Document | None:
        shown = self.shown(c, wanted)
        if not shown:
            return None
        uuid = UUID(shown[0]["uuid"])
        statuses, reviews = (
            c.execute(select(t).where(t.c.deployment == uuid).order_by(t.c.id)).all()
            for t in (STATUSES, REVIEWS)
        )
        return showing.whole(shown[0], statuses, reviews)

    def _barriers(
        self, c: Connection, streams: set[UUID], repo_ids: Collection[int] | None
    ) -> dict[UUID, Document]:
        """What keeps people or pushes out of an environment."""
        if not streams:
            return {}
        found: dict[UUID, tuple[Row[Any], Callable[..., Document]]] = {}
        for table, show in ((LOCKS, showing.lock), (HOLDS, showing.hold)):
            wanted = select(table).where(table.c.stream.in_(streams))
            if repo_ids is not None:
                wanted = wanted.where(table.c.repo_id.in_(repo_ids))
            found |= {row.stream: (row, show) for row in c.execute(wanted)}
        ids = {row.repo_id for row, _ in found.values()}
        repositories = self.repositories_by_id(c, ids)
        return {
            stream: show(row, repositories.get(row.repo_id))
            for stream, (row, show) in found.items()
        }

    def shown(self, c: Connection, wanted: Select[Any]) -> list[Document]:
        """Deployments as the API shows them in lists."""
        return self._shown(c, c.execute(wanted).all())

    def _shown(self, c: Connection, rows: Sequence[Row[Any]]) -> list[Document]:
        repositories = self.repositories_by_id(c, {row.repo_id for row in rows})
        return [showing.deployment(row, repositories, self._web_url) for row in rows]

    def repositories_by_id(self, c: Connection, ids: set[int]) -> dict[int, Document]:
        """Those that have a row."""
        if not ids:
            return {}
        rows = c.execute(WITH_IDS, {"ids": list(ids)})
        return {row.id: showing.repository(row) for row in rows}

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Do something with a connection for reading.

        Raises:
            TooLongError: It is not found in time.
        """
        return await self._store.views.read(work)
