"""One lock, and everything that may be said about it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.contracts import (
    EnvironmentLocked,
    EnvironmentUnlocked,
    LockChangeRequested,
    LockRefused,
    LockRequested,
    Person,
    UnlockRequested,
)
from shared.testing import T0

from .examples import ANN, REPO, after

LOCK, CHANGE, UNLOCK = (UUID(int=n) for n in (101, 102, 103))
BEN = Person(id=43, login="ben")
SOON = after(hours=1)


def _given(command_id: UUID, minute: int, **more: Any) -> dict[str, Any]:
    return {
        "command_id": command_id,
        "repository": REPO,
        "requested_by": ANN,
        "environment": "Production",
        "requested_at": after(minutes=minute),
        "lock_id": LOCK,
        **more,
    }


def asked(**more: Any) -> LockRequested:
    return LockRequested(**_given(LOCK, 0, reason="Migration", **more))


def change(
    reason: str = "Longer", expires_at: datetime | None = None, id_: UUID = CHANGE
) -> LockChangeRequested:
    given = _given(id_, 1, requested_by=BEN)
    return LockChangeRequested(**given, reason=reason, expires_at=expires_at)


def unlock(**more: Any) -> UnlockRequested:
    return UnlockRequested(**_given(UNLOCK, 2, **more))


def locked(
    expires_at: datetime | None = None,
    reason: str = "Migration",
    command_id: UUID = LOCK,
) -> EnvironmentLocked:
    return EnvironmentLocked(
        repository=REPO,
        environment="Production",
        lock_id=LOCK,
        command_id=command_id,
        owner=ANN,
        reason=reason,
        expires_at=expires_at,
        locked_at=T0,
    )


def unlocked(
    cause: Literal["person", "expired", "taken_over"] = "person",
    command_id: UUID | None = UNLOCK,
) -> EnvironmentUnlocked:
    return EnvironmentUnlocked(
        repository=REPO,
        environment="Production",
        lock_id=LOCK,
        command_id=command_id,
        cause=cause,
        who=None if cause == "expired" else ANN,
    )


def refused(command_id: UUID = LOCK, code: str = "lock_already_exist") -> LockRefused:
    return LockRefused(
        repository=REPO,
        environment="Production",
        lock_id=LOCK,
        command_id=command_id,
        code=code,
        message="ben has locked it.",
    )
