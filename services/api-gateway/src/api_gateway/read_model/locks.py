"""A lock as it is kept, and as the API shows it."""

from api_gateway.domain.commands import in_order
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.lock import Lock, LockCommanded, due
from shared.contracts import (
    EnvironmentLocked,
    LockChangeRequested,
    LockRequested,
    UnlockRequested,
)

from .documents import Document, command_state, rfc3339, user_document
from .kinds import Row
from .tables import micros

KINDS = {
    LockRequested: "lock",
    LockChangeRequested: "change",
    UnlockRequested: "unlock",
}


def lock_row(known: Lock, limits: Limits) -> Row | None:
    """The row of a lock that somebody has asked for."""
    request = known.request
    if request is None:
        return None
    at = due(known, limits)
    return {
        "stream": request.data.lock_id,
        "repo_id": request.data.repository.id,
        "env_key": request.data.environment.casefold(),
        "state": known.state.value,
        "created_at": micros(request.data.requested_at),
        "revision": known.locked.revision if known.locked else 0,
        "due_at": at and micros(at),
        "document": _document(known, request.data),
    }


def _document(known: Lock, request: LockRequested) -> Document:
    locked = known.locked.data if known.locked else None
    last: LockRequested | EnvironmentLocked = locked or request
    owner = locked.owner if locked else request.requested_by
    return {
        "env": request.environment,
        "expired_at": rfc3339(last.expires_at) if last.expires_at else None,
        "created_at": rfc3339(locked.locked_at if locked else request.requested_at),
        "user_id": owner.id,
        "repo_id": request.repository.id,
        "uuid": str(request.lock_id),
        "reason": last.reason,
        "state": known.state.value,
        "ended": _ended(known),
        "commands": [_command(known, c) for c in in_order(known.commands)],
        "user": user_document(owner),
    }


def _ended(known: Lock) -> Document | None:
    if known.unlocked is None:
        return None
    told = known.unlocked
    return {
        "at": rfc3339(told.time),
        "cause": told.data.cause,
        "who": told.data.who and told.data.who.model_dump(),
    }


def _command(known: Lock, given: LockCommanded) -> Document:
    """What somebody wanted, and what came of it: who waits for that finds it here."""
    if given.command is None:
        raise ValueError("a command that was never given can't be shown")
    command = given.command.data
    by_clock = isinstance(command, UnlockRequested) and command.by == "deadline"
    wish = None if isinstance(command, UnlockRequested) else command
    return {
        "id": str(command.command_id),
        "kind": KINDS[type(command)],
        "who": None if by_clock else command.requested_by.model_dump(),
        "at": rfc3339(command.requested_at),
        "reason": wish and wish.reason,
        "expired_at": wish and wish.expires_at and rfc3339(wish.expires_at),
        **command_state(given, done=bool(known.unlocked) and wish is None),
    }
