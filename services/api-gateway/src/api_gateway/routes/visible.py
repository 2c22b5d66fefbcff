"""The repositories that somebody may see, whether Gitploy knows them yet or not."""

from collections.abc import Collection
from datetime import datetime

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
        """A page of them; no ids at all mean all that Gitploy knows."""
        if ids is None and not query.sort:
            return await self._queries.repositories(query.q or "", query.wanted)
        known = await self._queries.repositories_among(ids)
        others = [i for i in ids or () if i not in known]
        seen = await self._accounts.repositories(others)
        found = [*known.values(), *map(_unknown, seen.values())]
        wanted = (query.q or "").casefold()
        named = [one for one in found if wanted in _name(one)]
        page = query.wanted
        start = (page.number - 1) * page.size
        named.sort(key=_name)
        if query.sort:
            named.sort(key=_deployed_at, reverse=True)
        return await self._queries.with_newest(named[start : start + page.size])

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


def _deployed_at(shown: Document) -> datetime:
    return datetime.fromisoformat(shown["latest_deployed_at"])
