"""A message on the wire: CloudEvents 1.0 in AMQP's binary mode.

The body is the event's JSON; everything else is a header. Source: CloudEvents AMQP
protocol binding 1.0, section 3.1 (attributes carry the prefix `cloudEvents:`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import orjson
from pydantic import ValidationError

from shared.contracts import (
    HINTS,
    KINDS,
    QUESTIONS,
    Answer,
    Event,
    Hint,
    Message,
    Question,
    Unrecorded,
)

PREFIX = "cloudEvents:"
#: All that is said and not recorded, by its name.
UNRECORDED: dict[str, type[Unrecorded]] = {
    each.kind(): each
    for each in (*QUESTIONS, *HINTS, *(way.answer for way in QUESTIONS.values()))
}


class UnreadableMessageError(Exception):
    """This isn't one of our messages, or one of a version we don't know."""


def headers(message: Message[Event]) -> dict[str, str | int]:
    """The CloudEvents attributes and ours."""
    known: dict[str, str | int | None] = {
        f"{PREFIX}specversion": "1.0",
        f"{PREFIX}id": message.id,
        f"{PREFIX}source": message.source,
        f"{PREFIX}type": message.data.kind(),
        f"{PREFIX}subject": message.data.subject,
        f"{PREFIX}time": message.time.isoformat(),
        f"{PREFIX}revision": message.revision,
        f"{PREFIX}correlationid": message.correlation_id,
        f"{PREFIX}causationid": message.causation_id,
        f"{PREFIX}asked": int(message.asked),
    }
    return {name: value for name, value in known.items() if value is not None}


def read(found: Mapping[str, Any], body: bytes) -> Message[Event]:
    """The message that these headers and this body are.

    Raises:
        UnreadableMessageError: Says what is missing or wrong.
    """
    try:
        kind = str(found[f"{PREFIX}type"])
        event = KINDS.get(kind)
        if event is None or not issubclass(event, Event):
            raise UnreadableMessageError(f"{kind} is not an event that we know")
        causation_id = found.get(f"{PREFIX}causationid")
        return Message(
            id=str(found[f"{PREFIX}id"]),
            source=str(found[f"{PREFIX}source"]),
            time=datetime.fromisoformat(str(found[f"{PREFIX}time"])),
            correlation_id=str(found[f"{PREFIX}correlationid"]),
            causation_id=None if causation_id is None else str(causation_id),
            revision=int(found[f"{PREFIX}revision"]),
            asked=bool(int(found.get(f"{PREFIX}asked", 0))),
            data=event.model_validate_json(body),
        )
    except KeyError as error:
        raise UnreadableMessageError(f"header {error} is missing") from error
    except ValidationError as error:
        raise UnreadableMessageError(f"the body is not a {kind}: {error}") from error
    except (ValueError, TypeError) as error:
        raise UnreadableMessageError(f"a header can't be read: {error}") from error


def unrecorded_headers(
    said: Question[Answer] | Hint | Answer, id_: str, source: str, time: datetime
) -> dict[str, str]:
    """The CloudEvents attributes of what is said and not recorded."""
    about = {} if isinstance(said, Answer) else {f"{PREFIX}subject": said.subject}
    return {
        f"{PREFIX}specversion": "1.0",
        f"{PREFIX}id": id_,
        f"{PREFIX}source": source,
        f"{PREFIX}type": said.kind(),
        f"{PREFIX}time": time.isoformat(),
        **about,
    }


def read_unrecorded(found: Mapping[str, Any], body: bytes) -> Unrecorded:
    """The question, answer or hint that this is.

    Raises:
        UnreadableMessageError: Says what is missing or wrong.
    """
    kind = str(found.get(f"{PREFIX}type"))
    known = UNRECORDED.get(kind)
    if known is None:
        raise UnreadableMessageError(f"{kind} is nothing that we ask, answer or hint")
    try:
        return known.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableMessageError(f"the body is not a {kind}: {error}") from error


def write_stored(message: Message[Event]) -> bytes:
    """Headers and body as one JSON document, for a file."""
    body = orjson.Fragment(message.data.model_dump_json())
    return orjson.dumps({"headers": headers(message), "body": body})


def parts(stored: bytes) -> tuple[dict[str, Any], bytes]:
    """Headers and body of what `write_stored` has written."""
    doc = cast("dict[str, Any]", orjson.loads(stored))
    return doc["headers"], orjson.dumps(doc["body"])


def read_stored(kind: str, stored: bytes) -> Message[Event]:
    """What `write_stored` has written."""
    message = read(*parts(stored))
    if message.data.kind() != kind:
        raise UnreadableMessageError(
            f"filed under {kind}, but is {message.data.kind()}"
        )
    return replace(message)
