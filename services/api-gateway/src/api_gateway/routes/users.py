"""Users: for now the one that has the token of the settings."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.read_model.documents import user_document

from .answering import answer
from .auth import GITPLOY


async def me(_: web.Request) -> web.Response:
    """Who is asking."""
    return answer(user_document(GITPLOY))


def routes() -> Sequence[web.RouteDef]:
    """The resource's paths."""
    return [web.get("/api/v1/user", me)]
