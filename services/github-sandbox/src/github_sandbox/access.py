"""Who is asking, and whether they may: what a request passes before its handler.

GitHub hides what somebody may not see (404), and says what they may not do (403). Of
hooks it denies that there are any.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from github_sandbox import tokens
from github_sandbox.errors import ApiError, bad_credentials, not_found
from github_sandbox.records import Repository
from github_sandbox.sandbox import Call, Caller
from github_sandbox.settings import PERMISSIONS

Admit = Callable[[Call], None]

_AUTHORIZATION = re.compile(r"(?:token|bearer) +(\S+)", re.IGNORECASE)
_BASIC = re.compile(r"basic +(\S+)", re.IGNORECASE)
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
        held = call.sandbox.people.role(call.user)
        if PERMISSIONS.index(held) < PERMISSIONS.index(self.role):
            if self.permission == "repository_hooks":
                raise not_found()
            right = "admin rights" if self.role == "admin" else "push access"
            raise ApiError(403, f"Must have {right} to Repository.")

    def _in_scope(self, caller: Caller) -> bool:
        if caller.scopes is None:
            return True
        enough = {"repo", _NARROW_SCOPES.get(self.permission, "repo")}
        return not enough.isdisjoint(caller.scopes)


def _caller(call: Call, token: str) -> Caller | None:
    sandbox = call.sandbox
    login = sandbox.settings.tokens.get(token)
    if login is not None:
        return Caller(login) if sandbox.people.find(login) else None
    known = tokens.find_token(call, token)
    if known is None or sandbox.people.find(known.login) is None:
        return None
    oauth = sandbox.settings.oauth
    if oauth and oauth.id == known.client_id:
        return Caller(known.login, tuple(filter(None, known.scope.split(","))))
    return Caller(known.login)


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
