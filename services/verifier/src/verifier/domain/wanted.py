"""What somebody wants: as much of a request as the rules look at."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import JsonValue

from shared.contracts import Override, Person, Ref, Repository, RollbackTarget, Sha


class Wanted(Protocol):
    """Whatever is to be deployed somewhere; `DeployRequested` is one."""

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


def pinned_sha(wanted: Wanted) -> Sha | None:
    """The commit that is meant, whatever the ref has become since."""
    if wanted.rollback_of:
        return wanted.rollback_of.sha
    return wanted.expected_sha if wanted.source == "push" else None
