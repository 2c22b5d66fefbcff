"""What was asked of the sandbox and what it delivered, for `/_sandbox/…`.

Kept in memory only: it is about this run, and its times are of the monotonic clock.
"""

import time
from collections import deque
from typing import Any

_MOST = 100_000


class Journal:
    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=_MOST)
        self.deliveries: deque[dict[str, Any]] = deque(maxlen=_MOST)

    def answered(self, method: str, path: str, status: int, at: float) -> None:
        self.requests.append(
            {"method": method, "path": path, "status": status, "at": at}
        )

    def delivered(
        self, guid: str, event: str, url: str, status: int, at: float
    ) -> None:
        self.deliveries.append(
            {"guid": guid, "event": event, "url": url, "status": status, "at": at}
        )


clock = time.monotonic
