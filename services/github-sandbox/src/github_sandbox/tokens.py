"""Gives out what proves who somebody is, once, and remembers only its digest."""

import hashlib
import secrets
import time
from typing import Any

from github_sandbox import webhooks
from github_sandbox.clients import Client
from github_sandbox.records import Code, InstallationToken, UserToken
from github_sandbox.sandbox import Call

REFRESHABLE_S = 15_811_200


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()


def issue_code(
    call: Call, client: Client, login: str, redirect_uri: str, asked: dict[str, str]
) -> str:
    code = secrets.token_hex(10)
    call.store.codes.put(
        Code(
            id=call.store.next_id(),
            digest=digest(code),
            client_id=client.id,
            login=login,
            redirect_uri=redirect_uri,
            challenge=asked.get("code_challenge", ""),
            scope=_normal(asked.get("scope", "")),
            until=time.time() + call.sandbox.faults.sign_in("code_life_s"),
        )
    )
    return code


def take_code(call: Call, code: str) -> Code | None:
    """The code, if it still holds; it holds no more from now on."""
    for known in call.store.codes.of(digest(code)):
        call.store.codes.delete(known)
        return known if time.time() < known.until else None
    return None


def issue_token(call: Call, client: Client, login: str, scope: str) -> dict[str, Any]:
    """A token, as it is told to the client."""
    app = call.sandbox.settings.app
    if app is None or app.client.id != client.id:
        token = f"gho_{secrets.token_urlsafe(27)}"
        _keep(call, client, login, token, scope)
        return {"access_token": token, "token_type": "bearer", "scope": scope}
    token, refresh = (f"{kind}_{secrets.token_urlsafe(57)}" for kind in ("ghu", "ghr"))
    life = call.sandbox.faults.sign_in("token_life_s")
    _keep(call, client, login, token, "", time.time() + life, digest(refresh))
    return {
        "access_token": token,
        "expires_in": int(life),
        "refresh_token": refresh,
        "refresh_token_expires_in": REFRESHABLE_S,
        "token_type": "bearer",
        "scope": "",
    }


def take_refresh(call: Call, client: Client, refresh: str) -> UserToken | None:
    """Who the refresh token is of; it and its token end with this."""
    wanted = digest(refresh)
    for token in call.store.user_tokens:
        if token.refresh_digest == wanted and token.client_id == client.id:
            call.store.user_tokens.delete(token)
            return token
    return None


def find_token(call: Call, token: str) -> UserToken | None:
    for known in call.store.user_tokens.of(digest(token)):
        if known.until is None or time.time() < known.until:
            return known
    return None


def find_installation_token(call: Call, token: str) -> InstallationToken | None:
    for known in call.store.installation_tokens.of(digest(token)):
        if time.time() < known.until:
            return known
    return None


def revoke(call: Call, client: Client, login: str) -> int:
    """End all tokens that somebody gave to a client; says how many there were."""
    ended = [
        token
        for token in call.store.user_tokens
        if (token.client_id, token.login) == (client.id, login)
    ]
    for token in ended:
        call.store.user_tokens.delete(token)
    app = call.sandbox.settings.app
    if ended and app and app.client.id == client.id:
        revoked = {"action": "revoked"}
        webhooks.tell_app(call, "github_app_authorization", revoked, login)
    return len(ended)


def _keep(
    call: Call,
    client: Client,
    login: str,
    token: str,
    scope: str,
    until: float | None = None,
    refresh_digest: str = "",
) -> None:
    call.store.user_tokens.put(
        UserToken(
            id=call.store.next_id(),
            digest=digest(token),
            client_id=client.id,
            login=login,
            scope=scope,
            until=until,
            refresh_digest=refresh_digest,
        )
    )


def _normal(scope: str) -> str:
    """Clients separate scopes by spaces or commas; GitHub answers with commas."""
    return ",".join(sorted(set(scope.replace(",", " ").split())))
