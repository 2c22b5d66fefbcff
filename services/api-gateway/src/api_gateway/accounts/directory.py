"""Who and what is known of people: only looked up, changed by nobody here."""

from collections.abc import Collection, Sequence
from functools import partial

from . import people, permissions
from .people import Account
from .ports import Seen
from .records import Page, Records


class Directory:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def account(self, user_id: int) -> Account | None:
        return await self._records.read(lambda c: people.find(c, user_id))

    async def users(self, contains: str, page: Page) -> Sequence[Account]:
        """Those with this in their logins."""
        return await self._records.read(lambda c: people.known(c, contains, page))

    async def permissions_on(
        self, repo_id: int, contains: str, page: Page
    ) -> Sequence[permissions.Shared]:
        """Who may do something in a repository, as far as GitHub was asked."""
        look = partial(
            permissions.of_repository, repo_id=repo_id, contains=contains, page=page
        )
        return await self._records.read(look)

    async def first_repositories(
        self, ids: Collection[int], contains: str, limit: int
    ) -> Sequence[Seen]:
        """Repositories as GitHub has shown them to somebody, the first by name."""
        look = partial(
            permissions.first_repositories, ids=ids, contains=contains, limit=limit
        )
        return await self._records.read(look)

    async def repository(self, full_name: str) -> Seen | None:
        """The one of that name, as GitHub has shown it to somebody."""
        return await self._records.read(lambda c: permissions.named(c, full_name))

    async def repository_by_id(self, repo_id: int) -> Seen | None:
        """One whatever it is called, as GitHub has shown it to somebody."""
        return await self._records.read(lambda c: permissions.seen(c, repo_id))
