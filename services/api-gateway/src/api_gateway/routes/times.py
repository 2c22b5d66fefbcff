"""Points in time as people write them."""

from datetime import UTC, datetime


def time_from(text: str) -> datetime:
    """The time, in UTC.

    Raises:
        ValueError: It can't be read, or does not say its time zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("it must be a time like 2026-01-31T12:00:00Z") from error
    if time.tzinfo is None:
        raise ValueError("it must say its time zone, like 2026-01-31T12:00:00Z")
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("it is out of all time") from error
