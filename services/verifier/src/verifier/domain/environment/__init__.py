"""One environment: the stream that settles every race for it.

Each part is filed and decided in a room of its own. `slots` says who has a place, and
`locks` who keeps the others out. A deployment gets a place, or is refused one, by a
fact in this stream; so of a lock and a deployment, or of two deployments, whichever is
written first counts for the other.

An environment whose `deploy.yml` says `serialization: true` gives a place only while
nobody holds one; the others have room for all, and still know who is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from shared.contracts import (
    EnvironmentLocked,
    EnvironmentUnlocked,
    LockRefused,
    Message,
    Repository,
)
from verifier.domain.situation import Situation

from . import locks, slots
from .facts import SlotEnded as SlotEnded
from .facts import SlotGranted as SlotGranted
from .facts import SlotRefused as SlotRefused
from .locks import LockAnswer as LockAnswer
from .locks import LockCommand as LockCommand
from .locks import Locks
from .slots import Slots

_NAMESPACE: Final = UUID("5b9c7f0e-6f1d-5c57-8f0c-0d3f2a7b1e64")

#: Names the command that it answers.
EnvironmentAnswer = EnvironmentLocked | EnvironmentUnlocked | LockRefused
EnvironmentFact = SlotGranted | SlotRefused | SlotEnded | LockCommand | LockAnswer


@dataclass(frozen=True)
class Environment:
    """All that is known of one environment."""

    slots: Slots = field(default_factory=Slots)
    locks: Locks = field(default_factory=Locks)

    def situation(self, now: datetime) -> Situation:
        """What the checks of a deployment ask about it."""
        return Situation(held=self.slots.first, lock=self.locks.at(now))


def environment_id(repository: Repository, environment: str) -> UUID:
    """Its stream. GitHub does not tell `Production` from `production`."""
    return uuid5(_NAMESPACE, f"{repository.id}/{environment.casefold()}")


def evolve(known: Environment, message: Message[EnvironmentFact]) -> Environment:
    """File a fact. The order in which facts are filed makes no difference."""
    return Environment(
        slots=slots.evolve(known.slots, message),
        locks=locks.evolve(known.locks, message),
    )


def end(known: Environment, deployment_id: UUID) -> Sequence[EnvironmentFact]:
    """What follows when a deployment has ended."""
    if deployment_id not in known.slots.held:
        return []
    return [SlotEnded(deployment_id=deployment_id)]


def answer(known: Environment, now: datetime) -> Sequence[EnvironmentFact]:
    """What follows from the first command that can be answered."""
    return locks.answer(known.locks, now)
