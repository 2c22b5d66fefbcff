"""Frozen windows against calendars, clocks and a model that looks at every minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.deploy_yml import FrozenWindow, frozen_until, holding
from shared.deploy_yml.windows import cron_mistake, zone_mistake

BERLIN = "Europe/Berlin"
MINUTE = timedelta(minutes=1)


def window(start: str, hours: float, location: str = "UTC") -> FrozenWindow:
    return FrozenWindow(start=start, duration=timedelta(hours=hours), location=location)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def until(now: str, *windows: FrozenWindow) -> str | None:
    end = frozen_until(windows, utc(now))
    return end.strftime("%m-%dT%H:%M") if end else None


NIGHT = window("0 22 * * *", 8)
WEEKEND = window("0 17 * * FRI", 63, BERLIN)


@pytest.mark.parametrize(
    ("now", "windows", "expected"),
    [
        ("2024-05-06T21:59:59", [NIGHT], None),
        ("2024-05-06T22:00", [NIGHT], "05-07T06:00"),
        ("2024-05-07T05:59:59.999999", [NIGHT], "05-07T06:00"),
        ("2024-05-07T06:00", [NIGHT], None),
        ("2024-05-10T14:59", [WEEKEND], None),
        ("2024-05-10T15:00", [WEEKEND], "05-13T06:00"),
        ("2024-01-06T12:00", [WEEKEND], "01-08T07:00"),
        ("2024-05-07T05:00", [NIGHT, window("0 6 * * *", 1)], "05-07T07:00"),
        ("2024-05-07T05:00", [NIGHT, window("59 5 * * *", 1)], "05-07T06:59"),
        ("2024-05-07T05:00", [NIGHT, window("1 6 * * *", 1)], "05-07T06:00"),
        ("2024-05-07T05:00", [], None),
        ("2024-02-29T12:00", [window("0 0 29 2 *", 24)], "03-01T00:00"),
        ("2027-02-28T12:00", [window("0 0 29 2 *", 24)], None),
        ("2024-12-31T23:00", [window("0 0 20 DEC *", 24 * 14)], "01-03T00:00"),
        ("2024-05-05T12:00", [window("0 0 * * 0", 24)], "05-06T00:00"),
        ("2024-05-05T12:00", [window("0 0 * * 7", 24)], "05-06T00:00"),
    ],
)  # fmt: skip
def test_a_window_holds_from_its_first_moment_to_before_its_last(
    now: str, windows: list[FrozenWindow], expected: str | None
) -> None:
    assert until(now, *windows) == expected


def test_a_window_without_end_is_followed_a_hundred_times() -> None:
    assert until("2024-01-01T12:00", window("0 0 * * *", 24)) == "04-10T00:00"


def test_a_hundred_windows_without_end_are_followed_ten_times() -> None:
    windows = [window("0 0 * * *", 24)] * 100
    assert until("2024-01-01T12:00", *windows) == "01-11T00:00"


def test_the_windows_that_hold_now() -> None:
    now = utc("2024-05-10T23:00")
    assert holding([NIGHT, WEEKEND], now) == [NIGHT, WEEKEND]
    assert holding([NIGHT, WEEKEND], now - timedelta(hours=2)) == [WEEKEND]
    assert holding([NIGHT, WEEKEND], now - timedelta(days=1)) == [NIGHT]
    assert holding([NIGHT], utc("2024-05-07T06:00")) == []


@pytest.mark.parametrize(
    ("now", "line", "expected"),
    [
        # On 31 March 2024 Berlin's clocks skip from 2:00 to 3:00, at 1:00 UTC.
        ("2024-03-31T00:59", "30 2 * * *", None),
        ("2024-03-31T01:00", "30 2 * * *", "03-31T03:00"),
        ("2024-03-31T01:00", "30 1 * * *", "03-31T02:30"),
        # On 27 October 2024 they show 2:00 to 3:00 twice, from 0:00 and 1:00 UTC.
        ("2024-10-27T00:29", "30 2 * * *", None),
        ("2024-10-27T00:30", "30 2 * * *", "10-27T02:30"),
        ("2024-10-27T01:15", "45 2 * * *", "10-27T02:45"),
        ("2024-10-27T02:31", "30 2 * * *", None),
    ],
)
def test_clocks_that_are_changed(now: str, line: str, expected: str | None) -> None:
    assert until(now, window(line, 2, BERLIN)) == expected


def test_a_line_for_every_hour_counts_in_the_hour_that_comes_twice() -> None:
    each_hour = window("0 * * * *", 0.5, BERLIN)
    assert until("2024-10-27T00:10", each_hour) == "10-27T00:30"
    assert until("2024-10-27T01:10", each_hour) == "10-27T01:30"
    assert until("2024-10-27T01:40", each_hour) is None


def begins(hour: int, minute: int, zone: ZoneInfo, around: datetime) -> list[datetime]:
    """When the clocks show it, on the days around."""
    today = around.astimezone(zone).date()
    found = []
    for days in range(-4, 3):
        day = today + timedelta(days=days)
        shown = datetime.combine(day, time(hour, minute), zone)
        while shown.astimezone(UTC).astimezone(zone) != shown:
            shown += MINUTE
        found.append(shown.astimezone(UTC))
    return found


CHANGES = ["2024-03-31T01:00", "2024-10-27T01:00", "2024-06-01T00:00"]


@given(
    now=st.builds(
        lambda change, minutes: utc(change) + minutes * MINUTE,
        st.sampled_from(CHANGES),
        st.integers(-3000, 3000),
    ),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    duration=st.integers(1, 3000).map(lambda minutes: minutes * MINUTE),
    location=st.sampled_from([BERLIN, "UTC", "Australia/Lord_Howe", "America/Havana"]),
)
def test_any_daily_window_is_as_the_clocks_have_it(
    now: datetime, hour: int, minute: int, duration: timedelta, location: str
) -> None:
    daily = FrozenWindow(
        start=f"{minute} {hour} * * *", duration=duration, location=location
    )
    zone, expected = ZoneInfo(location), now
    for _ in range(100):
        times = begins(hour, minute, zone, expected)
        ends = [b + duration for b in times if b <= expected < b + duration]
        expected = max(ends, default=expected)
    assert frozen_until([daily], now) == (expected if expected > now else None)


@pytest.mark.parametrize(
    "line",
    [
        "0 17 * * FRI",
        "*/15 0-6,22-23 1,15 JAN-MAR,dec mon-fri",
        "0 0 * * 7",
        "5-59/10 * * * *",
    ],
)
def test_lines_that_are_taken(line: str) -> None:
    assert cron_mistake(line) is None


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("", "five fields"),
        ("* * * * * *", "five fields"),
        ("@daily", "five fields"),
        ("0 " * 150, "five fields"),
        ("60 * * * *", "a possible minute"),
        ("0 24 * * *", "a possible hour"),
        ("0 0 0 * *", "a possible day-of-month"),
        ("0 0 * 13 *", "a possible month"),
        ("0 0 * * 8", "a possible day-of-week"),
        ("0 0 * * FRI-MON", "a possible day-of-week"),
        ("0 0 30 2 *", "a possible day-of-month"),
        ("0 0 L * *", "a day of the month of numbers"),
        ("0 0 * * MON#1", "a day of the week of numbers"),
        ("0 0 * * 5L", "a day of the week of numbers"),
        ("5/15 * * * *", "a minute of numbers"),
        ("*/0 * * * *", "a possible minute"),
        ("MON * * * *", "a minute of numbers"),
        ("٣ * * * *", "a minute of numbers"),
    ],
)
def test_lines_that_are_not(line: str, what: str) -> None:
    assert what in (cron_mistake(line) or "")


def test_a_line_is_told_what_its_fields_may_hold() -> None:
    told = "must have a minute of numbers, `*`, `,`, `-` and `/`"
    assert cron_mistake("MON * * * *") == told


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5", "EST"]
)
def test_zones_that_are_taken(name: str) -> None:
    assert zone_mistake(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "", "Berlin", "Europe", "Europe/", "/etc/passwd", "../UTC", "Europe/../UTC",
        "localtime", "Factory", "posix/UTC", "right/UTC", "UTC\0", "UTC\n", "x" * 300,
        "europe/berlin", "Zürich",
    ],
)  # fmt: skip
def test_zones_that_are_not(name: str) -> None:
    assert zone_mistake(name)
