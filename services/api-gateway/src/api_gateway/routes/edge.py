"""What every request passes before it is looked at, and every answer on its way out."""

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api_gateway.settings import Settings
from shared.web import Origins, Rates, caching

from .auth import USER, Asking

API = "/api/"
DESCRIPTION = "/openapi.json"
#: Against what a browser might otherwise do with an answer.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


class Edge:
    def __init__(self, settings: Settings, asking: Asking) -> None:
        self._asking = asking
        self._origins = Origins(settings.cors_origins, API)
        self._people = Rates(settings.requests_per_minute)

    @property
    def middlewares(self) -> Sequence[Middleware]:
        """In the order in which a request comes by."""
        return [
            self._origins.middleware,
            leading_on,
            caching(API),
            caching(DESCRIPTION),
            self._asking.identify,
            self.limit,
        ]

    async def dress(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add what every answer says."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        await self._origins.permit(request, response)

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Bound what one person may ask."""
        if user := request.get(USER):
            self._people.take(str(user.person.id))
        return await handler(request)


@web.middleware
async def leading_on(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lead from a path with a slash too many to the one without it, as Gitploy does."""
    raw = request.rel_url.raw_path
    lost = isinstance(request.match_info.http_exception, web.HTTPNotFound)
    if not (lost and raw.startswith(API) and raw.endswith("/")):
        return await handler(request)
    there = request.rel_url.with_path(
        raw.rstrip("/"), encoded=True, keep_query=True, keep_fragment=True
    )
    found = await request.app.router.resolve(request.clone(rel_url=there))
    if isinstance(found.http_exception, web.HTTPNotFound):
        return await handler(request)
    reads = request.method in {"GET", "HEAD"}
    status = HTTPStatus.MOVED_PERMANENTLY if reads else HTTPStatus.TEMPORARY_REDIRECT
    return web.Response(status=status, headers={"Location": str(there)})
