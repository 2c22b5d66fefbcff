"""Counts what each token asks, and says so in GitHub's rate limit headers.

The budget is wide enough for load tests; running dry on purpose is a fault of
`faults`.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from github_sandbox.errors import ApiError

LIMIT = 100_000
_WINDOW_S = 3600


@dataclass
class Window:
    resource: str
    used: int = 0
    reset: int = field(default_factory=lambda: int(time.time()) + _WINDOW_S)

    @property
    def remaining(self) -> int:
        return max(0, LIMIT - self.used)

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Resource": self.resource,
        }

    def shown(self) -> dict[str, Any]:
        return {
            "limit": LIMIT,
            "remaining": self.remaining,
            "used": self.used,
            "reset": self.reset,
        }


class Limits:
    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], Window] = {}

    def window(self, user: str, resource: str) -> Window:
        window = self._windows.get((user, resource))
        if window is None or window.reset <= time.time():
            window = self._windows[user, resource] = Window(resource)
        return window

    def check(self, window: Window) -> None:
        if not window.remaining:
            raise exhausted(window.reset)


def exhausted(reset: int) -> ApiError:
    """The primary limit is used up."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    return ApiError(403, "API rate limit exceeded.", headers=headers)


def slow_down(retry_after_s: int) -> ApiError:
    """The secondary limit was hit; the header is missing when it is told 0."""
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s else {}
    message = (
        "You have exceeded a secondary rate limit. "
        "Please wait a few minutes before you try again."
    )
    return ApiError(403, message, headers=headers)
