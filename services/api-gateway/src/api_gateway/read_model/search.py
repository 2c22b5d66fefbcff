"""Finds deployments in all repositories that somebody may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, union_all

from api_gateway.domain.phase import Phase

from . import showing
from .documents import Document
from .paging import Listed, Page
from .queries import SHOWN, Queries
from .tables import DEPLOYMENTS, PENDING, REVIEWS, micros

D = DEPLOYMENTS.c
#: So many repositories are looked through one by one, each from its newest on; who sees
#: more of them soon finds something in the list of all.
ONE_BY_ONE = 200
#: The reviews that somebody can still give are few.
MAX_REVIEWS = 100
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


class Search:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def deployments(self, wanted: Wanted, page: Page) -> Listed:
        """What was asked for last comes first."""
        matching = _matching(wanted)
        repositories = wanted.repositories
        if repositories is not None and len(repositories) <= ONE_BY_ONE:
            matching = _in_each(matching, sorted(repositories), page)
        elif repositories is not None:
            matching = matching.where(D.repo_id.in_(repositories))
        order = (D.created_at, D.id)
        newest = page.descending(matching, *order)
        return await self._queries.listed(newest, page, order)

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
            wanted = wanted.where(D.repo_id.in_(repositories))

        def read(c: Connection) -> list[Document]:
            rows = c.execute(wanted).all()
            of = select(DEPLOYMENTS).where(D.uuid.in_([row.uuid for row in rows]))
            shown = {d["uuid"]: d for d in self._queries.shown(c, of)}
            return [showing.review(row, shown[str(row.uuid)]) for row in rows]

        return await self._queries.read(read)


def _matching(wanted: Wanted) -> Select[Any]:
    statement = select(DEPLOYMENTS).where(SHOWN)
    if wanted.statuses:
        statement = statement.where(D.status.in_(wanted.statuses))
    if wanted.user_id is not None:
        statement = statement.where(D.user_id == wanted.user_id)
    if wanted.login is not None:
        statement = statement.where(D.login == wanted.login.casefold())
    if wanted.ref is not None:
        statement = statement.where(D.ref == wanted.ref)
    if wanted.sha is not None:
        digits = wanted.sha.lower()
        statement = statement.where(D.sha >= digits, D.sha < digits + AFTER_HEX)
    if wanted.production_only:
        statement = statement.where(D.production)
    if wanted.since is not None:
        statement = statement.where(D.created_at >= micros(wanted.since))
    if wanted.until is not None:
        statement = statement.where(D.created_at <= micros(wanted.until))
    return statement


def _in_each(
    matching: Select[Any], repositories: Collection[int], page: Page
) -> Select[Any]:
    """Of each repository as many as could be shown."""
    if not repositories:
        return matching.where(D.id.is_(None))
    enough = page.number * page.size + 1 if page.cursor is None else page.size + 1
    first = Page(size=enough - 1, cursor=page.cursor)
    newest = (
        first.descending(matching.where(D.repo_id == id_), D.created_at, D.id)
        .with_only_columns(D.id)
        .subquery()
        for id_ in repositories
    )
    ids = union_all(*(select(each.c.id) for each in newest))
    return select(DEPLOYMENTS).where(D.id.in_(ids.scalar_subquery()))
