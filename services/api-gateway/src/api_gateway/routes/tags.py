"""The tags that a repository has at GitHub."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.ports import MOST_TAGS, Browsing

from . import answers
from .answering import BASE
from .auth import person_of
from .browsing import ERRORS, named_commit, one, ref_of, several
from .lookup import Lookup
from .operation import Need, Operation
from .queries import PageQuery
from .reading import invalid


class Tags:
    def __init__(self, browsing: Browsing, lookup: Lookup) -> None:
        self._browsing = browsing
        self._lookup = lookup

    async def list(self, request: web.Request, query: PageQuery) -> web.Response:
        """The tags of a repository, those of the newest commits first.

        Only the newest 2,000 are listed; the others are there by name.
        """
        if query.page * query.per_page > MOST_TAGS:
            what = (
                f"only the newest {MOST_TAGS} tags are listed: ask for others by name"
            )
            raise invalid("page", what)
        repository = await self._lookup.repository(request)
        asking = self._browsing.tags(
            person_of(request), repository, query.page, query.per_page
        )
        return await several(request, query.wanted, asking, named_commit)

    async def show(self, request: web.Request) -> web.Response:
        """The tag of exactly this name, which may have slashes."""
        name = ref_of("tag", request.match_info["tag"])
        repository = await self._lookup.repository(request)
        asking = self._browsing.tag(person_of(request), repository, name)
        return await one(asking, named_commit)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                f"{BASE}/tags",
                self.list,
                Need.READ,
                answers={200: list[answers.NamedCommit]},
                errors=ERRORS,
            ),
            Operation(
                "GET",
                f"{BASE}/tags/{{tag:.+}}",
                self.show,
                Need.READ,
                answers={200: answers.NamedCommit},
                errors=ERRORS,
            ),
        ]
