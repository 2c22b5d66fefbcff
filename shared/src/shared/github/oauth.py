"""How people sign in with GitHub: the web flow with PKCE, and the refresh of tokens.

A code and a refresh token are good once, so a trade goes out once and is never
repeated here. Its outcome says what the caller can do: after `CodeRefused` the person
begins again, after `RefreshRefused` they sign in again, `ClientRefused` is for whoever
runs Gitploy. `Unreachable` surely spent nothing; after `Ambiguous` what was traded may
be spent. No token, code or secret is shown by a `repr` or stands in an address.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import aiohttp
from pydantic import Field, ValidationError

from .classify import Headers, described
from .limits import Clock, RateLimited, read_limit, utc_now
from .outcomes import Ambiguous, Unreachable
from .resources import Resource, Text
from .wire import NOBODY, Call, NoAnswer, NotSent, OnCall, Timeouts, Wire

AUTHORIZE: Final = "/login/oauth/authorize"
TRADE: Final = "/login/oauth/access_token"
_LONGEST_S: Final = 10 * 365 * 24 * 3600
_OF_A_CODE: Final = {"bad_verification_code", "unverified_user_email"}


@dataclass(frozen=True)
class Grant:
    """What GitHub gave: with it we speak on somebody's behalf."""

    access_token: str = field(repr=False)
    #: What an OAuth app was allowed; a GitHub App's tokens have no scopes.
    scopes: frozenset[str]
    #: None: the token has no end.
    expires_at: datetime | None = None
    #: Good once; the access token ends when it is used.
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CodeRefused:
    """The code is wrong, too old, used, or not for whoever brought it."""

    message: str


@dataclass(frozen=True)
class RefreshRefused:
    """The refresh token is wrong, too old, used, or was taken back."""

    message: str


@dataclass(frozen=True)
class ClientRefused:
    """GitHub does not take us as the application that we say we are."""

    #: GitHub's word: `incorrect_client_credentials`, `redirect_uri_mismatch` …
    error: str
    message: str


Lost = RateLimited | Unreachable | Ambiguous
TradeOutcome = Grant | CodeRefused | RefreshRefused | ClientRefused | Lost


def new_secret() -> str:
    """A `state`, or the verifier of PKCE: nobody guesses it."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    """What is shown of a verifier before it is."""
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


class OAuthApp:
    """An OAuth app or a GitHub App, as far as people sign in to it.

    Args:
        session: Shared; closed by who made it.
        web_url: Where people's browsers find GitHub, e.g. `https://github.com`.
        client_id: Which application we are.
        client_secret: What proves it.
        clock: The time now, in UTC.
        timeouts: In seconds.
        on_call: Told of every trade, for metrics.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        web_url: str,
        client_id: str,
        client_secret: str,
        *,
        clock: Clock = utc_now,
        timeouts: Timeouts | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        self._web_url = web_url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        times = timeouts or Timeouts()
        self._wire = Wire(session, self._web_url, "", times, clock, on_call)

    def authorize_url(
        self, *, redirect_uri: str, state: str, verifier: str, scopes: Iterable[str]
    ) -> str:
        """Where to send somebody who wants to sign in.

        Args:
            redirect_uri: Where GitHub sends them back to, with a code.
            state: Comes back as it is; only who has it began this.
            verifier: Kept until the exchange; only its challenge is in the address.
            scopes: What an OAuth app asks for; a GitHub App ignores them.
        """
        query = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._web_url}{AUTHORIZE}?{urlencode(query)}"

    async def exchange(
        self, code: str, *, verifier: str, redirect_uri: str
    ) -> TradeOutcome:
        """Trade the code that somebody brought back, once."""
        told = {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
        return await self._trade(told)

    async def refresh(self, refresh_token: str) -> TradeOutcome:
        """Trade a refresh token for a new pair, once; one at a time for each person.

        The pair must be kept before it is used: the old one is good for nothing.
        """
        told = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._trade(told)

    async def _trade(self, told: dict[str, str]) -> TradeOutcome:
        who = {"client_id": self._client_id, "client_secret": self._client_secret}
        call = Call("POST", TRADE, body=who | told, accept="application/json")
        try:
            answer = await self._wire.send(call, NOBODY)
        except NotSent as error:
            return Unreachable(str(error))
        except NoAnswer as error:
            return Ambiguous(str(error))
        return classify_trade(answer.status, answer.headers, answer.body, answer.at)


class _Told(Resource):
    access_token: Annotated[str, Field(min_length=1)] | None = None
    scope: Text = ""
    expires_in: int | None = Field(default=None, ge=0, le=_LONGEST_S)
    refresh_token: str | None = None
    error: Text = ""
    error_description: Text = ""


def classify_trade(
    status: int, headers: Headers, body: bytes, now: datetime
) -> TradeOutcome:
    """The answer to a trade. What GitHub refuses it mostly tells with status 200."""
    if limited := read_limit(status, headers, body, now):
        return limited
    try:
        told = _Told.model_validate_json(body)
    except ValidationError:
        told = _Told()
    if told.error and status < 500:
        return _refused(told.error, told.error_description or told.error)
    if status == 200 and told.access_token:
        return Grant(
            told.access_token,
            frozenset(told.scope.replace(",", " ").split()),
            _after(now, told.expires_in),
            told.refresh_token,
        )
    if status == 404:
        return ClientRefused("not_found", "GitHub knows no such application")
    return Ambiguous(described(status, headers))


def _refused(error: str, message: str) -> CodeRefused | RefreshRefused | ClientRefused:
    if error in _OF_A_CODE:
        return CodeRefused(message)
    if error == "bad_refresh_token":
        return RefreshRefused(message)
    return ClientRefused(error, message)


def _after(now: datetime, seconds: Any) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
