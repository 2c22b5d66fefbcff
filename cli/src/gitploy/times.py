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
    told = _time(text, now, 1)
    if told <= now:
        raise CommandError(f"{text} is over.", WRONG)
    return _said(told)


def since(text: str | None, now: datetime | None = None) -> str | None:
    """`7d` before now, or a time.

    Raises:
        CommandError: It is neither.
    """
    if text is None:
        return None
    return _said(_time(text, now or datetime.now(UTC), -1))


def _time(text: str, now: datetime, sign: int) -> datetime:
    try:
        if not DURATION.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
        parts = re.findall(r"(\d+)([wdhm])", text)
        far = [timedelta(**{UNITS[unit]: int(n)}) for n, unit in parts]
        return now + sign * sum(far, timedelta())
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"{text} is no time: write it like 2h30m, 7d or 2030-11-22T18:00.", WRONG
        ) from error


def _said(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
