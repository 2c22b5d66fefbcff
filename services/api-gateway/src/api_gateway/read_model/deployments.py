"""The JSON that is kept for a deployment: Gitploy's members, and ours beside them."""

from collections.abc import Sequence

from api_gateway.domain.deployment import Deployment
from api_gateway.domain.phase import Phase
from shared.contracts import Check

from .documents import Document, rfc3339, user_document

WAITS_FOR = {
    Phase.REQUESTED: "verification",
    Phase.DISPATCHING: "github",
    Phase.CREATED: "tooling",
    Phase.QUEUED: "tooling",
    Phase.RUNNING: "tooling",
    Phase.CANCELING: "cancel",
}


def deployment_document(known: Deployment) -> Document:
    """A deployment whose request is known."""
    if known.request is None:
        raise ValueError("a deployment without its request can't be shown")
    request, phase, verified = known.request.data, known.phase, known.verified
    return {
        "number": request.number,
        "type": request.ref.type,
        "env": request.environment,
        "ref": request.ref.name,
        "dynamic_payload": None,
        "status": phase.status,
        "uid": known.github_deployment_id,
        "sha": _sha(known),
        "production_environment": bool(
            verified and verified.data.config.production_environment
        ),
        "is_rollback": False,
        "created_at": rfc3339(request.requested_at),
        "updated_at": rfc3339(known.updated_at),
        "user_id": request.requested_by.id,
        "repo_id": request.repository.id,
        "is_approval_enabled": None,
        "required_approval_count": None,
        "uuid": str(request.deployment_id),
        "phase": phase.value,
        **_outcome(known, phase),
        "checks": [c.model_dump() for c in _checks(known)],
        "waits_for": _waits_for(known, phase),
        "log_url": known.linked.data.log_url if known.linked else "",
        "user": user_document(request.requested_by),
        "repository": request.repository.full_name,
    }


def _sha(known: Deployment) -> str:
    if known.created:
        return known.created.data.sha
    if known.verified:
        return known.verified.data.sha
    return (known.rejected and known.rejected.data.sha) or ""


def _checks(known: Deployment) -> Sequence[Check]:
    verdict = known.rejected or known.verified
    return verdict.data.checks if verdict else ()


def _outcome(known: Deployment, phase: Phase) -> Document:
    """The code and the sentence of what ended it, or is about to."""
    code, message = None, None
    answers = {
        Phase.REJECTED: known.rejected,
        Phase.REFUSED: known.refused,
        Phase.CANCELED: known.canceled,
    }
    if answer := answers.get(phase):
        code, message = answer.data.code, answer.data.message
    elif phase is Phase.CANCELING and known.cancel:
        code, message = known.cancel.data.code, known.cancel.data.reason
    elif phase is Phase.GONE:
        code, message = "gone", "Somebody deleted it at GitHub."
    return {"code": code, "message": message}


def _waits_for(known: Deployment, phase: Phase) -> Document | None:
    what = WAITS_FOR.get(phase)
    if what is None:
        return None
    until, message = None, None
    if phase is Phase.REQUESTED and known.request:
        until = known.request.data.not_after
    if phase is Phase.DISPATCHING and known.verified:
        until = known.verified.data.not_after
        message = known.attempt.data.message if known.attempt else None
    return {"what": what, "until": until and rfc3339(until), "message": message}
