"""Times as people give them: a moment, or so long from now."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from gitploy.failing import WRONG, CommandError

UNITS: Final = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
DURATION: Final = re.compile(r"(?:\d+[wdhm])+")


def moment(text: str | None, now: datetime | None = None) -> str | None:
    """`2h30m` from now, or a time; one without a zone is of the clock here.

    Raises:
        CommandError: It is neither, or is over.
    """
    if text is None:
        return None
    now = now or datetime.now(UTC)
    try:
        told = _moment(text, now)
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"{text} is no time: write it like 2h30m, 7d or 2030-11-22T18:00.", WRONG
        ) from error
    if told <= now:
        raise CommandError(f"{text} is over.", WRONG)
    return told.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str, now: datetime) -> datetime:
    if not DURATION.fullmatch(text):
        return datetime.fromisoformat(text).astimezone()
    parts = re.findall(r"(\d+)([wdhm])", text)
    return now + sum(
        (timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts), timedelta()
    )
