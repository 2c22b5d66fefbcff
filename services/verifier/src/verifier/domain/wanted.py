"""What somebody wants, whether they ask for it or only ask whether it would go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from shared.contracts import Override, Person, Ref, Repository, RollbackTarget, Sha


class Wanted(Protocol):
    """What the checks read of a request; `DeployRequested` is one."""

    @property
    def repository(self) -> Repository: ...
    @property
    def environment(self) -> str: ...
    @property
    def ref(self) -> Ref: ...
    @property
    def requested_by(self) -> Person: ...
    @property
    def source(self) -> str: ...
    @property
    def expected_sha(self) -> Sha | None: ...
    @property
    def rollback_of(self) -> RollbackTarget | None: ...
    @property
    def dynamic_payload(self) -> Mapping[str, JsonValue] | None: ...
    @property
    def override(self) -> Override | None: ...


@dataclass(frozen=True)
class Preflight:
    """A question: would this ref be deployed there, if this person asked for it?"""

    repository: Repository
    environment: str
    ref: Ref
    requested_by: Person
    source: str = "api"
    expected_sha: Sha | None = None
    rollback_of: RollbackTarget | None = None
    dynamic_payload: Mapping[str, JsonValue] | None = None
    override: Override | None = None


def pinned_sha(wanted: Wanted) -> Sha | None:
    """The commit that is meant, whatever the ref has become since."""
    if wanted.rollback_of:
        return wanted.rollback_of.sha
    return wanted.expected_sha if wanted.source == "push" else None
