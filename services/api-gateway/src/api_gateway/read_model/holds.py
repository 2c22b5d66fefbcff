"""A hold as it is kept and shown: after a rollback pushes are not deployed."""

from api_gateway.domain.commands import in_order
from api_gateway.domain.hold import Hold, HoldCommanded, due, hold_of
from api_gateway.domain.limits import Limits

from .documents import Document, command_state, rfc3339
from .kinds import Row
from .tables import micros


def hold_row(known: Hold, limits: Limits) -> Row | None:
    """The row of a hold that the verifier has told of."""
    if known.held is None:
        return None
    held, at = known.held.data, due(known, limits)
    return {
        "stream": hold_of(held.rollback_id),
        "repo_id": held.repository.id,
        "env_key": held.environment.casefold(),
        "number": held.number,
        "active": known.active,
        "due_at": at and micros(at),
        "document": {
            "env": held.environment,
            "number": held.number,
            "uuid": str(held.rollback_id),
            "who": held.who.model_dump(),
            "since": rfc3339(known.held.time),
            "commands": [_command(known, c) for c in in_order(known.commands)],
        },
    }


def _command(known: Hold, given: HoldCommanded) -> Document:
    """Who wanted its end, and what came of that."""
    if given.command is None:
        raise ValueError("a command that was never given can't be shown")
    command = given.command.data
    return {
        "id": str(command.command_id),
        "who": command.requested_by.model_dump(),
        "at": rfc3339(command.requested_at),
        **command_state(given, done=known.resumed is not None),
    }
