"""A repository: who asked Gitploy to follow it, what came of that, and the numbers.

Commands are filed by their id and answers find them by it, in whatever order they come.
A repository is active when the newest command that GitHub has carried out says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import get_args
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

from .commands import (
    CommandAskedAgain,
    Commanded,
    CommandLeftUnanswered,
    Commands,
    filed,
    in_order,
)

NAMESPACE = UUID("5f0c1b1e-3c0e-4b0a-9d57-6b1d5a0f7c11")


class NumberGiven(Fact):
    """A deployment has got the repository's next number."""

    number: int
    deployment_id: UUID


Command = RepositoryActivationRequested | RepositoryDeactivationRequested
Answer = RepositoryActivated | RepositoryActivationRefused | RepositoryDeactivated
AboutCommand = Command | Answer | CommandAskedAgain | CommandLeftUnanswered
RepositoryFact = NumberGiven | AboutCommand
Activation = Commanded[Command, Answer]
REPOSITORY_FACTS: frozenset[type[Fact]] = frozenset(get_args(RepositoryFact))


def stream_of(repository_id: int) -> UUID:
    """The stream of a repository, by GitHub's numeric id."""
    return uuid5(NAMESPACE, str(repository_id))


@dataclass(frozen=True)
class Repository:
    """Everything known about one repository."""

    #: The number of the newest deployment.
    last_number: int = 0
    #: When it was given.
    deployed_at: datetime | None = None
    commands: Commands[Command, Answer] = field(default_factory=dict)

    @property
    def in_order(self) -> Sequence[Activation]:
        """The commands, as they were given."""
        return in_order(self.commands)

    @property
    def newest(self) -> Activation | None:
        return self.in_order[-1] if self.in_order else None

    @property
    def waiting(self) -> Sequence[Activation]:
        """The command whose answer is waited for: older ones are moot."""
        return [self.newest] if self.newest and self.newest.open else []

    @property
    def settled(self) -> Message[Answer] | None:
        """The answer to the newest command that was carried out."""
        done = [c.answer for c in self.in_order if c.carried_out]
        return done[-1] if done else None

    @property
    def active(self) -> bool:
        return isinstance(self.settled and self.settled.data, RepositoryActivated)


def evolve(known: Repository, message: Message[RepositoryFact]) -> Repository:
    """File a message. The order in which they are filed makes no difference."""
    data = message.data
    if isinstance(data, NumberGiven):
        return _numbered(known, message.time, data.number)
    return replace(known, commands=filed(known.commands, message))


def _numbered(known: Repository, at: datetime, number: int) -> Repository:
    return replace(
        known,
        last_number=max(known.last_number, number),
        deployed_at=max(known.deployed_at or at, at),
    )
