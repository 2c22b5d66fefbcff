"""One delivery of GitHub's: the receipt of what has no other stream.

What most webhooks tell has natural keys, and needs no receipt: a copy is known by them.
A push is known by what it has moved and when, also if its webhook is sent again as
another delivery. What somebody takes back has nothing of that kind, and is known by its
delivery, whoever brings that and however often. And GitHub goes on listing for days
what it could not deliver; the receipt of the sweep says that it is done with.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID, uuid5

from shared.contracts import AuthorizationRevoked, Fact, Message, RefPushed

NAMESPACE = UUID("d2c1e0a4-7b5f-4f0e-8f63-2f7f0ad0c4be")


def stream_of(guid: str) -> UUID:
    """Where the receipts of a delivery are kept."""
    return uuid5(NAMESPACE, guid)


def stream_of_push(pushed: RefPushed, *, timed: bool) -> UUID:
    """Where the receipt of a push is kept; `timed` if GitHub has told its time."""
    if not timed:
        return stream_of(pushed.delivery_id)
    moved = f"{pushed.repository.id} {pushed.ref} {pushed.before} {pushed.after}"
    return uuid5(NAMESPACE, f"{moved} {pushed.pushed_at.isoformat()}")


class DeliverySwept(Fact):
    """The sweep has taken it in."""

    event: str
    #: None: it was about none.
    repository_id: int | None
    #: SHA-256 of the payload.
    digest: str


DeliveryFact = RefPushed | AuthorizationRevoked | DeliverySwept


@dataclass(frozen=True)
class Delivery:
    """Everything known about one delivery."""

    told: bool = False
    swept: bool = False


def evolve(known: Delivery, message: Message[DeliveryFact]) -> Delivery:
    """File a receipt."""
    match fact := message.data:
        case RefPushed() | AuthorizationRevoked():
            return replace(known, told=True)
        case DeliverySwept():
            return replace(known, swept=True)
    assert_never(fact)


def receive(known: Delivery, receipt: DeliveryFact) -> Sequence[DeliveryFact]:
    """Once is enough."""
    done = known.swept if isinstance(receipt, DeliverySwept) else known.told
    return [] if done else [receipt]
