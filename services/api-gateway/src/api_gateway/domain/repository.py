"""A repository: who asked Gitploy to follow it, what came of that, and the numbers.

Commands are filed by their id and answers find them by it, in whatever order they come.
A repository is active when the newest command that GitHub has carried out says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never, get_args
from uuid import UUID, uuid5

from shared.contracts import (
    Fact,
    Message,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
)

NAMESPACE = UUID("5f0c1b1e-3c0e-4b0a-9d57-6b1d5a0f7c11")


class NumberGiven(Fact):
    """A deployment has got the repository's next number."""

    number: int
    deployment_id: UUID


class CommandAskedAgain(Fact):
    """A command that was not answered was said once more."""

    command_id: UUID
    at: datetime


class CommandLeftUnanswered(Fact):
    """Nobody asks any more. An answer that comes yet counts."""

    command_id: UUID


Command = RepositoryActivationRequested | RepositoryDeactivationRequested
Answer = RepositoryActivated | RepositoryActivationRefused | RepositoryDeactivated
AboutCommand = Command | Answer | CommandAskedAgain | CommandLeftUnanswered
RepositoryFact = NumberGiven | AboutCommand
REPOSITORY_FACTS: frozenset[type[Fact]] = frozenset(get_args(RepositoryFact))


def stream_of(repository_id: int) -> UUID:
    """The stream of a repository, by GitHub's numeric id."""
    return uuid5(NAMESPACE, str(repository_id))


@dataclass(frozen=True)
class Commanded:
    """A command, and what became of it."""

    command: Message[Command] | None = None
    answer: Message[Answer] | None = None
    asked_at: datetime | None = None
    left: bool = False

    @property
    def refusal(self) -> RepositoryActivationRefused | None:
        data = self.answer and self.answer.data
        return data if isinstance(data, RepositoryActivationRefused) else None

    @property
    def carried_out(self) -> bool:
        return self.answer is not None and not self.refusal


@dataclass(frozen=True)
class Repository:
    """Everything known about one repository."""

    #: The number of the newest deployment.
    last_number: int = 0
    #: When it was given.
    deployed_at: datetime | None = None
    commands: Mapping[UUID, Commanded] = field(default_factory=dict)

    @property
    def in_order(self) -> Sequence[tuple[Message[Command], Commanded]]:
        """The commands, as they were given."""
        given = [(c.command, c) for c in self.commands.values() if c.command]
        return sorted(given, key=lambda pair: _place(pair[0]))

    @property
    def newest(self) -> Commanded | None:
        return self.in_order[-1][1] if self.in_order else None

    @property
    def settled(self) -> Message[Answer] | None:
        """The answer to the newest command that was carried out."""
        done = [c.answer for _, c in self.in_order if c.carried_out]
        return done[-1] if done else None

    @property
    def active(self) -> bool:
        return isinstance(self.settled and self.settled.data, RepositoryActivated)


def evolve(known: Repository, message: Message[RepositoryFact]) -> Repository:
    """File a message. The order in which they are filed makes no difference."""
    data = message.data
    if isinstance(data, NumberGiven):
        return _numbered(known, message.time, data.number)
    before = known.commands.get(data.command_id, Commanded())
    after = _filed(before, message, data)
    return replace(known, commands={**known.commands, data.command_id: after})


def _numbered(known: Repository, at: datetime, number: int) -> Repository:
    return replace(
        known,
        last_number=max(known.last_number, number),
        deployed_at=max(known.deployed_at or at, at),
    )


def _filed(known: Commanded, m: Message[Any], data: AboutCommand) -> Commanded:
    match data:
        case RepositoryActivationRequested() | RepositoryDeactivationRequested():
            return replace(known, command=known.command or m)
        case CommandAskedAgain():
            return replace(known, asked_at=max(known.asked_at or data.at, data.at))
        case CommandLeftUnanswered():
            return replace(known, left=True)
        case RepositoryActivated() | RepositoryActivationRefused():
            return replace(known, answer=_better(known.answer, m))
        case RepositoryDeactivated():
            return replace(known, answer=_better(known.answer, m))
        case _:
            assert_never(data)


def _place(m: Message[Command]) -> tuple[int, datetime, str]:
    """Commands are ours, so their place in the stream is the order they had."""
    return m.revision, m.time, m.id


def _better(known: Message[Answer] | None, told: Message[Answer]) -> Message[Answer]:
    """What was carried out in the end counts, then what was said first."""

    def place(m: Message[Answer]) -> tuple[bool, datetime, str]:
        return isinstance(m.data, RepositoryActivationRefused), m.time, m.id

    return min(known or told, told, key=place)
