"""A lock: what people and its clock want of it, and what the verifier has made of that.

Its id is that of the command that asked for it, and the verifier alone decides whether
there is a lock. An end is for good; until then the newest of what was said counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, get_args
from uuid import UUID, uuid5

from shared.contracts import (
    EnvironmentLocked,
    EnvironmentUnlocked,
    Fact,
    LockChangeRequested,
    LockRefused,
    LockRequested,
    Message,
    Person,
    UnlockRequested,
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


class LockAskedAgain(CommandAskedAgain):
    """A command about a lock was said once more."""


class LockLeftUnanswered(CommandLeftUnanswered):
    """A command about a lock is asked no more."""


LockCommand = LockRequested | LockChangeRequested | UnlockRequested
LockAnswer = EnvironmentLocked | EnvironmentUnlocked | LockRefused
LockFact = LockCommand | LockAnswer | LockAskedAgain | LockLeftUnanswered
LOCK_FACTS: frozenset[type[Fact]] = frozenset(get_args(LockFact))
LockCommanded = Commanded[LockCommand, LockAnswer]


class LockState(StrEnum):
    """Where a lock stands."""

    REQUESTED = "requested"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    REFUSED = "refused"


@dataclass(frozen=True)
class Lock:
    """Everything known about one lock."""

    commands: Commands[LockCommand, LockAnswer] = field(default_factory=dict)
    #: The command that asked for it.
    request: Message[LockRequested] | None = None
    locked: Message[EnvironmentLocked] | None = None
    unlocked: Message[EnvironmentUnlocked] | None = None

    @property
    def state(self) -> LockState:
        if self.unlocked:
            return LockState.UNLOCKED
        if self.locked:
            return LockState.LOCKED
        asked = self.request and self.commands[self.request.data.command_id]
        refused = asked and asked.refusal
        return LockState.REFUSED if refused else LockState.REQUESTED

    @property
    def waiting(self) -> Sequence[LockCommanded]:
        """The commands whose answers are waited for; an end settles every unlock."""
        return [
            c
            for c in in_order(self.commands)
            if c.open and not (self.unlocked and _unlocks(c))
        ]

    @property
    def wished(self) -> LockRequested | LockChangeRequested | EnvironmentLocked | None:
        """The reason and the end that it has, or will have when all is answered."""
        changes = [
            c.command.data
            for c in self.waiting
            if c.command and not isinstance(c.command.data, UnlockRequested)
        ]
        locked = self.locked.data if self.locked else None
        return changes[-1] if changes else locked

    @property
    def runs_out_at(self) -> datetime | None:
        """When its time is over, unless that was noticed already."""
        if self.state is not LockState.LOCKED or self.locked is None:
            return None
        noticed = expiry(self.locked.data) in self.commands
        return None if noticed else self.locked.data.expires_at


def _unlocks(known: LockCommanded) -> bool:
    return isinstance(known.command and known.command.data, UnlockRequested)


def expiry(lock: EnvironmentLocked) -> UUID:
    """The id of the command that ends the lock at its time: one for each end."""
    return uuid5(lock.lock_id, str(lock.expires_at and lock.expires_at.timestamp()))


def evolve(known: Lock, message: Message[LockFact]) -> Lock:
    """File a message. The order in which they are filed makes no difference."""
    if message.data.command_id is not None:
        known = replace(known, commands=filed(known.commands, message))
    return _told(known, message)


def _told(known: Lock, m: Message[Any]) -> Lock:
    match m.data:
        case LockRequested():
            return replace(known, request=known.request or m)
        case EnvironmentLocked():
            return replace(known, locked=max(known.locked or m, m, key=_revision))
        case EnvironmentUnlocked():
            return replace(known, unlocked=min(known.unlocked or m, m, key=_revision))
        case _:
            return known


def _revision(m: Message[Fact]) -> tuple[int, str]:
    return m.revision, m.id


@dataclass(frozen=True, kw_only=True)
class LockChange:
    """What somebody wants to be otherwise about a lock."""

    command_id: UUID
    by: Person
    at: datetime
    #: None leaves it as it is.
    reason: str | None
    sets_end: bool
    #: Only where the end is set; None for no end.
    expires_at: datetime | None


def changed(known: Lock, change: LockChange) -> Sequence[LockChangeRequested]:
    """The whole of what is wanted; nothing about a lock that nobody asked for."""
    request, wished = known.request, known.wished
    if request is None or wished is None:
        return []
    return [
        LockChangeRequested(
            command_id=change.command_id,
            repository=request.data.repository,
            requested_by=change.by,
            environment=request.data.environment,
            requested_at=max(change.at, _after_all(known)),
            lock_id=request.data.lock_id,
            reason=wished.reason if change.reason is None else change.reason,
            expires_at=change.expires_at if change.sets_end else wished.expires_at,
        )
    ]


def _after_all(known: Lock) -> datetime:
    """Of two wishes the later counts: ours is it, whatever our replicas' clocks say."""
    given = [c.command.data.requested_at for c in in_order(known.commands) if c.command]
    return max(given) + timedelta(microseconds=1)


def due(known: Lock, limits: Limits) -> datetime | None:
    """When something has to be done about a lock."""
    asked = command_deadlines.due(known.waiting, limits)
    return min(filter(None, (known.runs_out_at, asked)), default=None)


def passed(
    known: Lock, now: datetime, limits: Limits
) -> Sequence[LockAskedAgain | LockLeftUnanswered | UnlockRequested]:
    """What is to be recorded because a deadline has passed; nothing if none has."""
    facts = LockAskedAgain, LockLeftUnanswered
    asked = command_deadlines.passed(known.waiting, now, limits, *facts)
    at = known.runs_out_at
    if known.locked is None or at is None or at > now:
        return asked
    return [*asked, _run_out(known.locked.data, now)]


def _run_out(lock: EnvironmentLocked, now: datetime) -> UnlockRequested:
    return UnlockRequested(
        command_id=expiry(lock),
        repository=lock.repository,
        requested_by=lock.owner,
        environment=lock.environment,
        requested_at=now,
        lock_id=lock.lock_id,
        by="deadline",
        expires_at=lock.expires_at,
    )
