"""The newest of many lists, without reading them: of each only its beginning.

Deployments of one repository are in order in an index, those of several are not. What
is newest in each list is looked at first: as many lists as a page has places, those
that begin with the newest, have all that belongs on it. So the work grows with the
number of lists and with the page, and not with what is in the lists.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    literal,
    select,
    true,
    union_all,
)

from shared.store import among, among_selected, each

from .paging import Page
from .queries import LISTED
from .tables import DEPLOYMENTS

#: The columns of deployments, under one name of the table or another.
Columns: TypeAlias = Any
#: What has to hold of a deployment with these columns.
Matching = Callable[[Columns], Sequence[ColumnElement[bool]]]
D = DEPLOYMENTS.c
#: The table under the names that it has in parts of statements.
NEAR = DEPLOYMENTS.alias("near").c
NEWEST = DEPLOYMENTS.alias("newest")
HEADS = DEPLOYMENTS.alias("heads").c
BEGINNINGS = DEPLOYMENTS.alias("beginnings").c
#: So much is looked at before what somebody sees is sought in each of many lists.
NEARBY = 500


@dataclass(frozen=True)
class Lists:
    """A list for each of these repositories, or statuses, or each of both."""

    #: None: all repositories are one list.
    repositories: Collection[int] | None = None
    #: None at all: all statuses are one list.
    statuses: Collection[str] = ()

    @property
    def count(self) -> int:
        of_each = 1 if self.repositories is None else len(self.repositories)
        return of_each * (len(self.statuses) or 1)

    @property
    def table(self) -> FromClause:
        """A row for each."""
        parts = []
        if self.repositories is not None:
            numbers = each(self.repositories)
            parts.append(select(numbers.c.id.label("repo_id")).subquery())
        if self.statuses:
            words = (select(literal(s).label("status")) for s in sorted(self.statuses))
            parts.append(union_all(*words).subquery())
        both: FromClause = parts[0]
        for part in parts[1:]:
            both = both.join(part, true())
        columns = [column for part in parts for column in part.c]
        return select(*columns).select_from(both).subquery("lists")


def merged(lists: Lists, matching: Matching, page: Page) -> Select[Any]:
    """The page, and one more, of all lists together."""
    # Whoever goes to a page by its number has all before it looked at.
    enough = replace(page, number=1, size=page.end)
    table = lists.table
    head = _beginning(HEADS, table, matching, replace(enough, size=0))
    begun = select(*table.c, head.scalar_subquery().label("head")).subquery("begun")
    chosen = (
        select(*(begun.c[column.name] for column in table.c))
        .join(NEWEST, NEWEST.c.id == begun.c.head)
        .order_by(NEWEST.c.created_at.desc(), NEWEST.c.id.desc())
        .limit(enough.size + 1)
        .subquery("chosen")
    )
    here = among_selected(D.id, _beginning(BEGINNINGS, chosen, matching, enough))
    return page.descending(select(*LISTED).join(chosen, here), D.created_at, D.id)


def nearby(lists: Lists, matching: Matching, page: Page) -> Select[Any]:
    """What of the page is among the newest of all repositories."""
    wanted = select(NEAR.id, NEAR.repo_id).where(*matching(NEAR))
    newest = replace(page, size=NEARBY).descending(wanted, NEAR.created_at, NEAR.id)
    found = newest.subquery("newest")
    seen = select(found.c.id).where(among(found.c.repo_id, lists.repositories or ()))
    return page.descending(select(*LISTED).where(D.id.in_(seen)), D.created_at, D.id)


def _beginning(
    deployments: Columns, lists: FromClause, matching: Matching, page: Page
) -> Select[Any]:
    """The ids of the page, and one more, of the list in each row of a table."""
    here = [deployments[column.name] == column for column in lists.c]
    wanted = select(deployments.id).where(*here, *matching(deployments))
    part = page.descending(wanted, deployments.created_at, deployments.id)
    return part.correlate(lists)
