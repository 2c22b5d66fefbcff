"""A hold: after a rollback pushes are not deployed until somebody says so.

It is known by its rollback. The verifier begins and ends it; here is filed what it says
of that, and who has asked for the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, get_args
from uuid import UUID, uuid5

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    Fact,
    Message,
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

_NAMESPACE: Final = UUID("c1f0a5d2-7d0b-5b0e-8c1a-2e6f3b9d4a70")


class HoldAskedAgain(CommandAskedAgain):
    """A command about a hold was said once more."""


class HoldLeftUnanswered(CommandLeftUnanswered):
    """A command about a hold is asked no more."""


HoldAnswer = AutoDeployHeld | AutoDeployResumed
HoldFact = AutoDeployResumeRequested | HoldAnswer | HoldAskedAgain | HoldLeftUnanswered
HOLD_FACTS: frozenset[type[Fact]] = frozenset(get_args(HoldFact))
HoldCommanded = Commanded[AutoDeployResumeRequested, AutoDeployResumed]


def hold_of(rollback_id: UUID) -> UUID:
    """The stream; the rollback itself has one of its own, by its id."""
    return uuid5(_NAMESPACE, str(rollback_id))


@dataclass(frozen=True)
class Hold:
    """Everything known about one hold."""

    commands: Commands[AutoDeployResumeRequested, AutoDeployResumed] = field(
        default_factory=dict
    )
    held: Message[AutoDeployHeld] | None = None
    resumed: Message[AutoDeployResumed] | None = None

    @property
    def active(self) -> bool:
        """Whether it keeps pushes out."""
        return self.held is not None and self.resumed is None

    @property
    def waiting(self) -> Sequence[HoldCommanded]:
        """The commands whose answers are waited for; an end settles them all."""
        return [c for c in in_order(self.commands) if c.open and not self.resumed]


def evolve(known: Hold, message: Message[HoldFact]) -> Hold:
    """File a message. The order in which they are filed makes no difference."""
    if getattr(message.data, "command_id", None) is not None:
        known = replace(known, commands=filed(known.commands, message))
    return _told(known, message)


def _told(known: Hold, m: Message[Any]) -> Hold:
    match m.data:
        case AutoDeployHeld():
            return replace(known, held=min(known.held or m, m, key=_revision))
        case AutoDeployResumed():
            return replace(known, resumed=min(known.resumed or m, m, key=_revision))
        case _:
            return known


def _revision(m: Message[Fact]) -> tuple[int, str]:
    return m.revision, m.id


def due(known: Hold, limits: Limits) -> datetime | None:
    """When somebody has to be asked again."""
    return command_deadlines.due(known.waiting, limits)


def passed(
    known: Hold, now: datetime, limits: Limits
) -> Sequence[HoldAskedAgain | HoldLeftUnanswered]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    facts = HoldAskedAgain, HoldLeftUnanswered
    return command_deadlines.passed(known.waiting, now, limits, *facts)
