"""Who has a place in an environment: the stream that settles every race for it.

    SlotGranted ──▶ holder ── SlotEnded ──▶ free, for good
    SlotRefused     changes nothing, but it stands in the stream: so whoever refused
                    because of a holder did so before that holder's end, and not after

An environment whose `deploy.yml` says `serialization: true` gives a place only while
nobody holds one; the others have room for all, and still know who is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never
from uuid import UUID, uuid5

from shared.contracts import Fact, Holder, Message, Person, Ref, Repository

from .situation import Held

_NAMESPACE: Final = UUID("5b9c7f0e-6f1d-5c57-8f0c-0d3f2a7b1e64")


class SlotGranted(Fact):
    """This deployment may run here until its slot ends."""

    deployment_id: UUID
    number: int
    ref: Ref
    requested_by: Person


class SlotRefused(Fact):
    """There was no room for this deployment."""

    deployment_id: UUID
    number: int
    holder: Holder


class SlotEnded(Fact):
    """This deployment is over: its place is free, and it never gets another."""

    deployment_id: UUID


EnvironmentFact = SlotGranted | SlotRefused | SlotEnded


@dataclass(frozen=True)
class Environment:
    """The places of one environment."""

    held: Mapping[UUID, Held] = field(default_factory=dict)
    #: All that ever ended: in parts, because to add one copies its part, and the
    #: stream has no end.
    ended: Mapping[int, frozenset[UUID]] = field(default_factory=dict)

    def has_ended(self, deployment_id: UUID) -> bool:
        return deployment_id in self.ended.get(_part(deployment_id), ())

    def without(self, deployment_id: UUID) -> "Environment":
        """The same after this deployment's end."""
        part = _part(deployment_id)
        ended = self.ended.get(part, frozenset()) | {deployment_id}
        return Environment(
            held={k: v for k, v in self.held.items() if k != deployment_id},
            ended={**self.ended, part: ended},
        )

    @property
    def first(self) -> Held | None:
        """Of those that run here the one with the lowest number."""
        return min(self.held.values(), key=lambda h: h.holder.number, default=None)


def environment_id(repository: Repository, environment: str) -> UUID:
    """Its stream. GitHub does not tell `Production` from `production`."""
    return uuid5(_NAMESPACE, f"{repository.id}/{environment.casefold()}")


def evolve(known: Environment, message: Message[EnvironmentFact]) -> Environment:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case SlotGranted(deployment_id=id_) as granted:
            if known.has_ended(id_):
                return known
            return replace(known, held={**known.held, id_: _held(granted, message)})
        case SlotEnded(deployment_id=id_):
            return known.without(id_)
        case SlotRefused():
            return known
    assert_never(message.data)


def end(known: Environment, deployment_id: UUID) -> list[EnvironmentFact]:
    """What follows when a deployment has ended."""
    if deployment_id not in known.held:
        return []
    return [SlotEnded(deployment_id=deployment_id)]


def _part(deployment_id: UUID) -> int:
    return deployment_id.int % 512


def _held(granted: SlotGranted, message: Message[EnvironmentFact]) -> Held:
    holder = Holder(
        deployment_id=str(granted.deployment_id),
        number=granted.number,
        since=message.time,
    )
    return Held(holder, granted.ref, granted.requested_by)
