"""The repositories that somebody may see, whether Gitploy knows them yet or not."""

from collections.abc import Collection

from api_gateway.accounts import Accounts, Seen
from api_gateway.read_model import Queries
from api_gateway.read_model.documents import Document, unknown_repository_document

from .queries import RepositoriesQuery


class VisibleRepositories:
    def __init__(self, queries: Queries, accounts: Accounts) -> None:
        self._queries = queries
        self._accounts = accounts

    async def list(
        self, ids: Collection[int] | None, query: RepositoriesQuery
    ) -> list[Document]:
        """A page of them, by name; none of the ids means all that Gitploy knows."""
        if ids is None:
            return await self._queries.repositories(query.q or "", query.wanted)
        known = await self._queries.repositories_among(ids)
        seen = await self._accounts.repositories([i for i in ids if i not in known])
        found = [*known.values(), *map(_unknown, seen.values())]
        wanted = (query.q or "").casefold()
        named = [one for one in found if wanted in _name(one)]
        page = query.wanted
        start = (page.number - 1) * page.size
        shown = sorted(named, key=_name)[start : start + page.size]
        return await self._queries.with_newest(shown)

    async def find(self, full_name: str) -> Document | None:
        """One of them; whoever asks was let in already."""
        shown = await self._queries.repository(full_name)
        if shown is not None:
            return shown
        seen = await self._accounts.repository(full_name)
        return _unknown(seen) if seen else None


def _unknown(seen: Seen) -> Document:
    return unknown_repository_document(seen.id, seen.full_name, seen.description)


def _name(shown: Document) -> str:
    return f"{shown['namespace']}/{shown['name']}".casefold()
