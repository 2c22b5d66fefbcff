"""Signing in with GitHub over HTTP: what is sent, and what may be repeated."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import aiohttp
import orjson
import pytest
from aiohttp import web

from shared.github import (
    Ambiguous,
    CodeRefused,
    Grant,
    OAuthApp,
    Timeouts,
    Unreachable,
    new_secret,
)
from shared.github.oauth import challenge

from .conftest import Clock, GitHub

CALLBACK = "https://gitploy.example/signin"
TOKEN = {"access_token": "gho_x", "scope": "repo", "token_type": "bearer"}


@pytest.fixture
def app(github: GitHub, session: aiohttp.ClientSession, clock: Clock) -> OAuthApp:
    web_url = github.url.removesuffix("/api/v3")
    times = Timeouts(write=0.2)
    return OAuthApp(session, web_url, "Ov23", "the secret", clock=clock, timeouts=times)


def test_the_address_holds_no_secret(app: OAuthApp) -> None:
    verifier = new_secret()
    url = app.authorize_url(
        redirect_uri=CALLBACK,
        state="s&s",
        verifier=verifier,
        scopes=["repo", "read:org"],
    )
    assert urlsplit(url).path == "/login/oauth/authorize"
    assert parse_qs(urlsplit(url).query) == {
        "client_id": ["Ov23"],
        "redirect_uri": [CALLBACK],
        "scope": ["repo read:org"],
        "state": ["s&s"],
        "code_challenge": [challenge(verifier)],
        "code_challenge_method": ["S256"],
    }
    assert verifier not in url
    assert "the secret" not in url


async def test_a_code_is_traded(github: GitHub, app: OAuthApp) -> None:
    github.says(200, TOKEN)
    traded = await app.exchange("a code", verifier="v", redirect_uri=CALLBACK)
    assert traded == Grant("gho_x", frozenset({"repo"}))
    (seen,) = github.seen
    assert (seen.method, seen.path) == ("POST", "/login/oauth/access_token")
    assert seen.query == {}
    assert seen.headers["accept"] == "application/json"
    assert "authorization" not in seen.headers
    assert orjson.loads(seen.body) == {
        "client_id": "Ov23",
        "client_secret": "the secret",
        "code": "a code",
        "code_verifier": "v",
        "redirect_uri": CALLBACK,
    }


async def test_a_refresh_token_is_traded(github: GitHub, app: OAuthApp) -> None:
    github.says(200, TOKEN)
    assert isinstance(await app.refresh("ghr_x"), Grant)
    assert orjson.loads(github.seen[0].body) == {
        "client_id": "Ov23",
        "client_secret": "the secret",
        "grant_type": "refresh_token",
        "refresh_token": "ghr_x",
    }


async def test_nothing_is_traded_twice(github: GitHub, app: OAuthApp) -> None:
    refused = {"error": "bad_verification_code", "error_description": "No."}
    github.says(200, refused).says(502).says(302, b"", Location=f"{github.url}/x")
    wanted = (CodeRefused, Ambiguous, Ambiguous)
    for kind in wanted:
        traded = await app.exchange("a code", verifier="v", redirect_uri=CALLBACK)
        assert isinstance(traded, kind)
    assert len(github.seen) == len(wanted)


async def test_an_answer_that_comes_too_late_is_none(
    github: GitHub, app: OAuthApp
) -> None:
    async def late(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(1)
        return web.Response()

    github.replies.append(late)
    assert isinstance(await app.refresh("ghr_x"), Ambiguous)


async def test_a_github_that_is_away_got_nothing(
    session: aiohttp.ClientSession,
) -> None:
    app = OAuthApp(session, "http://127.0.0.1:1", "Ov23", "the secret")
    traded = await app.refresh("ghr_x")
    assert isinstance(traded, Unreachable)
    assert "ghr_x" not in f"{traded!r} {app!r}"
    assert "the secret" not in f"{traded!r} {app!r}"
