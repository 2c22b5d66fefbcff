"""How much one client may ask in a while."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web import ApiError, Rates
from shared.web import rates as module


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refused(rates: Rates, client: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        rates.take(client)
    return caught.value


def test_one_too_many_is_refused_and_told_when_to_come_again() -> None:
    rates = Rates(2, clock := Clock())
    rates.take("ann")
    rates.take("ann")
    error = refused(rates, "ann")
    assert (error.status, error.code) == (429, "rate_limited")
    assert error.headers == {"Retry-After": "30"}
    assert "30 s" in error.message
    clock.now += 30
    rates.take("ann")


def test_each_client_has_a_share_of_its_own() -> None:
    rates = Rates(1, Clock())
    rates.take("ann")
    rates.take("bob")
    refused(rates, "ann")


def test_looking_counts_nothing() -> None:
    rates = Rates(1, Clock())
    for _ in range(9):
        rates.check("ann")
    rates.take("ann")
    with pytest.raises(ApiError):
        rates.check("ann")


def test_who_asks_least_lately_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    rates = Rates(1, Clock())
    for client in ("ann", "bob", "carl"):
        rates.take(client)
    refused(rates, "carl")
    rates.take("ann")


@given(st.floats(0.5, 600), st.lists(st.floats(0, 30), max_size=60))
def test_nobody_gets_more_than_a_share_and_what_time_adds(
    per_minute: float, pauses: list[float]
) -> None:
    rates, begun = Rates(per_minute, clock := Clock()), 100.0
    given_out = 0
    for pause in pauses:
        clock.now += pause
        with suppress(ApiError):
            rates.take("ann")
            given_out += 1
    gained = (clock.now - begun) * per_minute / 60
    assert given_out <= max(per_minute, 1) + gained + 1e-6
