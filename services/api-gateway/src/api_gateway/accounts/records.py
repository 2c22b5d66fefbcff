"""The one way to the tables: a transaction on one of their threads."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Select

from shared.store import Clock, Tables

from .tables import create

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Page:
    """A part of a list."""

    number: int = 1
    size: int = 30

    def of(self, statement: Select[Any]) -> Select[Any]:
        """The statement for this part, and one entry more: there may be a next page."""
        return statement.limit(self.size + 1).offset((self.number - 1) * self.size)


@dataclass(frozen=True)
class Records:
    tables: Tables
    clock: Clock

    async def prepare(self) -> None:
        """Make what is missing."""
        await self.write(create)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Look something up."""
        return await self.tables.read(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Change something, as a whole or not at all."""

        def write() -> T:
            with self.tables.engine.begin() as c:
                return work(c)

        return await self.tables.run(write)
