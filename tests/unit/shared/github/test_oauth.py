"""What GitHub's answer to a trade means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.github import (
    Ambiguous,
    ClientRefused,
    CodeRefused,
    Grant,
    RateLimited,
    RefreshRefused,
)
from shared.github.oauth import challenge, classify_trade, new_secret

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PAIR = {
    "access_token": "ghu_x",
    "expires_in": 28800,
    "refresh_token": "ghr_x",
    "refresh_token_expires_in": 15811200,
    "scope": "",
    "token_type": "bearer",
}


def traded(status: int, told: Any) -> Any:
    body = told if isinstance(told, bytes) else orjson.dumps(told)
    return classify_trade(status, {}, body, NOW)


def test_an_oauth_apps_token_has_scopes_and_no_end() -> None:
    told = {"access_token": "gho_x", "scope": "repo,read:org", "token_type": "bearer"}
    assert traded(200, told) == Grant("gho_x", frozenset({"repo", "read:org"}))


def test_an_apps_token_ends_and_can_be_refreshed() -> None:
    wanted = Grant("ghu_x", frozenset(), NOW + timedelta(hours=8), "ghr_x")
    assert traded(200, PAIR) == wanted
    assert traded(200, PAIR | {"expires_in": "28800"}) == wanted


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("bad_verification_code", CodeRefused),
        ("unverified_user_email", CodeRefused),
        ("bad_refresh_token", RefreshRefused),
        ("incorrect_client_credentials", ClientRefused),
        ("redirect_uri_mismatch", ClientRefused),
        ("application_suspended", ClientRefused),
    ],
)
def test_a_refusal_comes_with_status_200(error: str, kind: type[object]) -> None:
    told = {"error": error, "error_description": "Because."}
    refused = traded(200, told)
    assert isinstance(refused, kind)
    assert refused.message == "Because."  # type: ignore[attr-defined]
    # A token beside an error is no token.
    assert isinstance(traded(200, PAIR | told), kind)


def test_an_application_that_github_does_not_know() -> None:
    assert isinstance(traded(404, b"Not Found"), ClientRefused)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, b""),
        (200, b"{"),
        (200, []),
        (200, {}),
        (200, {"access_token": ""}),
        (200, {"access_token": None}),
        (200, PAIR | {"expires_in": -1}),
        (200, PAIR | {"expires_in": 10**18}),
        (302, b""),
        (500, {"error": "bad_verification_code"}),
        (502, b"<html>"),
    ],
)
def test_what_tells_nothing_may_have_happened(status: int, told: Any) -> None:
    assert isinstance(traded(status, told), Ambiguous)


def test_a_limit_is_told() -> None:
    assert isinstance(traded(429, b"slow down"), RateLimited)


@given(st.integers(100, 599), st.binary())
def test_every_answer_has_a_meaning(status: int, body: bytes) -> None:
    assert not isinstance(traded(status, body), Grant)


def test_no_secret_shows() -> None:
    shown = repr(traded(200, PAIR))
    assert "ghu_x" not in shown
    assert "ghr_x" not in shown


def test_the_challenge_of_a_verifier() -> None:
    # The example of RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert 43 <= len(new_secret()) <= 128
    assert new_secret() != new_secret()
