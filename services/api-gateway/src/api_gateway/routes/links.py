"""Addresses that lead on to GitHub's own pages, and to no others."""

from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote

from aiohttp import web

from api_gateway.ports import Browsing

from .answering import BASE
from .auth import person_of
from .browsing import ERRORS, aged, explained
from .lookup import Lookup
from .operation import Need, Operation

LINK = BASE.replace("/api/v1/repos", "/link")


class Links:
    def __init__(self, browsing: Browsing, lookup: Lookup, web_url: str) -> None:
        self._browsing = browsing
        self._lookup = lookup
        self._web_url = web_url

    async def config(self, request: web.Request) -> web.Response:
        """Go to the file with the rules."""
        return await self._lead(request, 301, "blob")

    async def new_config(self, request: web.Request) -> web.Response:
        """Go to where the file with the rules is written."""
        return await self._lead(request, 302, "new")

    async def _lead(
        self, request: web.Request, status: int, does: Literal["blob", "new"]
    ) -> web.Response:
        known = await self._lookup.repository_document(request)
        repository = await self._lookup.repository(request)
        asking = self._browsing.default_branch(person_of(request), repository)
        told = await explained(asking)
        branch = told.value.name
        path = f"{repository.full_name}/{does}/{branch}/{known['config_path']}"
        location = f"{self._web_url}/{quote(path)}"
        # The file may be elsewhere tomorrow.
        headers = {"Location": location, "Cache-Control": "no-store", **aged(told)}
        return web.Response(status=status, text=location, headers=headers)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                f"{LINK}/config",
                self.config,
                Need.READ,
                # 302 leads whoever is not signed in to where they do.
                answers={301: str, 302: None},
                errors=ERRORS,
                media="text/plain",
            ),
            Operation(
                "GET",
                f"{LINK}/config/new",
                self.new_config,
                Need.READ,
                answers={302: str},
                errors=ERRORS,
                media="text/plain",
            ),
        ]
