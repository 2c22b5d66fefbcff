"""What Gitploy's clients ask of its licence: nothing is limited."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.read_model.documents import NEVER

from . import answers
from .answering import answer
from .operation import Need, Operation

#: The largest number that every client can read exactly.
UNLIMITED = 2**53 - 1


async def show_license(_: web.Request) -> web.Response:
    """The licence: nothing is limited, so nothing is counted."""
    return answer(
        {
            "kind": "oss",
            "member_count": 0,
            "member_limit": UNLIMITED,
            # As Gitploy spells it.
            "memeber_limit": UNLIMITED,
            "deployment_count": 0,
            "deployment_limit": UNLIMITED,
            "expired_at": NEVER,
        }
    )


def operations() -> Sequence[Operation]:
    """What can be done with the resource."""
    return [
        Operation(
            "GET",
            "/api/v1/license",
            show_license,
            Need.USER,
            answers={200: answers.License},
        ),
    ]
