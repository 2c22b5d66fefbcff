"""Which other sites may use the API from a browser (CORS).

Only with a token that they have themselves: cookies are for our own pages.
"""

from collections.abc import Collection
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

METHODS = "GET, POST, PUT, PATCH, DELETE"
SENT = (
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer"
)
SHOWN = "Age, ETag, Idempotent-Replayed, Link, Location, Retry-After, X-Gitploy-Stale"
KEPT_S = 600


class Origins:
    """Those of the settings, like `https://portal.example.com`; none by default."""

    def __init__(self, allowed: Collection[str], prefix: str) -> None:
        self._allowed = frozenset(allowed)
        self._prefix = prefix

    @property
    def middleware(self) -> Middleware:
        """Answers a browser that asks what another site may do."""

        @web.middleware
        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            asks = "Access-Control-Request-Method" in request.headers
            if request.method == "OPTIONS" and asks and self._covers(request):
                return web.Response(status=HTTPStatus.NO_CONTENT)
            return await handler(request)

        return answer

    async def permit(self, request: web.Request, response: web.StreamResponse) -> None:
        """Say with an answer who may see it."""
        if not self._allowed or not request.path.startswith(self._prefix):
            return
        response.headers.add("Vary", "Origin")
        if not self._covers(request):
            return
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        response.headers["Access-Control-Expose-Headers"] = SHOWN
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = SENT
            response.headers["Access-Control-Max-Age"] = str(KEPT_S)

    def _covers(self, request: web.Request) -> bool:
        ours = request.path.startswith(self._prefix)
        return ours and request.headers.get("Origin") in self._allowed
