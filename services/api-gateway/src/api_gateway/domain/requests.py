"""Requests: what somebody, or a push, wants to be deployed, and the number it gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self
from uuid import UUID, uuid5

from pydantic import JsonValue

from shared.contracts import (
    AutoDeployMatched,
    DeployRequested,
    Override,
    Person,
    Ref,
    RollbackTarget,
)
from shared.contracts import Repository as RepositoryName

from .deployment import Deployment
from .facts import PushIgnored
from .repository import NumberGiven, Repository

NAMESPACE = UUID("7c9d0c52-0f5b-4b63-9a34-6a2f0a1c1d1e")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be deployed, and on which terms."""

    environment: str
    ref: Ref
    source: Literal["api", "push", "rollback", "retry", "promotion"] = "api"
    expected_sha: str | None = None
    pushed_at: datetime | None = None
    rollback_of: RollbackTarget | None = None
    dynamic_payload: Mapping[str, JsonValue] | None = None
    override: Override | None = None
    take_over: bool = False
    wait_for_checks: bool = False

    @classmethod
    def by(cls, request: DeployRequested) -> Self:
        """What a request that was recorded wants."""
        return cls(
            environment=request.environment,
            ref=request.ref,
            source=request.source,
            expected_sha=request.expected_sha,
            pushed_at=request.pushed_at,
            rollback_of=request.rollback_of,
            dynamic_payload=request.dynamic_payload,
            override=request.override,
            take_over=request.take_over,
            wait_for_checks=request.wait_for_checks,
        )


@dataclass(frozen=True, kw_only=True)
class DeployCommand:
    """Somebody's word that it is to be deployed."""

    deployment_id: UUID
    repository: RepositoryName
    wanted: Wanted
    requested_by: Person
    requested_at: datetime
    #: Until when a verdict is waited for.
    not_after: datetime


Given = tuple[Sequence[NumberGiven], Sequence[DeployRequested]]


def requested(
    command: DeployCommand, repository: Repository, known: Deployment
) -> Given:
    """Give the next number; nothing for what is known, or where nobody may deploy."""
    if known.request or not repository.active:
        return [], []
    number = repository.last_number + 1
    given = NumberGiven(number=number, deployment_id=command.deployment_id)
    return [given], [_request(command, number)]


def pushed(
    command: DeployCommand, repository: Repository, known: Deployment
) -> tuple[Sequence[NumberGiven], Sequence[DeployRequested | PushIgnored]]:
    """Deploy what was pushed, once; where Gitploy doesn't follow, never."""
    if known.request or known.push_ignored:
        return [], []
    if not repository.active:
        return [], [PushIgnored()]
    return requested(command, repository, known)


def deployment_of(push: AutoDeployMatched) -> UUID:
    """The id of the one deployment that a push makes in an environment."""
    return uuid5(NAMESPACE, f"{push.delivery_id}/{push.environment}")


def wanted_by(push: AutoDeployMatched) -> Wanted:
    """The pushed commit, whatever its branch means by now."""
    return Wanted(
        environment=push.environment,
        ref=push.ref,
        source="push",
        expected_sha=push.sha,
        pushed_at=push.pushed_at,
        wait_for_checks=True,
    )


def _request(command: DeployCommand, number: int) -> DeployRequested:
    wanted = command.wanted
    payload = wanted.dynamic_payload
    return DeployRequested(
        deployment_id=command.deployment_id,
        number=number,
        repository=command.repository,
        environment=wanted.environment,
        ref=wanted.ref,
        requested_by=command.requested_by,
        source=wanted.source,
        expected_sha=wanted.expected_sha,
        pushed_at=wanted.pushed_at,
        rollback_of=wanted.rollback_of,
        dynamic_payload=None if payload is None else dict(payload),
        override=wanted.override,
        take_over=wanted.take_over,
        wait_for_checks=wanted.wait_for_checks,
        requested_at=command.requested_at,
        not_after=command.not_after,
    )
