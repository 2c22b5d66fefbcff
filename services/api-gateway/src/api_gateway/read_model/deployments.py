"""The JSON that is kept for a deployment: Gitploy's members, and ours beside them."""

from collections.abc import Sequence
from datetime import datetime

from api_gateway.domain import deadlines
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.limits import Limits
from api_gateway.domain.outcome import ended_at
from api_gateway.domain.phase import Phase
from shared.contracts import Check, DeployRequested, ForeignDeploymentSeen

from .documents import Document, rfc3339, user_document
from .foreign import foreign_document
from .kinds import Row
from .tables import MAX_REF, micros, span_of
from .waiting import waits_for

FINISHED = frozenset({Phase.SUCCESS, Phase.FAILURE, Phase.ERROR})


def deployment_row(known: Deployment, limits: Limits) -> Row | None:
    """The row of a deployment, ours or somebody else's, whose beginning is known."""
    if known.about is None:
        return None
    about, phase = known.about.data, known.phase
    due = deadlines.due(known, limits)
    ours = isinstance(about, DeployRequested)
    document = deployment_document(known, limits) if ours else foreign_document(known)
    finished_at = _finished_at(known)
    created_at = micros(_begun_at(about))
    told_at = micros(known.told_at or known.about.time)
    return {
        "uuid": about.deployment_id,
        "repo_id": about.repository.id,
        "number": document["number"],
        "foreign": not ours,
        "uid": known.github_deployment_id or None,
        "env": about.environment,
        "env_key": about.environment.casefold(),
        "status": phase.status,
        "phase": phase.value,
        "created_at": created_at,
        "told_at": told_at,
        "span": span_of(told_at - created_at),
        "user_id": document["user_id"],
        "login": document["user"]["login"].casefold(),
        "ref": document["ref"][:MAX_REF],
        "sha": document["sha"],
        "production": document["production_environment"],
        "rollback": document["is_rollback"],
        "committed_at": _committed_at(known),
        "due_at": due and micros(due.at),
        "succeeded_at": finished_at if phase is Phase.SUCCESS else None,
        "finished_at": finished_at,
        "document": document,
    }


def _begun_at(about: DeployRequested | ForeignDeploymentSeen) -> datetime:
    if isinstance(about, DeployRequested):
        return about.requested_at
    return about.created_at


def _committed_at(known: Deployment) -> int | None:
    at = known.verified.data.committed_at if known.verified else None
    return None if at is None else micros(at)


def _finished_at(known: Deployment) -> int | None:
    """When the tool has come to an end with it."""
    at = ended_at(known)
    return None if at is None or known.phase not in FINISHED else micros(at)


def deployment_document(known: Deployment, limits: Limits) -> Document:
    """A deployment whose request is known."""
    if known.request is None:
        raise ValueError("a deployment without its request can't be shown")
    request, phase, verified = known.request.data, known.phase, known.verified
    return {
        "number": request.number,
        "type": request.ref.type,
        "env": request.environment,
        "ref": request.ref.name,
        "dynamic_payload": request.dynamic_payload,
        "status": phase.status,
        "uid": known.github_deployment_id,
        "sha": known.sha or "",
        "production_environment": bool(
            verified and verified.data.config.production_environment
        ),
        "is_rollback": request.rollback_of is not None,
        "created_at": rfc3339(request.requested_at),
        "updated_at": rfc3339(known.updated_at),
        "user_id": request.requested_by.id,
        "repo_id": request.repository.id,
        "is_approval_enabled": None,
        "required_approval_count": None,
        "uuid": str(request.deployment_id),
        "phase": phase.value,
        **_outcome(known, phase),
        "checks": [c.model_dump(mode="json") for c in _checks(known)],
        "waits_for": waits_for(known, limits),
        "config_digest": _digest(known),
        "foreign": False,
        "source": request.source,
        "rollback_of": _rollback_of(request),
        "override": request.override and request.override.model_dump(mode="json"),
        "confirmation": _confirmation(known),
        "sync": _sync(known),
        "log_url": known.linked.data.log_url if known.linked else "",
        "user": user_document(request.requested_by),
        "repository": request.repository.full_name,
    }


def _digest(known: Deployment) -> str | None:
    """Of the configuration that is pinned: reviewers decide about it and the commit."""
    if known.verified:
        return known.verified.data.config.digest
    told = (known.queued, known.review, known.pending)
    return next((m.data.config_digest for m in told if m), None)


def _checks(known: Deployment) -> Sequence[Check]:
    """As the verifier has told them last."""
    told = (
        known.rejected,
        known.verified,
        known.queued,
        known.refusal,
        known.review,
        known.pending,
    )
    return next((m.data.checks for m in told if m), ())


def _rollback_of(request: DeployRequested) -> Document | None:
    target = request.rollback_of
    if target is None:
        return None
    return {
        "number": target.number,
        "uuid": str(target.deployment_id),
        "sha": target.sha,
    }


def _confirmation(known: Deployment) -> Document | None:
    """The newest word that it is to be sent, and why it was not, if it was not."""
    sent = known.confirmation
    if sent is None:
        return None
    refusal = known.refusals.get(sent.data.confirmation_id)
    override = sent.data.override
    return {
        "id": str(sent.data.confirmation_id),
        "nth": len(known.confirmations),
        "by": sent.data.confirmed_by.model_dump(),
        "at": rfc3339(sent.data.confirmed_at),
        "override": override and override.model_dump(mode="json"),
        "code": refusal and refusal.data.code,
        "message": refusal and refusal.data.message,
    }


def _sync(known: Deployment) -> Document | None:
    """What GitHub was asked last, and whether it has answered."""
    asked = known.sync
    if asked is None:
        return None
    return {
        "id": str(asked.data.sync_id),
        "at": rfc3339(asked.time),
        "answered": asked.data.sync_id in known.synced,
    }


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
