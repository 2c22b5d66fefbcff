"""The JSON that is kept for a status and a repository, and what all documents share.

Members and their zero values are those of Gitploy's v1 API; ours stand beside them.
What depends on settings or on other rows is added when a document is shown.
"""

from datetime import UTC, datetime
from typing import Any

from api_gateway.domain.commands import Commanded
from api_gateway.domain.repository import Activation, Command, Repository
from shared.contracts import (
    AutoDeployFailed,
    Person,
    RepositoryActivated,
    RepositoryActivationRequested,
    StatusUpdated,
)

Document = dict[str, Any]
#: A time that was never set, as Gitploy's clients know it.
NEVER = "0001-01-01T00:00:00Z"


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
    command, first = given[-1].command, given[0].command
    if command is None or first is None or known.named is None:
        raise ValueError("a repository without a command can't be shown")
    namespace, _, name = known.named.full_name.partition("/")
    answer = settled.data if settled else None
    webhook_id = answer.webhook_id if isinstance(answer, RepositoryActivated) else 0
    return {
        "id": known.named.id,
        "namespace": namespace,
        "name": name,
        "description": "",
        "config_path": known.config_path,
        "active": known.active,
        "webhook_id": webhook_id,
        "created_at": rfc3339(first.time),
        "updated_at": rfc3339(max(m.time for m in (command, settled, known.said) if m)),
        "latest_deployed_at": rfc3339(known.deployed_at),
        "owner_id": command.data.requested_by.id,
        "command": _command_document(command.data, given[-1]),
        "auto_deploy_problem": _problem_document(known.auto_deploy_problem),
        "owner": user_document(command.data.requested_by),
    }


def unknown_repository_document(
    repo_id: int, full_name: str, description: str
) -> Document:
    """A repository that GitHub shows, and about which there was no command yet."""
    namespace, _, name = full_name.partition("/")
    return {
        "id": repo_id,
        "namespace": namespace,
        "name": name,
        "description": description,
        "config_path": "deploy.yml",
        "active": False,
        "webhook_id": 0,
        "created_at": NEVER,
        "updated_at": NEVER,
        "latest_deployed_at": NEVER,
        "owner_id": 0,
        "command": None,
        "auto_deploy_problem": None,
        "edges": {"owner": None, "deployments": []},
    }


def _problem_document(failed: AutoDeployFailed | None) -> Document | None:
    """Why the last push was deployed nowhere: who pushed wonders, and looks here."""
    if failed is None:
        return None
    return {
        "message": failed.message,
        "ref": failed.ref.name,
        "sha": failed.sha,
        "at": rfc3339(failed.pushed_at),
    }


def _command_document(command: Command, known: Activation) -> Document:
    """The newest command: who waits for its answer finds it here."""
    active = isinstance(command, RepositoryActivationRequested)
    return {"id": str(command.command_id), "active": active, **command_state(known)}


def command_state(known: Commanded[Any, Any], *, done: bool = False) -> Document:
    """What became of a command; `done` where another has had its effect."""
    refusal = known.refusal
    return {
        "state": _state(known, done),
        "code": refusal and refusal.code,
        "message": refusal and refusal.message,
    }


def _state(known: Commanded[Any, Any], done: bool) -> str:
    if known.refusal:
        return "refused"
    if known.answer or done:
        return "done"
    return "unanswered" if known.left else "pending"
