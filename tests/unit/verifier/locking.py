"""Commands about locks, and an environment's stream that answers them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.contracts import (
    LockChangeRequested,
    LockRequested,
    Message,
    Person,
    UnlockRequested,
)
from shared.testing import T0, said
from verifier.domain import environment
from verifier.domain.environment import Environment, EnvironmentFact, LockCommand

from .examples import ANN, REPOSITORY

BEN = Person(id=2, login="ben")
HOUR = timedelta(hours=1)
LOCK = UUID("99999999-9999-4999-8999-999999999999")


def _command(who: Person, minute: int, **changes: Any) -> dict[str, Any]:
    return {
        "command_id": uuid4(),
        "repository": REPOSITORY,
        "environment": "staging",
        "requested_by": who,
        "requested_at": T0 + timedelta(minutes=minute),
        **changes,
    }


def lock(
    who: Person = ANN, id_: UUID = LOCK, minute: int = 0, **changes: Any
) -> LockRequested:
    given = _command(who, minute, command_id=id_, lock_id=id_)
    return LockRequested(**given | changes)


def change(
    who: Person = ANN, id_: UUID = LOCK, minute: int = 1, **changes: Any
) -> LockChangeRequested:
    return LockChangeRequested(**_command(who, minute, lock_id=id_, **changes))


def unlock(
    who: Person = ANN, id_: UUID = LOCK, minute: int = 2, **changes: Any
) -> UnlockRequested:
    return UnlockRequested(**_command(who, minute, lock_id=id_, **changes))


@dataclass
class Stream:
    """An environment's stream in memory."""

    state: Environment = field(default_factory=Environment)
    messages: list[Message[EnvironmentFact]] = field(default_factory=list)

    def file(self, fact: EnvironmentFact, now: datetime = T0) -> None:
        message = said(fact, revision=len(self.messages) + 1, time=now)
        self.messages.append(message)
        self.state = environment.evolve(self.state, message)

    def take(self, command: LockCommand, now: datetime = T0) -> list[EnvironmentFact]:
        """Take a command, and do what follows."""
        before = len(self.messages)
        self.file(command, now)
        while facts := environment.answer(self.state, now):
            for fact in facts:
                self.file(fact, now)
        return [m.data for m in self.messages[before + 1 :]]
