"""How a message becomes a row of the eventsourcing library, and back.

The library asks for an event with `originator_id` and `originator_version`; we have a
`Message`. `Recorded` is the pair, `MessageMapper` the JSON. The stored topic is the
fact's kind and never a module path, so that files can move.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from shared.contracts import KINDS, Fact, Message


class UnknownKindError(Exception):
    """The store holds a fact that this version of the service does not know."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message at its place in a stream: a domain event, as the library sees it."""

    originator_id: UUID
    originator_version: int
    message: Message[Fact]


@dataclass(frozen=True, slots=True)
class Logged:
    """A message at its place in the service's log: everything it took and said."""

    position: int
    stream: UUID
    message: Message[Fact]


class MessageMapper(Mapper[UUID]):
    """Stores a message as JSON under its kind."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """One row; what the library calls its state is the message's JSON."""
        recorded = cast("Recorded", domain_event)
        m = recorded.message
        state = orjson.dumps(
            {
                "id": m.id,
                "source": m.source,
                "time": m.time,
                "correlation_id": m.correlation_id,
                "causation_id": m.causation_id,
                "revision": m.revision,
                "data": orjson.Fragment(m.data.model_dump_json()),
            }
        )
        return StoredEvent(
            recorded.originator_id, recorded.originator_version, m.data.kind(), state
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        """The message of a row.

        Raises:
            UnknownKindError: A newer version of the service has written this row.
        """
        return Recorded(
            originator_id=cast("UUID", stored_event.originator_id),
            originator_version=stored_event.originator_version,
            message=read_message(stored_event.topic, stored_event.state),
        )


def read_message(kind: str, state: bytes) -> Message[Fact]:
    """The message that was stored under this kind."""
    fact = KINDS.get(kind)
    if fact is None:
        raise UnknownKindError(
            f"the store holds {kind}, which this version does not know: "
            "start the version that wrote it, or a newer one"
        )
    doc: dict[str, Any] = orjson.loads(state)
    doc["data"] = fact.model_validate(doc["data"])
    doc["time"] = datetime.fromisoformat(doc["time"])
    return Message(**doc)
