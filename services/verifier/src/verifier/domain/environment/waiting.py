"""Who waits here: in line for the slot, or still for checks or reviews.

The line goes by number, rollbacks first. Whoever is first in it gets the place as soon
as it is free and the checks that change with time still pass. Each is told its place in
line, and told again when that or the holder has changed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast
from uuid import UUID

from shared.contracts import DeployQueued, Fact, Holder, Message, QueueMoved

from .facts import Waits
from .slots import Slots

_STAGES: Final = ("checks", "review", "slot")
Told = DeployQueued | QueueMoved


@dataclass(frozen=True)
class Waiting:
    """All that wait here, and what those in line were told."""

    known: Mapping[UUID, Waits] = field(default_factory=dict)
    #: The newest of each kind that was told of each place in line.
    told: Mapping[UUID, Mapping[type[Told], Message[Told]]] = field(
        default_factory=dict
    )

    @property
    def line(self) -> list[Waits]:
        """Those that wait for the slot, in the order in which they get it."""
        here = (one for one in self.known.values() if one.waits_for == "slot")
        return sorted(here, key=turn)

    def position_of(self, one: Waits) -> int:
        """Its place in line, counted from 1, also before it stands there."""
        return 1 + sum(turn(other) < turn(one) for other in self.line)

    def said_of(self, deployment_id: UUID) -> list[Message[Told]]:
        """What was told last of its place in line."""
        told = self.told.get(deployment_id, {}).values()
        return sorted(told, key=lambda m: m.revision)


def turn(one: Waits) -> tuple[bool, int]:
    """Whoever has the lowest comes first."""
    return one.origin != "rollback", one.number


def evolve(known: Waiting, slots: Slots, message: Message[Fact]) -> Waiting:
    """File what concerns those that wait; `slots` are those after this message."""
    match message.data:
        case Waits(deployment_id=id_) as one if not slots.settled(id_):
            return _waits(known, one)
        case DeployQueued(deployment_id=id_) | QueueMoved(deployment_id=id_):
            if not slots.settled(id_):
                return _told(known, id_, cast("Message[Told]", message))
    gone = [id_ for id_ in (*known.known, *known.told) if slots.settled(id_)]
    return _without(known, set(gone)) if gone else known


def _waits(known: Waiting, one: Waits) -> Waiting:
    id_ = one.deployment_id
    before = known.known.get(id_)
    if before and _STAGES.index(before.waits_for) >= _STAGES.index(one.waits_for):
        return known
    return replace(known, known={**known.known, id_: one})


def _told(known: Waiting, id_: UUID, message: Message[Told]) -> Waiting:
    told = known.told.get(id_, {})
    kind = type(message.data)
    newest = max(told.get(kind, message), message, key=lambda m: m.revision)
    return replace(known, told={**known.told, id_: {**told, kind: newest}})


def _without(known: Waiting, gone: set[UUID]) -> Waiting:
    return Waiting(
        known={k: v for k, v in known.known.items() if k not in gone},
        told={k: v for k, v in known.told.items() if k not in gone},
    )


def moves(
    known: Waiting, holder_before: Callable[[Waits], Holder | None]
) -> Iterator[Told]:
    """What those in line have to be told, because it is no longer as they were told."""
    for position, one in enumerate(known.line, 1):
        said, holder = known.said_of(one.deployment_id), holder_before(one)
        queued = next((m.data for m in said if isinstance(m.data, DeployQueued)), None)
        if queued is None:
            continue
        last = said[-1].data
        same_holder = _id(last.holder) == _id(holder)
        told = {"position": position, "holder": holder}
        if queued.take_over and holder and not same_holder:
            # Whoever has the place now is to be ended, too.
            yield queued.model_copy(update=told)
        elif last.position != position or not same_holder:
            yield QueueMoved(
                deployment_id=one.deployment_id, position=position, holder=holder
            )


def _id(holder: Holder | None) -> str | None:
    return holder.deployment_id if holder else None
