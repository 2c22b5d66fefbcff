from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deploy_yml.durations import parse, shown


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("0.25m", 15),
        ("7d", 604_800),
        ("2w1d", 1_296_000),
        ("0s", 0),
        ("1h1h", 7200),
    ],
)
def test_what_it_means(text: str, seconds: int) -> None:
    assert parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "h", "-1h", "1 h", "1h ", "1h\n", "1H", "1ms", "1y", ".5h", "1.h",
        "1e3s", "٣h", "1.5s", "0.3s", "1h" * 30, "9" * 30 + "s",
    ],
)  # fmt: skip
def test_what_means_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        parse(text)


@given(st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)))
def test_what_is_shown_means_the_same(duration: timedelta) -> None:
    assert parse(shown(duration)) == duration


def test_it_is_shown_as_people_write_it() -> None:
    assert shown(timedelta(days=7)) == "7d"
    assert shown(timedelta(seconds=5461)) == "1h31m1s"
    assert shown(timedelta(0)) == "0s"
