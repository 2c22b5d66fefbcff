"""Commands: their ids, and as documents show them.

Whoever gave one finds there what became of it.
"""

from uuid import UUID, uuid4, uuid5

from aiohttp import web

from api_gateway.read_model.documents import Document
from shared.web import ApiError

from .auth import person_of
from .reading import idempotency_key_of

NAMESPACE = UUID("6b0cf3c5-7f0f-4f0e-9d0b-3f5b8a4f6c1d")
#: The status of a refusal, by its code.
STATUS = {"entity_not_found": 404, "permission_required": 403}


def command_id_of(request: web.Request) -> UUID:
    """The command's id: the same one again if the request is sent again."""
    key = idempotency_key_of(request)
    if key is None:
        return uuid4()
    return uuid5(NAMESPACE, f"{person_of(request).id} {request.path} {key}")


def command_in(shown: Document, command_id: UUID) -> Document | None:
    """The command in a document that keeps all of its own."""
    wanted = str(command_id)
    return next((c for c in shown["commands"] if c["id"] == wanted), None)


def is_settled(shown: Document, command_id: UUID) -> bool:
    """Whether the command was answered."""
    became = command_in(shown, command_id)
    return became is not None and became["state"] in ("done", "refused")


def check_refusal(shown: Document | None, command_id: UUID) -> None:
    """Answer with the refusal, if it is one.

    Raises:
        ApiError: The command was refused.
    """
    became = command_in(shown, command_id) if shown else None
    if became and became["state"] == "refused":
        status = STATUS.get(became["code"], 422)
        raise ApiError(status, became["code"], became["message"])
