"""Repositories: which Gitploy knows, and which it follows."""

from collections.abc import Sequence
from functools import partial
from uuid import uuid4

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.repository import Command, stream_of
from api_gateway.ports import (
    GitHub,
    NotCoveredError,
    RepositoryUnknownError,
)
from api_gateway.read_model import Follower, Queries
from api_gateway.read_model.documents import Document
from shared.contracts import (
    Repository,
    RepositoryActivationRequested,
    RepositoryDeactivationRequested,
)
from shared.web import ApiError

from . import answers
from .admission import Admission
from .answering import BASE, Wanted, answer, outcome
from .auth import person_of
from .bodies import RepositoryBody
from .browsing import SILENT, unanswered
from .errors import NOT_COVERED, REFUSED
from .lookup import Lookup, shown_repository, unknown_repository
from .operation import Need, Operation, Option
from .paging import paged
from .queries import RepositoriesQuery
from .reading import full_name_of, wait_of
from .visible import VisibleRepositories


class Repositories:
    def __init__(
        self,
        gateway: Gateway,
        queries: Queries,
        lookup: Lookup,
        follower: Follower,
        github: GitHub,
        visible: VisibleRepositories,
        admission: Admission,
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._lookup = lookup
        self._follower = follower
        self._github = github
        self._visible = visible
        self._admission = admission

    async def list(
        self, request: web.Request, query: RepositoriesQuery
    ) -> web.Response:
        """All repositories that you may see, by name."""
        ids = await self._admission.readable(request)
        shown, more = await self._visible.list(ids, query)
        return paged(request, query.wanted, shown, more=more)

    async def show(self, request: web.Request) -> web.Response:
        """A repository."""
        shown = await self._visible.find(request)
        if shown is None:
            raise unknown_repository(full_name_of(request))
        return answer(shown)

    async def change(self, request: web.Request, body: RepositoryBody) -> web.Response:
        """Follow a repository, or leave it alone, or read its rules elsewhere."""
        _check_name(request, body)
        if body.active is None:
            return await self._configure(request, body)
        repository = await self._named(request, body.active)
        # GitHub may have given the name to another one.
        await self._admission.check(request, repository, Need.ADMIN)
        kind = (
            RepositoryActivationRequested
            if body.active
            else RepositoryDeactivationRequested
        )
        command: Command = kind(
            command_id=uuid4(), repository=repository, requested_by=person_of(request)
        )
        await self._gateway.command_repository(command)
        if body.config_path:
            await self._gateway.configure_repository(repository.id, body.config_path)
        return _changed(command, await self._outcome(command, wait_of(request)))

    async def _configure(
        self, request: web.Request, body: RepositoryBody
    ) -> web.Response:
        """Nobody has to answer: the rows only have to show it."""
        known = await self._lookup.repository_document(request)
        repository = shown_repository(known)
        await self._admission.check(request, repository, Need.ADMIN)
        path = body.config_path or known["config_path"]
        await self._gateway.configure_repository(repository.id, path)

        def is_read_there(shown: Document) -> bool:
            return bool(shown["config_path"] == path)

        wanted = Wanted(
            stream=stream_of(repository.id),
            read=partial(self._shown, repository.id),
            shows=is_read_there,
            settled=is_read_there,
        )
        shown = await outcome(self._follower, wanted, wait_of(request))
        return answer(shown or known, 200 if shown else 202)

    async def _named(self, request: web.Request, active: bool) -> Repository:
        """GitHub knows who has that name; what we leave alone we know ourselves."""
        if not active:
            return await self._lookup.repository(request)
        full_name = full_name_of(request)
        try:
            return await self._github.find_repository(full_name)
        except NotCoveredError as error:
            raise ApiError(422, error.code, str(error)) from error
        except RepositoryUnknownError as error:
            raise ApiError(
                404,
                "entity_not_found",
                f"GitHub does not show a repository {full_name} to Gitploy.",
            ) from error
        except SILENT as error:
            raise unanswered(error, "nothing was recorded") from error

    async def _shown(self, repo_id: int) -> Document | None:
        """The number names one only, the name another one before it perhaps."""
        return await self._queries.repository_by_id(repo_id)

    async def _outcome(self, command: Command, wait_s: float) -> Document | None:
        wanted = Wanted(
            stream=stream_of(command.repository.id),
            read=partial(self._shown, command.repository.id),
            shows=lambda shown: shown["command"]["id"] == str(command.command_id),
            settled=lambda shown: shown["command"]["state"] != "pending",
        )
        return await outcome(self._follower, wanted, wait_s)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/api/v1/repos",
                self.list,
                Need.USER,
                answers={200: list[answers.Repository]},
                errors=["internal_error"],
            ),
            Operation(
                "GET", BASE, self.show, Need.READ, answers={200: answers.Repository}
            ),
            Operation(
                "PATCH",
                BASE,
                self.change,
                Need.ADMIN,
                answers={
                    200: answers.Repository,
                    202: answers.Repository | answers.RepositoryAsked,
                },
                errors=[
                    *REFUSED,
                    *NOT_COVERED,
                    "bad_credentials",
                    "entity_unprocessable",
                    "superseded",
                    "internal_error",
                ],
                options=[Option.WAIT],
            ),
        ]


def _check_name(request: web.Request, body: RepositoryBody) -> None:
    """It is called as GitHub calls it."""
    name = request.match_info["name"]
    if body.name is not None and body.name.lower() != name.lower():
        text = f"{name} is called {body.name} when it is renamed at GitHub, by itself."
        raise ApiError(422, "entity_unprocessable", text)


def _changed(command: Command, shown: Document | None) -> web.Response:
    if shown is None:
        waiting = {"id": str(command.command_id), "state": "pending"}
        return answer({"command": waiting}, 202)
    became = shown["command"]
    if became["state"] == "refused":
        raise ApiError(422, became["code"], became["message"])
    return answer(shown, 200 if became["state"] == "done" else 202)
