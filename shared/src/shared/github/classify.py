"""From the bytes of GitHub's answer to what it means: the tables, without any I/O.

Only what GitHub itself says counts as a refusal. Everything that doesn't tell clearly
whether something was written, an empty 201 as well as a 502, is `Ambiguous`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from multidict import CIMultiDict
from pydantic import ValidationError

from .limits import read_limit
from .outcomes import (
    Ambiguous,
    AutoMerged,
    BadCredentials,
    ChecksFailed,
    Context,
    Created,
    CreateOutcome,
    Deleted,
    DeleteOutcome,
    Forbidden,
    HookOutcome,
    HookSaved,
    Invalid,
    MergeConflict,
    NotFound,
    Redirected,
    RefNotFound,
    Refusal,
    StatusCreated,
    StatusOutcome,
)
from .resources import Deployment, DeploymentStatus, Hook, Resource

Headers = Mapping[str, str]
R = TypeVar("R", bound=Resource)


def classify_create(
    status: int, headers: Headers, body: bytes, now: datetime
) -> CreateOutcome:
    """The answer to `POST /repos/{repo}/deployments`."""
    told = _object(body)
    message = _message(told)
    if status == 201:
        created = _resource(Deployment, status, headers, told)
        return Created(created) if isinstance(created, Deployment) else created
    if status == 202 and message:
        return AutoMerged(message)
    if status == 409:
        contexts = _required_contexts(told)
        if contexts is None:
            return MergeConflict(message)
        return ChecksFailed(contexts, message)
    if status == 422 and message.startswith("No ref found"):
        return RefNotFound(message)
    return classify_failure(status, headers, body, now)


def classify_status(
    status: int, headers: Headers, body: bytes, now: datetime
) -> StatusOutcome:
    """The answer to `POST /repos/{repo}/deployments/{id}/statuses`."""
    if status != 201:
        return classify_failure(status, headers, body, now)
    posted = _resource(DeploymentStatus, status, headers, _object(body))
    return StatusCreated(posted) if isinstance(posted, DeploymentStatus) else posted


def classify_hook(
    status: int, headers: Headers, body: bytes, now: datetime
) -> HookOutcome:
    """The answer to creating or changing a webhook."""
    if status not in (200, 201):
        return classify_failure(status, headers, body, now)
    saved = _resource(Hook, status, headers, _object(body))
    return HookSaved(saved) if isinstance(saved, Hook) else saved


def classify_delete(
    status: int, headers: Headers, body: bytes, now: datetime
) -> DeleteOutcome:
    if status == 204:
        return Deleted()
    return classify_failure(status, headers, body, now)


def classify_failure(
    status: int, headers: Headers, body: bytes, now: datetime
) -> Refusal | Ambiguous:
    """An answer that isn't the success that was asked for."""
    if limited := read_limit(status, headers, body, now):
        return limited
    known = CIMultiDict(headers)
    told = _object(body)
    message = _message(told) or f"GitHub answered {status}"
    match status:
        case 301 | 302 | 307 | 308 if "location" in known:
            return Redirected(known["location"])
        case 401:
            return BadCredentials(message)
        case 403 | 451:
            return Forbidden(message, known.get("x-accepted-github-permissions"))
        case 404 | 410:
            return NotFound(message)
        case _ if 400 <= status < 500 and status != 408:
            return Invalid(message, _errors(told))
    return Ambiguous(described(status, known))


def _resource(
    kind: type[R], status: int, headers: Headers, told: dict[str, Any]
) -> R | Ambiguous:
    try:
        return kind.model_validate(told)
    except ValidationError:
        return Ambiguous(described(status, headers) + " without what it is about")


def described(status: int, headers: Headers) -> str:
    request = CIMultiDict(headers).get("x-github-request-id", "unknown")
    return f"GitHub answered {status} (request {request})"


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _message(told: dict[str, Any]) -> str:
    message = told.get("message")
    return message if isinstance(message, str) else ""


def _errors(told: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    errors = told.get("errors")
    if not isinstance(errors, list):
        return ()
    return tuple(e if isinstance(e, dict) else {"message": str(e)} for e in errors)


def _required_contexts(told: dict[str, Any]) -> tuple[Context, ...] | None:
    """The contexts of a 409 about checks; None if it is about something else."""
    for error in _errors(told):
        if error.get("field") == "required_contexts":
            listed = error.get("contexts")
            contexts = listed if isinstance(listed, list) else []
            return tuple(_context(c) for c in contexts if isinstance(c, dict))
    return None


def _context(told: dict[str, Any]) -> Context:
    return Context(str(told.get("context", "")), str(told.get("state", "")))
