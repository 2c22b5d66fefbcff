"""What the path of a request names, and what becomes of it: for all routes."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from aiohttp import web

from api_gateway.accounts import Directory
from api_gateway.read_model import Follower, Queries
from api_gateway.read_model.documents import Document
from shared.contracts import Repository
from shared.web import ApiError

from .answering import Wanted, outcome
from .reading import full_name_of, number_of

Holds = Callable[[Document], bool]
#: The repository in which somebody was let in by the name in the path: all that the
#: request does is done there, whatever the name means a moment later.
MEANT = web.RequestKey("meant", Repository)


class Lookup:
    def __init__(
        self, queries: Queries, directory: Directory, follower: Follower
    ) -> None:
        self._queries = queries
        self._directory = directory
        self._follower = follower

    async def repository(self, request: web.Request) -> Repository:
        """The repository in the path.

        Raises:
            ApiError: Gitploy does not know it.
        """
        return shown_repository(await self.repository_document(request))

    async def repository_document(self, request: web.Request) -> Document:
        """The same as the API shows it."""
        shown = await self.found(request)
        if shown is None:
            raise unknown_repository(full_name_of(request))
        return shown

    async def found(self, request: web.Request) -> Document | None:
        """The same, if Gitploy knows it."""
        if meant := request.get(MEANT):
            return await self._queries.repository_by_id(meant.id)
        return await self._shown(full_name_of(request))

    async def _shown(self, full_name: str) -> Document | None:
        shown = await self._queries.repository(full_name)
        if shown is None or shown["active"]:
            return shown
        # Nobody tells what becomes of one that isn't followed: it may be deleted, and
        # another one made of that name.
        seen = await self._directory.repository(full_name)
        if seen is None or seen.id == shown["id"]:
            return shown
        return await self._queries.repository_by_id(seen.id)

    async def named(self, full_name: str) -> Repository | None:
        """The repository of that name, if Gitploy knows it."""
        shown = await self._shown(full_name)
        return None if shown is None else shown_repository(shown)

    async def deployment(self, request: web.Request) -> Document:
        """The deployment in the path.

        Raises:
            ApiError: There is none of that number.
        """
        number = number_of(request)
        repository = await self.repository(request)
        shown = await self._queries.deployment(repository.id, number)
        if shown is None:
            raise not_found(f"{repository.full_name} has no deployment #{number}")
        return shown

    async def outcome(
        self, deployment_id: UUID, shows: Holds, settled: Holds, wait_s: float
    ) -> Document | None:
        """How a deployment stands once that is settled, or at the end of the wait."""
        read = partial(self._queries.deployment_by_uuid, deployment_id)
        wanted = Wanted(deployment_id, read, shows, settled)
        return await outcome(self._follower, wanted, wait_s)


def shown_repository(shown: Document) -> Repository:
    """The repository that a document shows."""
    name = f"{shown['namespace']}/{shown['name']}"
    return Repository(id=shown["id"], full_name=name)


def not_found(what: str) -> ApiError:
    """The answer about something that is not there."""
    return ApiError(404, "entity_not_found", f"{what}.")


def unknown_repository(full_name: str) -> ApiError:
    """The answer about a repository that is not there, or not for who asks."""
    return not_found(f"Gitploy does not know the repository {full_name}")
