"""Commands as documents show them: whoever gave one finds there what became of it."""

from uuid import UUID

from api_gateway.read_model.documents import Document
from shared.web import ApiError

#: The status of a refusal, by its code.
STATUS = {"entity_not_found": 404, "permission_required": 403}


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
