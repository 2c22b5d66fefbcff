"""Signing in: GitHub's web flow, with PKCE, and what an application gets of it.

Where somebody would type a password there is a page on which one of the people is
chosen; GitHub's own parameter `login` chooses at once. Nothing here is JSON unless it
is asked for, and what is wrong with a trade is told with status 200, as at GitHub.
"""

import base64
import hashlib
import hmac
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from github_sandbox import tokens
from github_sandbox.bodies import read_json
from github_sandbox.clients import Client
from github_sandbox.errors import ApiError, not_found, validation_failed
from github_sandbox.routes.sign_in_page import page
from github_sandbox.sandbox import Answer, Call

_DOCS = "https://docs.github.com/apps"
_WRONG = {
    "bad_refresh_token": "The refresh token passed is incorrect or expired.",
    "bad_verification_code": "The code passed is incorrect or expired.",
    "incorrect_client_credentials": (
        "The client_id and/or client_secret passed are incorrect."
    ),
    "redirect_uri_mismatch": (
        "The redirect_uri MUST match the registered callback URL for this application."
    ),
    "unsupported_grant_type": "The grant type is not supported.",
}


class WrongError(Exception):
    """A trade that GitHub refuses; the text is its word for why."""


async def authorize(call: Call) -> Answer:
    client = call.sandbox.settings.client(call.query.get("client_id", ""))
    if client is None:
        raise not_found()
    asked = dict(call.query)
    back = asked.get("redirect_uri") or client.callback_url
    if not client.may_return_to(back):
        return _refused(client.callback_url, asked, "redirect_uri_mismatch")
    if asked.get("code_challenge_method", "S256") != "S256":
        return _refused(back, asked, "invalid_request", "Only S256 is supported.")
    if "cancel" in asked:
        denied = "The user has denied your application access."
        return _refused(back, asked, "access_denied", denied)
    person = call.sandbox.people.find(asked.get("login", ""))
    if person is None:
        return _html(page(call.path, asked, call.sandbox.people.who_sign_in()))
    code = tokens.issue_code(call, client, person.login, back, asked)
    return _redirect(back, {"code": code, **_state(asked)})


async def access_token(call: Call) -> Answer:
    try:
        told = _trade(call, _body(call))
    except WrongError as wrong:
        told = _error(str(wrong))
    else:
        if call.sandbox.faults.hits_sign_in("bad_gateway_after_success"):
            raise ApiError(502, "Bad Gateway")
    if "json" in call.headers.get("Accept", ""):
        return Answer(told)
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Answer(raw=urlencode(told).encode(), headers=form)


async def delete_token(call: Call) -> Answer:
    call.store.user_tokens.delete(_token_of_body(call))
    return Answer(status=204)


async def delete_grant(call: Call) -> Answer:
    token = _token_of_body(call)
    client = call.sandbox.settings.client(token.client_id)
    if client:
        tokens.revoke(call, client, token.login)
    return Answer(status=204)


def _trade(call: Call, body: dict[str, str]) -> dict[str, Any]:
    client = call.sandbox.settings.client(body.get("client_id", ""))
    given = body.get("client_secret", "").encode()
    if client is None or not hmac.compare_digest(given, client.secret.encode()):
        raise WrongError("incorrect_client_credentials")
    match body.get("grant_type", "authorization_code"):
        case "authorization_code":
            return _trade_code(call, client, body)
        case "refresh_token":
            return _refresh(call, client, body)
    raise WrongError("unsupported_grant_type")


def _trade_code(call: Call, client: Client, body: dict[str, str]) -> dict[str, Any]:
    code = tokens.take_code(call, body.get("code", ""))
    if code is None or code.client_id != client.id:
        raise WrongError("bad_verification_code")
    if body.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
        raise WrongError("redirect_uri_mismatch")
    if code.challenge and _challenge(body.get("code_verifier", "")) != code.challenge:
        raise WrongError("bad_verification_code")
    return tokens.issue_token(call, client, code.login, code.scope)


def _refresh(call: Call, client: Client, body: dict[str, str]) -> dict[str, Any]:
    ended = tokens.take_refresh(call, client, body.get("refresh_token", ""))
    if ended is None or call.sandbox.people.find(ended.login) is None:
        raise WrongError("bad_refresh_token")
    return tokens.issue_token(call, client, ended.login, ended.scope)


def _challenge(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


def _body(call: Call) -> dict[str, str]:
    if "json" in call.headers.get("Content-Type", ""):
        told = read_json(call.raw_body)
        fields = told.items() if isinstance(told, dict) else ()
        return {key: value for key, value in fields if isinstance(value, str)}
    return dict(parse_qsl(call.raw_body.decode("utf-8", "replace")))


def _token_of_body(call: Call) -> Any:
    body = read_json(call.raw_body)
    told = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(told, str):
        _no_token("access_token is missing")
    found = tokens.find_token(call, told)
    if found is None or found.client_id != call.where["client_id"]:
        _no_token("access_token is not of this application")
    return found


def _no_token(why: str) -> NoReturn:
    raise validation_failed("OauthAccess", "access_token", why)


def _error(word: str) -> dict[str, Any]:
    where = f"{_DOCS}/oauth-apps/maintaining-oauth-apps#{word.replace('_', '-')}"
    return {"error": word, "error_description": _WRONG[word], "error_uri": where}


def _refused(back: str, asked: dict[str, str], word: str, why: str = "") -> Answer:
    told = {"error": word, "error_description": why or _WRONG[word]}
    return _redirect(back, told | _state(asked))


def _state(asked: dict[str, str]) -> dict[str, str]:
    return {"state": asked["state"]} if "state" in asked else {}


def _redirect(back: str, told: dict[str, str]) -> Answer:
    parts = urlsplit(back)
    query = urlencode([*parse_qsl(parts.query), *told.items()])
    there = urlunsplit(parts._replace(query=query))
    return Answer(status=302, headers={"Location": there})


def _html(text: str) -> Answer:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
    }
    return Answer(raw=text.encode(), headers=headers)
