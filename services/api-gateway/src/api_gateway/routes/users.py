"""Users: for now those who have a token of the settings."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.read_model.documents import user_document

from . import answers
from .answering import answer
from .auth import user_of
from .operation import Need, Operation


async def me(request: web.Request) -> web.Response:
    """Who is asking."""
    user = user_of(request)
    return answer({**user_document(user.person), "admin": user.admin})


def operations() -> Sequence[Operation]:
    """What can be done with the resource."""
    return [
        Operation("GET", "/api/v1/user", me, Need.USER, answers={200: answers.User})
    ]
