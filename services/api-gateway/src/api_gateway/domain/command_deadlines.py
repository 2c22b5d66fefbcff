"""What is due when a command about a repository is not answered (law 6)."""

from collections.abc import Sequence
from datetime import datetime

from .deadlines import Limits
from .repository import CommandAskedAgain, CommandLeftUnanswered, Repository


def due(known: Repository, limits: Limits) -> datetime | None:
    """When something has to be done about the newest command: older ones are moot."""
    newest = known.newest
    if newest is None or newest.command is None or newest.answer or newest.left:
        return None
    asked_at = newest.asked_at or newest.command.time
    return min(asked_at + limits.asking, newest.command.time + limits.command)


def passed(
    known: Repository, now: datetime, limits: Limits
) -> Sequence[CommandAskedAgain | CommandLeftUnanswered]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    at, newest = due(known, limits), known.newest
    if at is None or at > now or newest is None or newest.command is None:
        return []
    command_id = newest.command.data.command_id
    if now >= newest.command.time + limits.command:
        return [CommandLeftUnanswered(command_id=command_id)]
    return [CommandAskedAgain(command_id=command_id, at=now)]
