"""A delivery that GitHub could not bring, and that the sweep has taken in.

GitHub goes on listing it as failed for days; the receipt says that it is done with.
Deliveries that GitHub brings need none: what they tell has natural keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from shared.contracts import Fact, Message

NAMESPACE = UUID("d2c1e0a4-7b5f-4f0e-8f63-2f7f0ad0c4be")


def stream_of(guid: str) -> UUID:
    """Where the receipt of a delivery is kept."""
    return uuid5(NAMESPACE, guid)


class DeliverySwept(Fact):
    """The sweep has taken it in."""

    event: str
    repository_id: int
    #: SHA-256 of the payload.
    digest: str


@dataclass(frozen=True)
class Delivery:
    """Everything known about one delivery."""

    swept: DeliverySwept | None = None


def evolve(known: Delivery, message: Message[DeliverySwept]) -> Delivery:
    """File the receipt."""
    return replace(known, swept=message.data)


def receive(known: Delivery, receipt: DeliverySwept) -> Sequence[DeliverySwept]:
    """Once is enough."""
    return [] if known.swept else [receipt]
