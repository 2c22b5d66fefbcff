"""Who may use the API: whoever has a token of the settings.

Gitploy's clients send it as a bearer token or in the cookie `__sess__`. The one of
`GITPLOY_API_TOKEN` acts as user 0, `gitploy`, an administrator; those of
`GITPLOY_API_TOKENS` act as the people that are named with them.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from api_gateway.settings import Settings
from shared.contracts import Person
from shared.web import ApiError

from .operation import Need, Operation

COOKIE = "__sess__"
API = "/api/"
FOR_ADMINS = frozenset({Need.ADMIN, Need.SYSTEM_ADMIN})


@dataclass(frozen=True)
class User:
    """Somebody who uses the API."""

    person: Person
    #: May do what operators do.
    admin: bool


GITPLOY = User(Person(id=0, login="gitploy"), admin=True)
USER = web.RequestKey("user", User)


def users_of(settings: Settings) -> Mapping[bytes, User]:
    """Everybody by their tokens."""
    people = {
        told.token.get_secret_value().encode(): User(
            Person(id=told.id, login=told.login), told.admin
        )
        for told in settings.api_tokens
    }
    return {settings.api_token.get_secret_value().encode(): GITPLOY, **people}


def bearer(users: Mapping[bytes, User]) -> Middleware:
    """Let only requests through that bring a token."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(API):
            request[USER] = _known(users, request)
        return await handler(request)

    return check


def user_of(request: web.Request) -> User:
    """Who is asking."""
    return request[USER]


def person_of(request: web.Request) -> Person:
    """Who is asking, as events name people."""
    return user_of(request).person


def admitting(operation: Operation) -> web.RouteDef:
    """The operation as a route that lets only those in who may do it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        _check(request, operation.needs)
        return await operation.answer(request)

    return web.route(operation.method, operation.path, handle)


def _check(request: web.Request, needs: Need) -> None:
    if needs in FOR_ADMINS and not user_of(request).admin:
        raise ApiError(
            403,
            "permission_required",
            f"Only administrators may do this, and {person_of(request).login} is none.",
        )


def _known(users: Mapping[bytes, User], request: web.Request) -> User:
    given = _given(request).encode(errors="surrogateescape")
    # All are compared, so that the time tells nothing.
    found = [user for token, user in users.items() if hmac.compare_digest(given, token)]
    if not found:
        raise ApiError(
            401,
            "unauthorized",
            "The token is missing or wrong: send Authorization: Bearer <token>.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return found[0]


def _given(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return request.cookies.get(COOKIE, "")
