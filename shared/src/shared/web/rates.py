"""How much one client may ask in a while: a bucket of tokens for each.

Each replica counts by itself. Those that have not asked for long are forgotten.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from .errors import ApiError

#: So many clients are remembered; who asks least lately is forgotten first.
REMEMBERED = 100_000


@dataclass
class _Bucket:
    left: float
    at: float


class Rates:
    """So many requests a minute, and up to a minute's worth at once."""

    def __init__(
        self, per_minute: float, clock: Callable[[], float] = monotonic
    ) -> None:
        self._most = max(per_minute, 1)
        self._per_s = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, client: str) -> None:
        """Count a request.

        Raises:
            ApiError: It is one too many.
        """
        bucket = self._filled(client)
        if bucket.left < 1:
            self._refuse(bucket)
        bucket.left -= 1

    def check(self, client: str) -> None:
        """Count nothing.

        Raises:
            ApiError: There were too many before.
        """
        bucket = self._filled(client)
        if bucket.left < 1:
            self._refuse(bucket)

    def _filled(self, client: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(client, _Bucket(self._most, now))
        self._buckets.move_to_end(client)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        gained = (now - bucket.at) * self._per_s
        bucket.left, bucket.at = min(bucket.left + gained, self._most), now
        return bucket

    def _refuse(self, bucket: _Bucket) -> None:
        wait_s = ceil((1 - bucket.left) / self._per_s)
        raise ApiError(
            429,
            "rate_limited",
            f"Too many requests: try again in {wait_s} s.",
            headers={"Retry-After": str(wait_s)},
        )
