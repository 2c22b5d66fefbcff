"""A status that somebody wants to be at GitHub, as it is kept and shown."""

from uuid import UUID

from sqlalchemy import select

from api_gateway.domain.limits import Limits
from api_gateway.domain.remote_status import RemoteStatus, due
from shared.contracts import RemoteStatusPosted

from .documents import Document, command_state, rfc3339
from .kinds import Row
from .queries import Queries
from .tables import REMOTE_STATUSES, micros


def remote_status_row(known: RemoteStatus, limits: Limits) -> Row | None:
    """The row of a command that somebody gave."""
    given = known.given
    if given is None or given.command is None:
        return None
    command, at = given.command.data, due(known, limits)
    answer = given.answer.data if given.answer else None
    posted = answer if isinstance(answer, RemoteStatusPosted) else None
    return {
        "stream": command.command_id,
        "due_at": at and micros(at),
        "document": {
            # Gitploy's clients know it by GitHub's id; 0 while there is none.
            "id": posted.github_status_id if posted else 0,
            "status": command.state,
            "description": command.description,
            "log_url": command.log_url,
            "environment_url": command.environment_url,
            "commands": [
                {
                    "id": str(command.command_id),
                    "who": command.requested_by.model_dump(),
                    "at": rfc3339(given.command.time),
                    **command_state(given),
                }
            ],
        },
    }


async def remote_status(queries: Queries, command_id: UUID) -> Document | None:
    """What became of a command."""
    wanted = select(REMOTE_STATUSES.c.document).where(
        REMOTE_STATUSES.c.stream == command_id
    )
    found: Document | None = await queries.read(lambda c: c.scalar(wanted))
    return found
