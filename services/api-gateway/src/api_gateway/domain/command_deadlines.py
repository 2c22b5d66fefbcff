"""What is due when commands are not answered (law 6).

A person's command is asked again for a while and then left: who gave it sees so, and an
answer that comes yet counts. What a clock wants is asked until it is answered.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from shared.contracts import Message, UnlockRequested

from .commands import CommandAskedAgain, Commanded, CommandLeftUnanswered
from .limits import OFTEN, RARELY, Limits

Asked = TypeVar("Asked", bound=CommandAskedAgain)
Left = TypeVar("Left", bound=CommandLeftUnanswered)


def due(waiting: Iterable[Commanded[Any, Any]], limits: Limits) -> datetime | None:
    """When something has to be done about commands that nobody has answered."""
    return min((at for c in waiting if (at := _next(c, limits))), default=None)


def _next(known: Commanded[Any, Any], limits: Limits) -> datetime | None:
    if known.command is None or not known.open:
        return None
    asked_at = known.asked_at or known.command.time
    pause = limits.asking * (RARELY if known.asked >= OFTEN else 1)
    return min(filter(None, (asked_at + pause, _end(known, limits))))


def _end(known: Commanded[Any, Any], limits: Limits) -> datetime | None:
    if known.command is None or _by_clock(known):
        return None
    end: datetime = known.command.time + limits.command
    return end


def _by_clock(known: Commanded[Any, Any]) -> bool:
    data = known.command and known.command.data
    return isinstance(data, UnlockRequested) and data.by == "deadline"


def passed(
    waiting: Iterable[Commanded[Any, Any]],
    now: datetime,
    limits: Limits,
    asked: type[Asked],
    left: type[Left],
) -> list[Asked | Left]:
    """What is to be recorded because deadlines have passed, in a stream's own facts."""
    facts: list[Asked | Left] = []
    for known in waiting:
        at, end = _next(known, limits), _end(known, limits)
        if known.command is None or at is None or at > now:
            continue
        command_id = known.command.data.command_id
        if end and end <= now:
            facts.append(left(command_id=command_id))
        else:
            facts.append(asked(command_id=command_id, at=now, nth=known.asked + 1))
    return facts


def asked_at(
    waiting: Iterable[Commanded[Any, Any]], now: datetime
) -> list[Message[Any]]:
    """The commands that are asked again now, marked so."""
    return [
        replace(c.command, asked=True)
        for c in waiting
        if c.command and c.asked_at == now
    ]
