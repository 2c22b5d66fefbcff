"""Who is asking, and whether they may: what a request passes before its handler.

GitHub hides what somebody may not see (404), and says what they may not do (403). Of
hooks it denies that there are any.
"""

import base64
import binascii
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from github_sandbox import tokens
from github_sandbox.errors import ApiError, bad_credentials, not_found
from github_sandbox.records import Repository
from github_sandbox.sandbox import Call, Caller
from github_sandbox.settings import PERMISSIONS

Admit = Callable[[Call], None]

_AUTHORIZATION = re.compile(r"(?:token|bearer) +(\S+)", re.IGNORECASE)
_BASIC = re.compile(r"basic +(\S+)", re.IGNORECASE)
_LONGEST_JWT_S = 600
_NARROW_SCOPES = {
    "deployments": "repo_deployment",
    "statuses": "repo:status",
    "repository_hooks": "admin:repo_hook",
}


def by_anybody(_: Call) -> None:
    """Who it is must show elsewhere."""


def by_token(call: Call) -> None:
    """Admit everybody whose token is known."""
    given = _AUTHORIZATION.fullmatch(call.headers.get("Authorization", ""))
    caller = _caller(call, given[1]) if given else None
    if caller is None:
        raise bad_credentials()
    call.user, call.caller = caller.login, caller


def by_client(call: Call) -> None:
    """Admit the application that the path names, by its secret."""
    given = _BASIC.fullmatch(call.headers.get("Authorization", ""))
    client = call.sandbox.settings.client(call.where["client_id"])
    if client is None:
        raise not_found()
    wanted = f"{client.id}:{client.secret}".encode()
    if given is None or not hmac.compare_digest(_decoded(given[1]), wanted):
        raise bad_credentials()


@dataclass(frozen=True)
class Needs:
    """Admit whoever may do something in the repository."""

    role: str
    """What a person has to be there, in the words of `PERMISSIONS`."""
    permission: str
    """What an App, or a narrower scope, has to be given."""
    access: str = "read"

    def __call__(self, call: Call) -> None:
        by_token(call)
        _check_repository(call)
        if not (call.sees_repository and self._in_scope(call.caller)):
            raise not_found()
        granted = call.caller.permissions
        if granted is not None and not grants(granted, self.permission, self.access):
            wanted = f"{self.permission}={self.access}"
            raise not_for_apps(wanted)
        if PERMISSIONS.index(call.role) < PERMISSIONS.index(self.role):
            if self.permission == "repository_hooks":
                raise not_found()
            right = "admin rights" if self.role == "admin" else "push access"
            raise ApiError(403, f"Must have {right} to Repository.")

    def _in_scope(self, caller: Caller) -> bool:
        if caller.scopes is None:
            return True
        enough = {"repo", _NARROW_SCOPES.get(self.permission, "repo")}
        return not enough.isdisjoint(caller.scopes)


def grants(granted: Mapping[str, str], permission: str, access: str) -> bool:
    if permission == "metadata" and access == "read":
        return True
    held = granted.get(permission)
    return held in {access, "write", "admin"}


def not_for_apps(wanted: str = "") -> ApiError:
    headers = {"X-Accepted-GitHub-Permissions": wanted} if wanted else {}
    return ApiError(403, "Resource not accessible by integration", headers=headers)


def by_person(call: Call) -> None:
    """Admit people, also those on whose behalf an App speaks."""
    by_token(call)
    if call.caller.acts_as == "installation":
        raise not_for_apps()


def by_app(call: Call) -> None:
    """Admit the App itself, by the JWT that it signed."""
    given = _AUTHORIZATION.fullmatch(call.headers.get("Authorization", ""))
    app = call.sandbox.settings.app
    if app is None or given is None:
        raise bad_credentials()
    try:
        claims = jwt.decode(
            given[1],
            app.public_key,
            algorithms=["RS256"],
            options={"require": ["exp", "iat", "iss"]},
        )
    except jwt.InvalidTokenError as error:
        raise ApiError(401, "A JSON web token could not be decoded") from error
    if claims["exp"] - time.time() > _LONGEST_JWT_S:
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
    if str(claims["iss"]) not in {app.client.id, str(app.id)}:
        raise ApiError(401, "'Issuer' claim ('iss') must be an Integer")
    call.user = app.login


def by_app_of_repository(call: Call) -> None:
    by_app(call)
    _check_repository(call)


def _caller(call: Call, token: str) -> Caller | None:
    sandbox = call.sandbox
    login = sandbox.settings.tokens.get(token)
    if login is not None:
        return Caller(login) if sandbox.people.find(login) else None
    if installed := _installation(call, token):
        return installed
    known = tokens.find_token(call, token)
    if known is None or sandbox.people.find(known.login) is None:
        return None
    oauth = sandbox.settings.oauth
    if oauth and oauth.id == known.client_id:
        return Caller(known.login, tuple(filter(None, known.scope.split(","))))
    installation = sandbox.installation
    return Caller(
        known.login, permissions=installation.permissions if installation else {}
    )


def _installation(call: Call, token: str) -> Caller | None:
    app, installation = call.sandbox.settings.app, call.sandbox.installation
    if app is None or installation is None or installation.suspended_at:
        return None
    known = tokens.find_installation_token(call, token)
    if known is None:
        return None
    return Caller(app.login, permissions=known.permissions, acts_as="installation")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _check_repository(call: Call) -> None:
    where, known = call.where, call.sandbox.repository
    if call.sandbox.hidden:
        raise not_found()
    if where.get("repository_id", str(known.id)) != str(known.id):
        raise not_found()
    if "repo" in where:
        _check_name(call, f"{where['owner']}/{where['repo']}", known)


def _check_name(call: Call, asked: str, known: Repository) -> None:
    """Whoever asks by a former name is sent on to the number, which never changes."""
    if asked.casefold() == known.full_name.casefold():
        return
    if asked.casefold() not in [name.casefold() for name in known.former_names]:
        raise not_found()
    rest = call.path.removeprefix("/repos/").split("/", 2)[2:]
    here = f"{call.links.base}/repositories/{'/'.join([str(known.id), *rest])}"
    permanent = call.method in ("GET", "HEAD")
    raise ApiError(
        301 if permanent else 307,
        "Moved Permanently" if permanent else "Temporary Redirect",
        headers={"Location": here},
    )
