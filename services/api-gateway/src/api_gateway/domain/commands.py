"""Commands that another service carries out, and what became of each.

A command is filed by its id and its answer finds it by that, in whatever order they
come. Who has to be asked again is found in `command_deadlines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.contracts import (
    Fact,
    LockRefused,
    Message,
    RemoteStatusRefused,
    RepositoryActivationRefused,
    RepositoryCommand,
)

C = TypeVar("C", bound=RepositoryCommand)
A = TypeVar("A", bound=Fact)

Refusal = RepositoryActivationRefused | LockRefused | RemoteStatusRefused


class CommandAskedAgain(Fact):
    """A command that was not answered was said once more."""

    command_id: UUID
    at: datetime
    #: Counts the repeats from 1.
    nth: int = 1


class CommandLeftUnanswered(Fact):
    """Nobody asks any more. An answer that comes yet counts."""

    command_id: UUID


@dataclass(frozen=True)
class Commanded(Generic[C, A]):
    """A command, and what became of it."""

    command: Message[C] | None = None
    answer: Message[A] | None = None
    asked_at: datetime | None = None
    #: How often it was said once more.
    asked: int = 0
    left: bool = False

    @property
    def refusal(self) -> Refusal | None:
        data = self.answer and self.answer.data
        return data if isinstance(data, Refusal) else None

    @property
    def carried_out(self) -> bool:
        return self.answer is not None and not self.refusal

    @property
    def open(self) -> bool:
        """Whether somebody still waits for the answer."""
        return bool(self.command) and not self.answer and not self.left


Commands = Mapping[UUID, Commanded[C, A]]


def filed(commands: Commands[C, A], message: Message[Any]) -> Commands[C, A]:
    """File something about one command. The order makes no difference."""
    command_id = message.data.command_id
    before = commands.get(command_id, Commanded())
    return {**commands, command_id: _filed(before, message)}


def _filed(known: Commanded[C, A], m: Message[Any]) -> Commanded[C, A]:
    match m.data:
        case RepositoryCommand():
            return replace(known, command=known.command or m)
        case CommandAskedAgain(at=at, nth=nth):
            asked_at = max(known.asked_at or at, at)
            return replace(known, asked_at=asked_at, asked=max(known.asked, nth))
        case CommandLeftUnanswered():
            return replace(known, left=True)
        case _:
            return replace(known, answer=_better(known.answer, m))


def _better(known: Message[A] | None, told: Message[A]) -> Message[A]:
    """What was carried out in the end counts, then what was said first."""

    def place(m: Message[A]) -> tuple[bool, datetime, str]:
        return isinstance(m.data, Refusal), m.time, m.id

    return min(known or told, told, key=place)


def in_order(commands: Commands[C, A]) -> list[Commanded[C, A]]:
    """The commands, as they were given."""
    given = [(c.command, c) for c in commands.values() if c.command]
    return [c for _, c in sorted(given, key=lambda pair: _place(pair[0]))]


def _place(m: Message[C]) -> tuple[int, datetime, str]:
    """Commands are ours, so their place in the stream is the order they had."""
    return m.revision, m.time, m.id
