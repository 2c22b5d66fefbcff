"""Durations as people write them: `90s`, `1h30m`, `7d`."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Final

#: The longest first, as they are shown. All are of fixed length: a day has 24 hours.
UNITS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
#: For the JSON Schema, which says the same to editors.
PATTERN: Final = r"^([0-9]{1,9}(\.[0-9]{1,9})?[wdhms])+$"

_WHOLE: Final = re.compile(PATTERN, re.ASCII)
_PART: Final = re.compile(r"([0-9.]+)([wdhms])")
_LONGEST: Final = 40


def parse(text: str) -> timedelta:
    """The duration that the text means.

    Raises:
        ValueError: It means none.
    """
    if len(text) > _LONGEST or not _WHOLE.match(text) or text.endswith("\n"):
        raise ValueError(
            "must be a duration like 90s, 30m, 1h30m, 7d or 2w (units: w, d, h, m, s)"
        )
    parts = _PART.findall(text)
    seconds = sum(Decimal(number) * UNITS[unit] for number, unit in parts)
    if seconds != int(seconds):
        raise ValueError("must be a duration of whole seconds")
    return timedelta(seconds=int(seconds))


def shown(duration: timedelta) -> str:
    """The duration as somebody would write it; `parse` takes it back."""
    left = int(duration.total_seconds())
    parts = []
    for unit, seconds in list(UNITS.items())[1:]:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def outside(duration: timedelta, least: timedelta, most: timedelta) -> str | None:
    """What is wrong with a duration that is too short or too long."""
    if least <= duration <= most:
        return None
    return f"must be between {shown(least)} and {shown(most)}"
