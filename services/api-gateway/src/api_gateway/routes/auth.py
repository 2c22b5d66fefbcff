"""Who may use the API: for now whoever has the token of the settings.

Gitploy's clients send it as a bearer token or in the cookie `__sess__`. Both act as
user 0, `gitploy`, an administrator.
"""

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import SecretStr

from shared.contracts import Person
from shared.web import ApiError

GITPLOY = Person(id=0, login="gitploy")
COOKIE = "__sess__"
API = "/api/"


def bearer(token: SecretStr) -> Middleware:
    """Let only requests through that bring the token."""
    expected = token.get_secret_value().encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(API) and not hmac.compare_digest(
            _given(request).encode(errors="surrogateescape"), expected
        ):
            raise ApiError(
                401,
                "unauthorized",
                "The token is missing or wrong: send Authorization: Bearer <token>.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return await handler(request)

    return check


def _given(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(COOKIE, "")
