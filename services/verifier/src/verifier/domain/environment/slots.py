"""Who has a place here.

A grant lasts until the slot's end, and an end is for good: one that comes first
prevents the grant. Who was refused never gets a place either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from shared.contracts import Fact, Holder, Message
from verifier.domain.parts import Parts
from verifier.domain.situation import Held

from .facts import SlotEnded, SlotGranted, SlotRefused


@dataclass(frozen=True)
class Slots:
    """The places of one environment, and all who ever had one."""

    held: Mapping[UUID, Held] = field(default_factory=dict)
    #: All that ever ended or were refused.
    over: Parts[UUID, None] = field(default_factory=Parts)

    def settled(self, deployment_id: UUID) -> bool:
        """Whether this deployment has got its place, or never will."""
        return deployment_id in self.held or deployment_id in self.over

    @property
    def first(self) -> Held | None:
        """Of those that run here the one with the lowest number."""
        return min(self.held.values(), key=lambda h: h.holder.number, default=None)


def evolve(known: Slots, message: Message[Fact]) -> Slots:
    """File what concerns the places."""
    match message.data:
        case SlotGranted(deployment_id=id_) as granted if id_ not in known.over:
            return replace(known, held={**known.held, id_: _held(granted, message)})
        case SlotEnded(deployment_id=id_) | SlotRefused(deployment_id=id_):
            held = {k: v for k, v in known.held.items() if k != id_}
            return Slots(held, known.over.having(id_, None))
    return known


def _held(granted: SlotGranted, message: Message[Fact]) -> Held:
    holder = Holder(
        deployment_id=str(granted.deployment_id),
        number=granted.number,
        since=message.time,
    )
    return Held(holder, granted.ref, granted.requested_by)
