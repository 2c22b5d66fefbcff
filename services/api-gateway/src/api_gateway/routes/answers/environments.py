"""Environments and what keeps others out of them."""

from typing import Literal
from uuid import UUID

from api_gateway.domain.lock import LockState
from shared.contracts import Check, Person

from .base import Answer, Became, Time
from .deployments import Deployment, Repository
from .people import User


class LockCommand(Became):
    """Something that was wanted of a lock."""

    id: UUID
    kind: Literal["lock", "change", "unlock"]
    who: Person | None
    """None: its time was over."""
    at: Time
    reason: str | None
    expired_at: Time | None


class LockEnd(Answer):
    """How a lock has ended."""

    at: Time
    cause: Literal["person", "expired", "taken_over"]
    who: Person | None
    """None: its time was over."""


class LockEdges(Answer):
    """What belongs to a lock."""

    user: User
    repo: Repository | None


class Lock(Answer):
    """Who keeps others from deploying to an environment, why, and until when."""

    id: int
    env: str
    expired_at: Time | None
    """When it ends by itself."""
    created_at: Time
    user_id: int
    repo_id: int
    uuid: UUID
    reason: str
    state: LockState
    ended: LockEnd | None
    commands: list[LockCommand]
    """All that was ever wanted of it, in order."""
    edges: LockEdges


class LockRecorded(Answer):
    """A lock that was asked for and does not show yet."""

    uuid: UUID
    state: Literal["requested"]


class Waiting(Answer):
    """A deployment that waits in line."""

    number: int
    uuid: UUID
    position: int
    """Counted from 1."""
    since: Time
    until: Time | None


class HoldCommand(Became):
    """Somebody wanted pushes to be deployed again."""

    id: UUID
    who: Person
    at: Time


class Hold(Answer):
    """The rollback after which pushes are not deployed."""

    env: str
    number: int
    uuid: UUID
    who: Person
    since: Time
    commands: list[HoldCommand]


class Environment(Answer):
    """How an environment stands."""

    name: str
    live: Deployment | None
    """The deployment that succeeded last."""
    running: list[Deployment]
    """Those that may have a place there."""
    lock: Lock | None
    queue: list[Waiting]
    """Who waits in line, the next one first."""
    hold: Hold | None
    defined: bool | None
    """Whether `deploy.yml` defines it; None: that can't be told now."""
    production_environment: bool | None
    frozen_until: Time | None
    """The end of the frozen window that holds now."""


class Preflight(Answer):
    """What would become of a deployment."""

    would: Literal["deploy", "wait_for_checks", "queue", "review", "refuse"]
    message: str
    position: int | None
    """Its place in line, where it would wait."""
    sha: str | None
    """None: the ref was not found."""
    checks: list[Check]
