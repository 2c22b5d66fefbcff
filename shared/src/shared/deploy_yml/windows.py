"""Frozen windows: when they begin, and until when they hold.

A window begins when the clocks of its location show what its cron line says. A time
that the clocks skip counts as the moment after the skip; one that they show twice
counts the first time, unless the line repeats every hour. A window lasts for its
duration of real time, its first moment included, its last excluded.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_MONTHS: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAYS: Final = "SUN|MON|TUE|WED|THU|FRI|SAT"
#: Each field and the names that it knows besides numbers.
_FIELDS: Final = (
    ("minute", ""),
    ("hour", ""),
    ("day of the month", ""),
    ("month", _MONTHS),
    ("day of the week", _DAYS),
)
_ZONE: Final = re.compile(r"(?!posix/|right/)[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
#: Names that mean another thing on each machine.
_NO_ZONES: Final = frozenset({"Factory", "localtime", "posixrules"})
_LONGEST: Final = 200
#: No clock is put back by more.
_PUT_BACK: Final = timedelta(hours=3)
#: Windows that follow each other without a gap are followed so often; of many windows
#: as often as that takes so many looks at one of them.
_FOLLOWED: Final = 100
_LOOKS: Final = 1_000
#: Any moment will do to see whether a line can be read.
_SOME_TIME: Final = datetime(2024, 1, 1, tzinfo=UTC)


class Window(Protocol):
    @property
    def start(self) -> str: ...
    @property
    def duration(self) -> timedelta: ...
    @property
    def location(self) -> str: ...


W = TypeVar("W", bound=Window)


def cron_mistake(line: str) -> str | None:
    """What is wrong with a cron line of five fields."""
    fields = line.split()
    if len(fields) != len(_FIELDS) or len(line) > _LONGEST:
        return "must be a cron line of five fields: minute hour day month weekday"
    for field, (name, words) in zip(fields, _FIELDS, strict=True):
        if not _field(words).fullmatch(field):
            return f"must have a {name} of numbers, `*`, `,`, `-` and `/`"
    try:
        next(CronSim(line, _SOME_TIME))
    except (CronSimError, StopIteration) as error:
        what = str(error).removeprefix("Bad ") or "date"
        return f"must be a cron line with a possible {what}"
    return None


def zone_mistake(name: str) -> str | None:
    """What is wrong with a time zone."""
    try:
        if _ZONE.fullmatch(name) and name not in _NO_ZONES and ZoneInfo(name):
            return None
    except (OSError, ValueError, KeyError):
        pass
    return "must be a time zone like Europe/Berlin or UTC"


def holding(windows: Iterable[W], now: datetime) -> list[W]:
    """Those of the windows that hold at this moment."""
    ends = ((window, _end(window, now)) for window in windows)
    return [window for window, end in ends if end and end > now]


def frozen_until(windows: Iterable[Window], now: datetime) -> datetime | None:
    """When the windows that hold `now` end; none: it is in no window.

    Windows that overlap or touch count as one, and are followed a hundred times (ten,
    where there are a hundred windows); after that it is frozen at least until then.
    """
    all_ = tuple(windows)
    until = now
    for _ in range(min(_FOLLOWED, _LOOKS // (len(all_) + 1) + 1)):
        ends = [_end(window, until) for window in all_]
        later = max((end for end in ends if end and end > until), default=None)
        if later is None:
            break
        until = later
    return until.astimezone(UTC) if until > now else None


def _end(window: Window, moment: datetime) -> datetime | None:
    """When the window ends that began last, at this moment or before."""
    began = _began(window.start, ZoneInfo(window.location), moment)
    return began + window.duration if began else None


def _began(line: str, zone: ZoneInfo, moment: datetime) -> datetime | None:
    """The last time, up to this moment, that the clocks showed what the line says."""
    # What the clocks show twice can lie before this moment although they showed more.
    twice = moment.astimezone(zone).fold == 1
    from_ = moment + _PUT_BACK if twice else moment
    # Its microseconds make the very minute count that it is in.
    minute = from_.astimezone(zone).replace(second=0, microsecond=1)
    for began in CronSim(line, minute, reverse=True):
        if (utc := began.astimezone(UTC)) <= moment:
            return utc
    return None


@cache
def _field(words: str) -> re.Pattern[str]:
    one = rf"(?:[0-9]{{1,2}}|{words})" if words else "[0-9]{1,2}"
    some = rf"(?:\*|{one}-{one})(?:/[0-9]{{1,2}})?|{one}"
    return re.compile(rf"(?:{some})(?:,(?:{some}))*", re.IGNORECASE | re.ASCII)
