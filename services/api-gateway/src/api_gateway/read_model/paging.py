"""Parts of lists.

Whoever goes on from where the page before ended gets the next one as quickly as the
first, however long the list is. Whoever names a page by its number alone has all before
it counted off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, tuple_

from .documents import Document

#: The values by which a list is ordered, of one of its entries.
Cursor = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A part of a list."""

    number: int = 1
    size: int = 30
    #: Of the entry that came last.
    cursor: Cursor | None = None

    @property
    def end(self) -> int:
        """How many entries lead to its end, from where it is looked for."""
        return self.size if self.cursor else self.number * self.size

    def descending(
        self, statement: Select[Any], *columns: ColumnElement[int]
    ) -> Select[Any]:
        """The statement for this part, and one entry more: there may be a next page."""
        ordered = statement.order_by(*(column.desc() for column in columns))
        ordered = ordered.limit(self.size + 1)
        if self.cursor is None:
            return ordered.offset((self.number - 1) * self.size)
        return ordered.where(tuple_(*columns) < tuple_(*self.cursor))


@dataclass(frozen=True)
class Listed:
    """A part of a list, and where the next one goes on, if there is one."""

    documents: Sequence[Document]
    next: Cursor | None = None
