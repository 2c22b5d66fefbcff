"""The JSON that is kept for a deployment, a status and a repository.

Members and their zero values are those of Gitploy's v1 API; ours stand beside them.
What depends on settings or on other rows is added when a document is shown.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from api_gateway.domain.deployment import Deployment
from api_gateway.domain.phase import Phase
from api_gateway.domain.repository import Command, Commanded, Repository
from shared.contracts import (
    Check,
    Person,
    RepositoryActivated,
    RepositoryActivationRequested,
    StatusUpdated,
)

Document = dict[str, Any]
#: A time that was never set, as Gitploy's clients know it.
NEVER = "0001-01-01T00:00:00Z"
DEFAULT_CONFIG_PATH = "deploy.yml"
WAITS_FOR = {
    Phase.REQUESTED: "verification",
    Phase.DISPATCHING: "github",
    Phase.CREATED: "tooling",
    Phase.QUEUED: "tooling",
    Phase.RUNNING: "tooling",
    Phase.CANCELING: "cancel",
}


def rfc3339(time: datetime | None) -> str:
    """A time as the API shows it."""
    if time is None:
        return NEVER
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def user_document(person: Person) -> Document:
    """A user: what we know without having asked GitHub."""
    return {
        "id": person.id,
        "login": person.login,
        "avatar": "",
        "admin": person.id == 0,
        "expiry": NEVER,
        "created_at": NEVER,
        "updated_at": NEVER,
        "edges": {},
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


def status_document(status: StatusUpdated) -> Document:
    """One of GitHub's statuses of a deployment."""
    created_at = rfc3339(status.created_at)
    return {
        "status": status.state,
        "description": status.description,
        "log_url": status.log_url,
        "created_at": created_at,
        "updated_at": created_at,
        "repo_id": status.repository.id,
        "environment_url": status.environment_url,
        "github_status_id": status.github_status_id,
        "creator": status.creator and status.creator.model_dump(),
        "ours": status.ours,
    }


def repository_document(known: Repository) -> Document:
    """A repository about which there was a command."""
    given, settled = known.in_order, known.settled
    command = given[-1][0]
    namespace, _, name = command.data.repository.full_name.partition("/")
    answer = settled.data if settled else None
    webhook_id = answer.webhook_id if isinstance(answer, RepositoryActivated) else 0
    return {
        "id": command.data.repository.id,
        "namespace": namespace,
        "name": name,
        "description": "",
        "config_path": DEFAULT_CONFIG_PATH,
        "active": known.active,
        "webhook_id": webhook_id,
        "created_at": rfc3339(given[0][0].time),
        "updated_at": rfc3339(
            max(command.time, settled.time) if settled else command.time
        ),
        "latest_deployed_at": rfc3339(known.deployed_at),
        "owner_id": command.data.requested_by.id,
        "command": _command_document(command.data, given[-1][1]),
        "owner": user_document(command.data.requested_by),
    }


def _command_document(command: Command, known: Commanded) -> Document:
    """The newest command: who waits for its answer finds it here."""
    refusal = known.refusal
    return {
        "id": str(command.command_id),
        "active": isinstance(command, RepositoryActivationRequested),
        "state": _state(known),
        "code": refusal and refusal.code,
        "message": refusal and refusal.message,
    }


def _state(known: Commanded) -> str:
    if known.answer:
        return "refused" if known.refusal else "done"
    return "unanswered" if known.left else "pending"
