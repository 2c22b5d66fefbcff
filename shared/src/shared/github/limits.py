"""How often GitHub may be asked: its limits as it states them, and our own for writes.

A primary limit shows as `x-ratelimit-remaining: 0` with the time of its reset. A
secondary one shows as 403 or 429 with `retry-after`, or with nothing but its message,
while plenty seems to remain; then the documentation asks for a minute of silence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from multidict import CIMultiDict

Clock = Callable[[], datetime]

SILENCE: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RateLimited:
    """GitHub, or our own budget, wants us to wait. Surely nothing was written."""

    retry_at: datetime
    secondary: bool = False


def read_limit(
    status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> RateLimited | None:
    """The limit that an answer speaks of; None if it speaks of something else."""
    if status not in (403, 429):
        return None
    known = CIMultiDict(headers)
    text = body.lower()
    if "retry-after" in known:
        return RateLimited(wait_until(known, now), secondary=True)
    if known.get("x-ratelimit-remaining") == "0":
        return RateLimited(wait_until(known, now))
    if b"secondary rate limit" in text or b"abuse detection" in text:
        return RateLimited(now + SILENCE, secondary=True)
    if status == 429 or b"api rate limit exceeded" in text:
        return RateLimited(wait_until(known, now))
    return None


def wait_until(headers: Mapping[str, str], now: datetime) -> datetime:
    """When to ask again: `retry-after`, else the reset, else after a minute."""
    known = CIMultiDict(headers)
    if (after := _number(known.get("retry-after"))) is not None:
        return now + _bounded(timedelta(seconds=after))
    reset = _number(known.get("x-ratelimit-reset"))
    if reset is not None and known.get("x-ratelimit-remaining", "0") == "0":
        return now + _bounded(timedelta(seconds=reset - now.timestamp()))
    return now + SILENCE


def _bounded(wait: timedelta) -> timedelta:
    return max(timedelta(seconds=1), min(wait, LONGEST))


def _number(text: str | None) -> int | None:
    # Bounded in length, so that no header can overflow a timedelta.
    if text is None or not text.strip().isdecimal() or len(text) > 12:
        return None
    return int(text)


class WriteBudget:
    """A token bucket for the writes of one token: a burst, then an even pace.

    Never waits itself. A worker asks `ready_at` before it records that it is about to
    write, so that waiting doesn't use up the time of its attempt.
    """

    def __init__(
        self, per_minute: float = 60, burst: int = 20, clock: Clock = utc_now
    ) -> None:
        self._pace = timedelta(minutes=1) / per_minute
        self._burst = burst
        self._clock = clock
        #: The bucket is full at this time; each write moves it on by one pace.
        self._full_at = clock()
        self._paused_until = clock()

    def ready_at(self) -> datetime:
        """When the next write may go; not in the future if it may go now."""
        room = self._pace * (self._burst - 1)
        return max(self._full_at - room, self._paused_until)

    def take(self) -> RateLimited | None:
        """Take one write out of the budget; None if it may go now."""
        now = self._clock()
        if self.ready_at() > now:
            return RateLimited(self.ready_at())
        self._full_at = max(self._full_at, now) + self._pace
        return None

    def pause(self, until: datetime) -> None:
        """Let nothing go before GitHub wants it."""
        self._paused_until = max(self._paused_until, until)
