"""`/openapi.json`, the page that shows it, and what the page needs."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import orjson
from aiohttp import web

from api_gateway.routes.operation import Need, Operation

from .assets import SWAGGER, Assets
from .document import document

#: Nothing but what stands beside the page, and nothing that is written into it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SCRIPT = "/docs/api.js"
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gitploy: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{style}">
<script src="{bundle}" defer></script>
<script src="{script}" defer></script>
<noscript>This page needs JavaScript; what it shows is in
<a href="/openapi.json">/openapi.json</a>.</noscript>
<div id="api"></div>
</html>
"""
MISSING = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gitploy: the API</title>
<h1>This page is not installed</h1>
<p>It needs a package of npm: <code>make assets</code> installs it, and then Gitploy has
to be started again. What it shows is in <a href="/openapi.json">/openapi.json</a>.
</html>
"""


class Published:
    """The description of the operations, its own included."""

    def __init__(self, operations: Sequence[Operation], assets: Assets) -> None:
        self._others = operations
        self._assets = assets

    async def describe(self, _: web.Request) -> web.Response:
        """This description."""
        # It takes a second to make, and others must not wait for it.
        told = await asyncio.to_thread(lambda: self._document)
        return web.Response(body=told, content_type="application/json")

    async def lead(self, _: web.Request) -> web.Response:
        """Show whoever comes by with a browser what there is."""
        raise web.HTTPFound("/docs/api")

    async def page(self, _: web.Request) -> web.Response:
        """The description as a page to browse."""
        there = self._assets.complete
        return _secured(self._page if there else MISSING, "text/html", there=there)

    async def script(self, _: web.Request) -> web.Response:
        """What the page does."""
        text = files(__package__).joinpath("page.js").read_text()
        return _secured(text, "text/javascript")

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/openapi.json",
                self.describe,
                Need.NOBODY,
                answers={200: dict[str, Any]},
            )
        ]

    def routes(self) -> Sequence[web.RouteDef]:
        """What is for browsers, and no part of the API."""
        return [
            web.get("/", self.lead),
            web.get("/docs/api", self.page),
            web.get(SCRIPT, self.script),
            web.get("/assets/{path:.+}", self._assets.show),
        ]

    @cached_property
    def _document(self) -> bytes:
        all_ = [*self._others, *self.operations()]
        return orjson.dumps(document(all_, version("gitploy-api-gateway")))

    @property
    def _page(self) -> str:
        return PAGE.format(
            style=self._assets.url(f"{SWAGGER}/swagger-ui.css"),
            bundle=self._assets.url(f"{SWAGGER}/swagger-ui-bundle.js"),
            script=SCRIPT,
        )


def _secured(text: str, media: str, *, there: bool = True) -> web.Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(
        text=text, content_type=media, headers=headers, status=200 if there else 503
    )
