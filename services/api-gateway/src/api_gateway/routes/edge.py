"""What every request passes before it is looked at, and every answer on its way out."""

from collections.abc import Sequence

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
