"""The commits that a repository has at GitHub, and what was reported on them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated

from aiohttp import web

from api_gateway.ports import Browsing, Report
from api_gateway.read_model.documents import Document

from . import answers
from .answering import BASE
from .auth import person_of
from .browsing import ERRORS, commit, one, ref_of, several
from .lookup import Lookup
from .operation import Need, Operation
from .queries import Filter, PageQuery
from .texts import MAX_NAME, REF, published

#: Checked by `ref_of`, as in paths.
Branch = Annotated[
    Filter, published(maxLength=MAX_NAME, pattern=f"^(?:{REF.pattern})?$")
]


class CommitsQuery(PageQuery):
    """Which commits are wanted."""

    branch: Branch | None = None
    """Whose; else the default branch's."""


class Commits:
    def __init__(self, browsing: Browsing, lookup: Lookup) -> None:
        self._browsing = browsing
        self._lookup = lookup

    async def list(self, request: web.Request, query: CommitsQuery) -> web.Response:
        """The commits of a branch, the newest first."""
        branch = ref_of("branch", query.branch) if query.branch else None
        repository = await self._lookup.repository(request)
        asking = self._browsing.commits(
            person_of(request), repository, branch, query.page, query.per_page
        )
        return await several(request, query.wanted, asking, commit)

    async def show(self, request: web.Request) -> web.Response:
        """A commit."""
        sha = ref_of("sha", request.match_info["sha"])
        repository = await self._lookup.repository(request)
        asking = self._browsing.commit(person_of(request), repository, sha)
        return await one(asking, commit)

    async def statuses(self, request: web.Request) -> web.Response:
        """What tools report on a commit, and what that comes to."""
        sha = ref_of("sha", request.match_info["sha"])
        repository = await self._lookup.repository(request)
        asking = self._browsing.reports(person_of(request), repository, sha)
        return await one(asking, _reports)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        path = f"{BASE}/commits/{{sha}}"
        return [
            Operation(
                "GET",
                f"{BASE}/commits",
                self.list,
                Need.READ,
                answers={200: list[answers.Commit]},
                errors=ERRORS,
            ),
            Operation(
                "GET",
                path,
                self.show,
                Need.READ,
                answers={200: answers.Commit},
                errors=ERRORS,
            ),
            Operation(
                "GET",
                f"{path}/statuses",
                self.statuses,
                Need.READ,
                answers={200: answers.CommitStatuses},
                errors=ERRORS,
            ),
        ]


def _reports(told: Sequence[Report]) -> Document:
    states = {report.state for report in told}
    return {
        "state": _state(states),
        "statuses": [
            {
                "context": report.context,
                "avatar_url": report.avatar_url,
                "target_url": report.target_url,
                "state": report.state,
            }
            for report in told
        ],
    }


def _state(states: AbstractSet[str]) -> str:
    """Gitploy's clients know three; where nothing was reported nothing has failed."""
    if states & {"failure", "cancelled"}:
        return "failure"
    return "pending" if "pending" in states else "success"
