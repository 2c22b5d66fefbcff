"""What a deployment changes in its environment."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.ports import Browsing
from api_gateway.read_model import Queries, previous

from . import answers
from .answering import BASE, answer
from .auth import person_of
from .browsing import ERRORS, commit, several
from .lookup import Lookup
from .operation import Need, Operation
from .queries import PageQuery


class Changes:
    def __init__(self, browsing: Browsing, queries: Queries, lookup: Lookup) -> None:
        self._browsing = browsing
        self._queries = queries
        self._lookup = lookup

    async def list(self, request: web.Request, query: PageQuery) -> web.Response:
        """The commits of a deployment that were not live before, the oldest first."""
        shown = await self._lookup.deployment(request)
        before = await previous(self._queries, shown)
        # No branch's head stands in for a commit that is not pinned yet.
        if before is None or not shown["sha"]:
            return answer([])
        asking = self._browsing.changes(
            person_of(request),
            await self._lookup.repository(request),
            before["sha"],
            shown["sha"],
            query.page,
            query.per_page,
        )
        return await several(request, query.wanted, asking, commit)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                f"{BASE}/deployments/{{number}}/changes",
                self.list,
                Need.READ,
                answers={200: list[answers.Commit]},
                errors=ERRORS,
            )
        ]
