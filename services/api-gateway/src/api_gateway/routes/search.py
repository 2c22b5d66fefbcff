"""Search: through all repositories that somebody may see."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta

from aiohttp import web

from api_gateway.read_model.search import Search as Finder
from api_gateway.read_model.search import Wanted
from shared.store import Clock

from . import answers
from .answering import answer
from .auth import person_of
from .operation import Need, Operation
from .paging import listed
from .queries import SearchQuery

#: The ids of the repositories that somebody may see; None: all.
Visible = Callable[[web.Request], Awaitable[Collection[int] | None]]
#: Gitploy's own: who only asks what is going on wants what is new.
RECENT = timedelta(minutes=30)


class Search:
    def __init__(self, finder: Finder, visible: Visible, clock: Clock) -> None:
        self._finder = finder
        self._visible = visible
        self._clock = clock

    async def deployments(
        self, request: web.Request, query: SearchQuery
    ) -> web.Response:
        """Deployments in all repositories, the newest first.

        Without `from` those of the last 30 minutes, unless a ref, a commit or a person
        is looked for; without `owned` your own, unless one of those is.
        """
        specific = any((query.ref, query.sha, query.who))
        owned = not specific if query.owned is None else query.owned
        since = query.since
        if since is None and not specific:
            since = self._clock() - RECENT
        wanted = Wanted(
            repositories=await self._visible(request),
            statuses=query.wanted_statuses,
            user_id=person_of(request).id if owned else None,
            login=query.who,
            ref=query.ref,
            sha=query.sha,
            production_only=query.production_only,
            since=since,
            until=query.to,
        )
        return listed(
            request, query.wanted, await self._finder.deployments(wanted, query.wanted)
        )

    async def reviews(self, request: web.Request) -> web.Response:
        """What you are asked to review and have not answered."""
        visible = await self._visible(request)
        return answer(await self._finder.reviews(person_of(request).id, visible))

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        base = "/api/v1/search"
        return [
            Operation(
                "GET",
                f"{base}/deployments",
                self.deployments,
                Need.USER,
                answers={200: list[answers.Deployment]},
                errors=["internal_error"],
            ),
            Operation(
                "GET",
                f"{base}/reviews",
                self.reviews,
                Need.USER,
                answers={200: list[answers.Review]},
                errors=["internal_error"],
            ),
        ]
