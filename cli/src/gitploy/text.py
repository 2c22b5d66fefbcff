"""Text and times as people and programs are shown them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

#: So much of a commit's id tells it from others.
SHORT: Final = 7
#: A time that was never set, as the API has it.
NEVER: Final = "0001-01-01T00:00:00Z"


def printable(text: object) -> str:
    """Text of strangers without what would steer a terminal."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text)
    )


def shown(document: Any) -> str:
    """As JSON, indented; whatever isn't ASCII is escaped."""
    return json.dumps(document, indent=2, default=str)


def ago(time: str) -> str:
    """How far a time is from now."""
    far = datetime.fromisoformat(time) - datetime.now(UTC)
    return f"in {span(far)}" if far > timedelta() else f"{span(-far)} ago"


def span(time: timedelta) -> str:
    """So long, in its two greatest units."""
    seconds = int(time.total_seconds())
    for unit, size, rest, part in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if seconds >= size:
            left = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {left} {rest}" if left else "")
    return f"{seconds} s"
