"""How often GitHub may still be asked with the token of whoever asks."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.ports import Browsing, Quota
from api_gateway.read_model.documents import Document, rfc3339

from . import answers
from .auth import person_of
from .browsing import ERRORS, one
from .operation import Need, Operation


class RateLimit:
    def __init__(self, browsing: Browsing) -> None:
        self._browsing = browsing

    async def show(self, request: web.Request) -> web.Response:
        """How often GitHub may still be asked within the hour."""
        return await one(self._browsing.quota(person_of(request)), _quota)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/api/v1/user/rate-limit",
                self.show,
                Need.USER,
                answers={200: answers.RateLimit},
                errors=ERRORS,
            )
        ]


def _quota(told: Quota) -> Document:
    return {
        "limit": told.limit,
        "remaining": told.remaining,
        "reset": rfc3339(told.reset),
    }
