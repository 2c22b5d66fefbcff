"""A commit, and who waits for its checks.

GitHub tells of checks by commit, and deployments wait for them: this is the way from
one to the other. Losing it costs only time, because who waits also asks now and then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid5

from shared.contracts import Fact, Message, Repository

_NAMESPACE: Final = UUID("0d8c4a52-8a53-5d0e-9c52-5a1f2f0c7d31")


class ChecksAwaited(Fact):
    """This deployment waits for the commit's checks."""

    deployment_id: UUID


class ChecksSettled(Fact):
    """This deployment waits for them no longer."""

    deployment_id: UUID


CommitFact = ChecksAwaited | ChecksSettled


@dataclass(frozen=True)
class Commit:
    """Who waits for its checks."""

    began: frozenset[UUID] = frozenset()
    ended: frozenset[UUID] = frozenset()

    @property
    def waiting(self) -> frozenset[UUID]:
        return self.began - self.ended


def commit_id(repository: Repository, sha: str) -> UUID:
    """Its stream."""
    return uuid5(_NAMESPACE, f"{repository.id}/{sha}")


def evolve(known: Commit, message: Message[CommitFact]) -> Commit:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case ChecksAwaited(deployment_id=id_):
            return replace(known, began=known.began | {id_})
        case ChecksSettled(deployment_id=id_):
            return replace(known, ended=known.ended | {id_})


def wait(known: Commit, deployment_id: UUID) -> Sequence[CommitFact]:
    """It wants to know when something is reported."""
    if deployment_id in known.began:
        return []
    return [ChecksAwaited(deployment_id=deployment_id)]


def settle(known: Commit, deployment_id: UUID) -> Sequence[CommitFact]:
    """It need not know any more."""
    if deployment_id not in known.waiting:
        return []
    return [ChecksSettled(deployment_id=deployment_id)]
