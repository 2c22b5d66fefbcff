from datetime import UTC, datetime, timedelta

import pytest

from shared.github import RateLimited, WriteBudget, read_limit

NOW = datetime(2030, 1, 1, tzinfo=UTC)
RESET = str(int(NOW.timestamp()) + 600)
SECONDARY = b'{"message":"You have exceeded a secondary rate limit. Please wait"}'
PRIMARY = b'{"message":"API rate limit exceeded for user ID 1."}'


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait", "secondary"),
    [
        (403, {"Retry-After": "30"}, b"", 30, True),
        (429, {"retry-after": "30", "x-ratelimit-remaining": "0"}, b"", 30, True),
        (
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": RESET},
            PRIMARY,
            600,
            False,
        ),
        (
            403,
            {"x-ratelimit-remaining": "14988", "x-ratelimit-reset": RESET},
            SECONDARY,
            60,
            True,
        ),
        (429, {}, b"", 60, False),
        (403, {}, PRIMARY, 60, False),
        (403, {"retry-after": "soon"}, SECONDARY, 60, True),
        (403, {"retry-after": "9" * 30}, SECONDARY, 60, True),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, b"", 1, False),
        (403, {"retry-after": "999999999999"}, b"", 86400, True),
    ],
)
def test_a_limit_says_when_to_come_again(
    status: int, headers: dict[str, str], body: bytes, wait: int, secondary: bool
) -> None:
    limited = read_limit(status, headers, body, NOW)
    assert limited == RateLimited(NOW + timedelta(seconds=wait), secondary)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (
            403,
            {"x-ratelimit-remaining": "12"},
            b'{"message":"Not accessible"}',
        ),
        (200, {"x-ratelimit-remaining": "0"}, b""),
        (503, {"retry-after": "3"}, b""),
    ],
)
def test_what_is_no_limit_is_not_taken_for_one(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    assert read_limit(status, headers, body, NOW) is None


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_burst_goes_at_once_and_then_one_per_pace() -> None:
    clock = Clock()
    budget = WriteBudget(per_minute=60, burst=3, clock=clock)
    assert [budget.take() for _ in range(3)] == [None] * 3
    assert budget.take() == RateLimited(NOW + timedelta(seconds=1))
    clock.forward(1)
    assert budget.take() is None
    assert budget.take() == RateLimited(NOW + timedelta(seconds=2))


def test_rest_refills_the_bucket_but_not_beyond_its_burst() -> None:
    clock = Clock()
    budget = WriteBudget(per_minute=60, burst=2, clock=clock)
    clock.forward(3600)
    assert [budget.take() is None for _ in range(3)] == [True, True, False]


def test_a_refused_write_costs_nothing() -> None:
    clock = Clock()
    budget = WriteBudget(per_minute=60, burst=1, clock=clock)
    budget.take()
    for _ in range(5):
        budget.take()
    assert budget.ready_at() == NOW + timedelta(seconds=1)


def test_a_pause_holds_everything_and_is_never_shortened() -> None:
    clock = Clock()
    budget = WriteBudget(clock=clock)
    until = NOW + timedelta(seconds=90)
    budget.pause(until)
    budget.pause(NOW + timedelta(seconds=5))
    assert budget.take() == RateLimited(until)
    clock.forward(90)
    assert budget.take() is None
