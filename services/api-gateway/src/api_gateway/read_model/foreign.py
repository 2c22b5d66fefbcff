"""The JSON that is kept for a deployment that somebody else made at GitHub.

It has the members of ours, for whoever lists them; nothing can be done about it here.
"""

from api_gateway.domain.deployment import Deployment
from api_gateway.domain.phase import Phase
from shared.contracts import Person

from .documents import Document, rfc3339, user_document

#: GitHub has forgotten the account.
NOBODY = Person(id=0, login="ghost")


def foreign_document(known: Deployment) -> Document:
    """A deployment of somebody else's that we were told of."""
    if known.foreign is None:
        raise ValueError("a deployment that nobody told us of can't be shown")
    seen, phase = known.foreign.data, known.phase
    creator = seen.creator or NOBODY
    gone = phase is Phase.GONE
    return {
        "number": None,
        "type": "commit" if seen.ref == seen.sha else "branch",
        "env": seen.environment,
        "ref": seen.ref,
        "dynamic_payload": None,
        "status": phase.status,
        "uid": seen.github_deployment_id,
        "sha": seen.sha,
        "production_environment": False,
        "is_rollback": False,
        "created_at": rfc3339(seen.created_at),
        "updated_at": rfc3339(known.updated_at),
        "user_id": creator.id,
        "repo_id": seen.repository.id,
        "is_approval_enabled": None,
        "required_approval_count": None,
        "uuid": str(seen.deployment_id),
        "phase": phase.value,
        "code": "gone" if gone else None,
        "message": "Somebody deleted it at GitHub." if gone else None,
        "checks": [],
        "waits_for": None,
        "config_digest": None,
        "foreign": True,
        "source": "github",
        "rollback_of": None,
        "override": None,
        "confirmation": None,
        "sync": None,
        "log_url": known.linked.data.log_url if known.linked else "",
        "user": user_document(creator),
        "repository": seen.repository.full_name,
    }
