"""The repositories that somebody may see, whether Gitploy knows them yet or not."""

from collections.abc import Collection, Sequence

from aiohttp import web

from api_gateway.accounts import Directory, Seen
from api_gateway.read_model import Listing, Queries, RepositoryQueries
from api_gateway.read_model.documents import Document, unknown_repository_document
from api_gateway.read_model.paging import Page

from .lookup import MEANT, Lookup
from .queries import RepositoriesQuery
from .reading import full_name_of


class VisibleRepositories:
    def __init__(self, queries: Queries, directory: Directory, lookup: Lookup) -> None:
        self._lookup = lookup
        self._repositories = RepositoryQueries(queries)
        self._directory = directory

    async def list(
        self, ids: Collection[int] | None, query: RepositoriesQuery
    ) -> tuple[Sequence[Document], bool]:
        """A page of them, and whether there are more; no ids mean all that are known.

        Two databases know some of them, so the beginnings of two lists are merged.
        """
        page = query.wanted
        enough = page.number * page.size + 1
        known = await self._repositories.first(
            ids, query.q or "", enough, deployed_first=query.sort
        )
        unknown = await self._unknown(ids, query.q or "", enough)
        listed = [*known, *(_listing(seen) for seen in unknown.values())]
        listed.sort(key=_deployed_first if query.sort else _by_name)
        return await self._shown(listed, unknown, page), len(listed) >= enough

    async def find(self, request: web.Request) -> Document | None:
        """The one in the path; whoever asks was let in already."""
        shown = await self._lookup.found(request)
        if shown is not None:
            return shown
        meant = request.get(MEANT)
        seen = (
            await self._directory.repository_by_id(meant.id)
            if meant
            else await self._directory.repository(full_name_of(request))
        )
        return _document(seen) if seen else None

    async def _unknown(
        self, ids: Collection[int] | None, contains: str, limit: int
    ) -> dict[int, Seen]:
        """The first of those that only GitHub has shown."""
        if ids is None:
            return {}
        seen = await self._directory.first_repositories(ids, contains, limit)
        known = await self._repositories.known([one.id for one in seen])
        return {one.id: one for one in seen if one.id not in known}

    async def _shown(
        self, listed: Sequence[Listing], unknown: dict[int, Seen], page: Page
    ) -> Sequence[Document]:
        start = (page.number - 1) * page.size
        ids = [one.id for one in listed[start : start + page.size]]
        known = await self._repositories.with_newest(ids)
        others = {i: _document(unknown[i]) for i in ids if i in unknown}
        documents = {**known, **others}
        return [documents[i] for i in ids if i in documents]


def _document(seen: Seen) -> Document:
    return unknown_repository_document(seen.id, seen.full_name, seen.description)


def _listing(seen: Seen) -> Listing:
    return Listing(seen.id, seen.full_name.casefold())


def _by_name(listing: Listing) -> tuple[str, int]:
    return listing.name, listing.id


def _deployed_first(listing: Listing) -> tuple[int, str, int]:
    return -listing.deployed_at, listing.name, listing.id
