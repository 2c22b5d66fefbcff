"""A status that somebody wants to be posted to GitHub: asked for, and answered.

What GitHub then has of it comes back by webhook, like every status of the tooling.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import get_args

from shared.contracts import (
    Fact,
    Message,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RemoteStatusRequested,
)

from . import command_deadlines
from .commands import (
    CommandAskedAgain,
    Commanded,
    CommandLeftUnanswered,
    Commands,
    filed,
    in_order,
)
from .limits import Limits


class RemoteStatusAskedAgain(CommandAskedAgain):
    """The command was said once more."""


class RemoteStatusLeftUnanswered(CommandLeftUnanswered):
    """The command is asked no more."""


RemoteStatusAnswer = RemoteStatusPosted | RemoteStatusRefused
RemoteStatusFact = (
    RemoteStatusRequested
    | RemoteStatusAnswer
    | RemoteStatusAskedAgain
    | RemoteStatusLeftUnanswered
)
REMOTE_STATUS_FACTS: frozenset[type[Fact]] = frozenset(get_args(RemoteStatusFact))
RemoteStatusCommanded = Commanded[RemoteStatusRequested, RemoteStatusAnswer]


@dataclass(frozen=True)
class RemoteStatus:
    """One command, which is all that its stream is about."""

    commands: Commands[RemoteStatusRequested, RemoteStatusAnswer] = field(
        default_factory=dict
    )

    @property
    def given(self) -> RemoteStatusCommanded | None:
        """The command, once it is known."""
        given = in_order(self.commands)
        return given[0] if given else None

    @property
    def waiting(self) -> Sequence[RemoteStatusCommanded]:
        return [self.given] if self.given and self.given.open else []


def evolve(known: RemoteStatus, message: Message[RemoteStatusFact]) -> RemoteStatus:
    """File a message. The order in which they are filed makes no difference."""
    return replace(known, commands=filed(known.commands, message))


def due(known: RemoteStatus, limits: Limits) -> datetime | None:
    """When somebody has to be asked again."""
    return command_deadlines.due(known.waiting, limits)


def passed(
    known: RemoteStatus, now: datetime, limits: Limits
) -> Sequence[RemoteStatusAskedAgain | RemoteStatusLeftUnanswered]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    facts = RemoteStatusAskedAgain, RemoteStatusLeftUnanswered
    return command_deadlines.passed(known.waiting, now, limits, *facts)
