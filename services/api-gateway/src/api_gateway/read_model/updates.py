"""One live event: what has happened to what, and how that stands now."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Final, NamedTuple

import orjson

from shared.store import Logged

from .documents import Document

MARK_BYTES: Final = 4


class EventId(NamedTuple):
    """A place in the log, and by what it is recognized there."""

    position: int
    #: Empty where somebody names the position alone.
    mark: str = ""

    @classmethod
    def of(cls, entry: Logged) -> "EventId":
        """The place of an entry. Another database has something else there."""
        known = blake2b(entry.message.id.encode(), digest_size=MARK_BYTES)
        return cls(entry.position, known.hexdigest())

    def __str__(self) -> str:
        return f"{self.position}-{self.mark}" if self.mark else str(self.position)


@dataclass(frozen=True)
class Update:
    """What people are told of an entry."""

    id: EventId
    event: str
    document: Document

    @cached_property
    def repo_id(self) -> int | None:
        """The repository that it is about."""
        edges = self.document["edges"]
        about = edges.get("deployment") or self.document
        repo = edges.get("repo") or {}
        found: int | None = about.get("repo_id", repo.get("id"))
        return found

    @cached_property
    def frame(self) -> bytes:
        """As it is sent, to however many."""
        return frame(self.event, self.document, self.id)


def frame(event: str, document: Document, at: EventId) -> bytes:
    """A server-sent event."""
    head = f"id: {at}\nevent: {event}\ndata: ".encode()
    return head + orjson.dumps(document) + b"\n\n"
