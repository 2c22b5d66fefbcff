"""The branches that a repository has at GitHub."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.ports import Browsing

from . import answers
from .answering import BASE
from .auth import person_of
from .browsing import ERRORS, named_commit, one, ref_of, several
from .lookup import Lookup
from .operation import Need, Operation
from .queries import PageQuery


class Branches:
    def __init__(self, browsing: Browsing, lookup: Lookup) -> None:
        self._browsing = browsing
        self._lookup = lookup

    async def list(self, request: web.Request, query: PageQuery) -> web.Response:
        """All branches of a repository."""
        repository = await self._lookup.repository(request)
        asking = self._browsing.branches(
            person_of(request), repository, query.page, query.per_page
        )
        return await several(request, query.wanted, asking, named_commit)

    async def show(self, request: web.Request) -> web.Response:
        """A branch; its name may have slashes."""
        name = ref_of("branch", request.match_info["branch"])
        repository = await self._lookup.repository(request)
        asking = self._browsing.branch(person_of(request), repository, name)
        return await one(asking, named_commit)

    async def default(self, request: web.Request) -> web.Response:
        """The default branch, whose rules hold."""
        repository = await self._lookup.repository(request)
        asking = self._browsing.default_branch(person_of(request), repository)
        return await one(asking, named_commit)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                f"{BASE}/branches",
                self.list,
                Need.READ,
                answers={200: list[answers.NamedCommit]},
                errors=ERRORS,
            ),
            Operation(
                "GET",
                f"{BASE}/branches/{{branch:.+}}",
                self.show,
                Need.READ,
                answers={200: answers.NamedCommit},
                errors=ERRORS,
            ),
            Operation(
                "GET",
                f"{BASE}/default-branch",
                self.default,
                Need.READ,
                answers={200: answers.NamedCommit},
                errors=ERRORS,
            ),
        ]
