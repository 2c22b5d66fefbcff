"""Who has locked the environment, and what becomes of commands about locks.

    LockRequested ───────▶ EnvironmentLocked, or LockRefused: there is a lock already
    LockChangeRequested ─▶ EnvironmentLocked once more, or LockRefused: it has ended
    UnlockRequested ─────▶ EnvironmentUnlocked, or LockRefused: it has ended

Each command is answered once. One about a lock whose request is still on its way waits
for that request. An end is for good; and of two changes the one that was asked for
later counts, in whatever order they arrive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

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
from verifier.domain.parts import Parts
from verifier.domain.situation import Lock

LockCommand = LockRequested | LockChangeRequested | UnlockRequested
LockAnswer = EnvironmentLocked | EnvironmentUnlocked | LockRefused
#: Says what a lock's reason and end should be.
Wish = LockRequested | LockChangeRequested


@dataclass(frozen=True)
class Locks:
    """The lock that is there, and the commands that wait for an answer."""

    #: The lock by its id, with the place in the stream where it was said last. There
    #: is never more than one.
    said: Mapping[UUID, tuple[int, EnvironmentLocked]] = field(default_factory=dict)
    #: The newest wish for each lock that has not ended.
    wishes: Mapping[UUID, Wish] = field(default_factory=dict)
    #: Locks that ended, or never came to be.
    ended: Parts[UUID, None] = field(default_factory=Parts)
    waiting: Mapping[UUID, LockCommand] = field(default_factory=dict)
    answered: Parts[UUID, None] = field(default_factory=Parts)

    @property
    def there(self) -> EnvironmentLocked | None:
        """The lock that nobody has ended yet, though its time may be over."""
        return next((lock for _, lock in self.said.values()), None)

    def at(self, now: datetime) -> Lock | None:
        """The lock that keeps others out at this moment."""
        lock = self.there
        if lock is None or _run_out(lock, now):
            return None
        return Lock(lock.owner, lock.reason, lock.expires_at, lock.locked_at)


def evolve(known: Locks, message: Message[Fact]) -> Locks:
    """File what concerns locks."""
    match message.data:
        case LockRequested() | LockChangeRequested() as wish:
            return _asked(_wished(known, wish), wish)
        case UnlockRequested() as command:
            return _asked(known, command)
        case EnvironmentLocked(command_id=command) as lock:
            return _answered(_locked(known, message.revision, lock), command)
        case EnvironmentUnlocked(lock_id=id_, command_id=command):
            return _answered(_ended(known, id_), command)
        case LockRefused(lock_id=id_, command_id=command):
            never_was = _ended(known, id_) if command == id_ else known
            return _answered(never_was, command)
    return known


def answer(known: Locks, now: datetime) -> Sequence[LockAnswer]:
    """What follows from the first command that can be answered."""
    waiting = known.waiting.values()
    for command in sorted(waiting, key=lambda c: (c.requested_at, c.command_id)):
        if answers := _answer(known, command, now):
            return answers
    return []


def _answer(known: Locks, command: LockCommand, now: datetime) -> Sequence[LockAnswer]:
    match command:
        case _ if command.lock_id in known.ended:
            return [
                _refused(command, "entity_not_found", "The lock has ended already.")
            ]
        case LockRequested():
            return _lock(known, command, now)
        case _ if command.lock_id not in known.said:
            return []
        case LockChangeRequested():
            return [_changed(known, command)]
        case UnlockRequested():
            return [_unlock(known.said[command.lock_id][1], command)]
    assert_never(command)


def _lock(known: Locks, command: LockRequested, now: datetime) -> Sequence[LockAnswer]:
    there = known.there
    locked = EnvironmentLocked(
        repository=command.repository,
        environment=command.environment,
        lock_id=command.lock_id,
        command_id=command.command_id,
        owner=command.requested_by,
        reason=known.wishes[command.lock_id].reason,
        expires_at=known.wishes[command.lock_id].expires_at,
        locked_at=now,
    )
    if there is None:
        return [locked]
    if _run_out(there, now):
        return [_end(there, "expired", None), locked]
    if command.take_over:
        return [_end(there, "taken_over", command.requested_by), locked]
    since = f"{there.owner.login} has locked it since {there.locked_at:%Y-%m-%d %H:%M}"
    message = f"{since} UTC: ask for its end, or take the lock over."
    return [_refused(command, "lock_already_exist", message)]


def _changed(known: Locks, command: LockChangeRequested) -> EnvironmentLocked:
    """The lock as it was last wished to be, which a late command does not undo."""
    wish = known.wishes[command.lock_id]
    return known.said[command.lock_id][1].model_copy(
        update={
            "command_id": command.command_id,
            "reason": wish.reason,
            "expires_at": wish.expires_at,
        }
    )


def _unlock(there: EnvironmentLocked, command: UnlockRequested) -> LockAnswer:
    if command.by == "person":
        return _end(there, "person", command.requested_by, command.command_id)
    if command.expires_at == there.expires_at:
        return _end(there, "expired", None, command.command_id)
    until = f"{there.expires_at:%Y-%m-%d %H:%M} UTC" if there.expires_at else "no time"
    message = f"The lock was changed meanwhile: it ends at {until}."
    return _refused(command, "entity_unprocessable", message)


def _end(
    there: EnvironmentLocked,
    cause: Literal["person", "expired", "taken_over"],
    who: Person | None,
    command_id: UUID | None = None,
) -> EnvironmentUnlocked:
    return EnvironmentUnlocked(
        repository=there.repository,
        environment=there.environment,
        lock_id=there.lock_id,
        command_id=command_id,
        cause=cause,
        who=who,
    )


def _refused(command: LockCommand, code: str, message: str) -> LockRefused:
    return LockRefused(
        repository=command.repository,
        environment=command.environment,
        lock_id=command.lock_id,
        command_id=command.command_id,
        code=code,
        message=message,
    )


def _run_out(lock: EnvironmentLocked, now: datetime) -> bool:
    return lock.expires_at is not None and lock.expires_at <= now


def _wished(known: Locks, wish: Wish) -> Locks:
    if wish.lock_id in known.ended:
        return known
    newest = max(known.wishes.get(wish.lock_id, wish), wish, key=_age)
    return replace(known, wishes={**known.wishes, wish.lock_id: newest})


def _age(command: LockCommand) -> tuple[datetime, UUID]:
    return command.requested_at, command.command_id


def _asked(known: Locks, command: LockCommand) -> Locks:
    if command.command_id in known.answered:
        return known
    return replace(known, waiting={**known.waiting, command.command_id: command})


def _answered(known: Locks, command_id: UUID | None) -> Locks:
    if command_id is None:
        return known
    waiting = {k: v for k, v in known.waiting.items() if k != command_id}
    answered = known.answered.having(command_id, None)
    return replace(known, waiting=waiting, answered=answered)


def _locked(known: Locks, revision: int, lock: EnvironmentLocked) -> Locks:
    if lock.lock_id in known.ended:
        return known
    told = (revision, lock)
    newest = max(known.said.get(lock.lock_id, told), told, key=lambda t: t[0])
    return replace(known, said={**known.said, lock.lock_id: newest})


def _ended(known: Locks, id_: UUID) -> Locks:
    return replace(
        known,
        said={k: v for k, v in known.said.items() if k != id_},
        wishes={k: v for k, v in known.wishes.items() if k != id_},
        ended=known.ended.having(id_, None),
    )
