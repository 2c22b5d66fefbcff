"""What somebody allowed Gitploy at GitHub, as far as they took it back."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from shared.contracts import AuthorizationRevoked, Message

_NAMESPACE: Final = UUID("5b0c1f5e-0c4d-5a55-9d0e-3f1a6b7c8d90")


@dataclass(frozen=True)
class Authorization:
    """The last time that somebody took it back."""

    revoked_at: datetime | None = None


def authorization_of(user_id: int) -> UUID:
    """The stream."""
    return uuid5(_NAMESPACE, str(user_id))


def evolve(
    known: Authorization, message: Message[AuthorizationRevoked]
) -> Authorization:
    """File that it was taken back."""
    at, before = message.data.revoked_at, known.revoked_at
    return replace(known, revoked_at=max(at, before or at))
