from datetime import UTC, datetime

import pytest

from gitploy.failing import WRONG, CommandError
from gitploy.times import moment, since

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2h30m", "2030-01-31T14:30:00+00:00"),
        ("1d", "2030-02-01T12:00:00+00:00"),
        ("2w", "2030-02-14T12:00:00+00:00"),
        ("2030-02-01T10:00:00+02:00", "2030-02-01T08:00:00+00:00"),
        ("2030-02-01T10:00:00Z", "2030-02-01T10:00:00+00:00"),
        (None, None),
    ],
)
def test_a_moment_is_a_time_or_so_long_from_now(
    text: str | None, told: str | None
) -> None:
    assert moment(text, NOW) == told


@pytest.mark.parametrize(
    "text", ["", "soon", "2", "h", "-1h", "99999999999d", "2029-01-01", "0m"]
)
def test_what_is_no_time_or_over_is_wrong(text: str) -> None:
    with pytest.raises(CommandError) as ended:
        moment(text, NOW)
    assert ended.value.code == WRONG


def test_a_time_before_now() -> None:
    assert since("1d", NOW) == "2030-01-30T12:00:00+00:00"
    assert since("2029-01-01T00:00:00Z", NOW) == "2029-01-01T00:00:00+00:00"
    assert since(None) is None
    with pytest.raises(CommandError):
        since("yesterday", NOW)
