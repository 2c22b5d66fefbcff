"""Rules, statuses through Gitploy, errors."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from api_gateway.domain.phase import Phase
from shared.contracts import Check, Person

from .base import Answer, Became, Time


class Problem(Answer):
    """A mistake in the rules, or a doubt, at its place."""

    line: int | None
    column: int | None
    message: str


class Config(Answer):
    """What `deploy.yml` says."""

    envs: list[dict[str, Any]]
    """Each with all fields of `/deploy.schema.json`, given or not."""
    config_path: str
    ref: str | None
    """None: the default branch."""
    sha: str
    """The commit that it was read from."""
    warnings: list[Problem]


class RemoteStatusCommand(Became):
    """What became of a status."""

    id: UUID
    who: Person
    at: Time


class RemoteStatus(Answer):
    """A status for GitHub."""

    id: int
    """GitHub's id; 0: it has none yet."""
    status: str
    description: str
    log_url: str
    environment_url: str
    commands: list[RemoteStatusCommand]


class RemoteStatusRecorded(Answer):
    """A status for GitHub that does not show yet."""

    id: Literal[0]
    status: str
    commands: list[RemoteStatusCommand]


class Error(Answer):
    """What is wrong and what to do about it: Gitploy's members, then RFC 9457's."""

    code: str
    message: str
    type: str
    title: str
    status: int
    detail: str
    checks: Sequence[Check] = ()
    """Of a deployment that was not made: what the verifier has asked."""
    number: int | None = None
    uuid: UUID | None = None
    phase: Phase | None = None
    problems: Sequence[Problem] = ()
    """Mistakes in the rules, which are at the following place."""
    config_path: str | None = None
    ref: str | None = None
    sha: str | None = None
