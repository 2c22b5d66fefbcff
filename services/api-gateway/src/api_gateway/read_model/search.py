"""Finds deployments in all repositories that somebody may see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from api_gateway.domain.phase import Phase
from shared.store import among

from . import showing
from .documents import Document
from .merging import Columns, Lists, merged, nearby
from .paging import Listed, Page
from .queries import LISTED, Queries, shown_once
from .tables import DEPLOYMENTS, PENDING, REVIEWS, micros

D = DEPLOYMENTS.c
#: The reviews that somebody can still give are few.
MAX_REVIEWS = 100
#: So many lists are looked at at once; whoever sees more of them mostly finds a page
#: among what is newest of all.
FEW = 100
#: What is greater than all commits that begin with the same digits.
AFTER_HEX = "g"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for; nothing said means all."""

    #: None: in all that there are.
    repositories: Collection[int] | None = None
    statuses: Collection[str] = ()
    user_id: int | None = None
    login: str | None = None
    ref: str | None = None
    #: The commit's first digits.
    sha: str | None = None
    production_only: bool = False
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrow(self) -> bool:
        """Whether there are few in all: of one commit, or one's own."""
        return self.sha is not None or self.user_id is not None


class Search:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def deployments(self, wanted: Wanted, page: Page) -> Listed:
        """What was asked for last comes first."""
        lists = Lists(wanted.repositories, wanted.statuses)
        matching = partial(_matching, wanted)
        many, far = lists.count > FEW, page.end > page.size
        if lists == Lists() or wanted.narrow or (many and far):
            return await self._listed(_all(wanted, page), page)
        if many and not lists.statuses:
            found = await self._listed(nearby(lists, matching, page), page)
            # A whole page of them: nothing else can be newer.
            if found.next:
                return found
        return await self._listed(merged(lists, matching, page), page)

    async def _listed(self, wanted: Select[Any], page: Page) -> Listed:
        return await self._queries.listed(wanted, page, (D.created_at, D.id))

    async def reviews(
        self, user_id: int, repositories: Collection[int] | None
    ) -> list[Document]:
        """What somebody is asked to review, and has not, while it still matters."""
        wanted = (
            select(REVIEWS, D.uuid)
            .join(DEPLOYMENTS, D.uuid == REVIEWS.c.deployment)
            .where(PENDING, REVIEWS.c.user_id == user_id)
            .where(D.phase == Phase.WAITING_FOR_REVIEW)
            .order_by(REVIEWS.c.id.desc())
            .limit(MAX_REVIEWS)
        )
        if repositories is not None:
            wanted = wanted.where(among(D.repo_id, repositories))

        def read(c: Connection) -> list[Document]:
            rows = c.execute(wanted).all()
            of = select(*LISTED).where(D.uuid.in_([row.uuid for row in rows]))
            shown = {d["uuid"]: d for d in self._queries.shown(c, of)}
            return [showing.review(row, shown[str(row.uuid)]) for row in rows]

        return await self._queries.read(read)


def _all(wanted: Wanted, page: Page) -> Select[Any]:
    """Of all that match, in the order of one index."""
    statement = select(*LISTED).where(*_matching(wanted, D))
    if wanted.statuses:
        statement = statement.where(D.status.in_(wanted.statuses))
    if wanted.repositories is not None:
        statement = statement.where(among(D.repo_id, wanted.repositories))
    return page.descending(statement, D.created_at, D.id)


def _matching(wanted: Wanted, d: Columns) -> Sequence[ColumnElement[bool]]:
    """What has to hold, whatever the repository and the status."""
    told = [shown_once(d)]
    if wanted.user_id is not None:
        told.append(d.user_id == wanted.user_id)
    if wanted.login is not None:
        told.append(d.login == wanted.login.casefold())
    if wanted.ref is not None:
        told.append(d.ref == wanted.ref)
    if wanted.sha is not None:
        digits = wanted.sha.lower()
        told += d.sha >= digits, d.sha < digits + AFTER_HEX
    if wanted.production_only:
        told.append(d.production)
    if wanted.since is not None:
        told.append(d.created_at >= micros(wanted.since))
    if wanted.until is not None:
        told.append(d.created_at <= micros(wanted.until))
    return told
