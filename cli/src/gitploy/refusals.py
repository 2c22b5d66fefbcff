"""What the gateway refuses, as a sentence, what to do next, and an exit code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitploy.failing import ABSENT, FAILED, FORBIDDEN, UNREACHED, WRONG, CommandError

CODES: Final = {
    400: WRONG,
    401: FORBIDDEN,
    403: FORBIDDEN,
    404: ABSENT,
    405: WRONG,
    413: WRONG,
    429: UNREACHED,
}
NEXT: Final = {
    "permission_required": "Ask an administrator of the repository for more, or for "
    "a token with a wider scope.",
    "deployment_locked": "`gitploy locks` shows who has locked what.",
    "lock_already_exist": "`gitploy lock --take-over` puts yours in its place.",
    "config_parse_error": "`gitploy config validate` finds such mistakes beforehand.",
    "config_undefined_env": "`gitploy config get` shows those that there are.",
    "deployment_not_approved": "`gitploy deployment approve` approves it.",
}
REPOSITORY: Final = re.compile(r"/api/v1/repos/([^/]+/[^/]+)")
#: Checks that say why not.
AGAINST: Final = frozenset({"failed", "pending"})


class Refused(CommandError):
    """The gateway's answer, which programs may want whole."""

    def __init__(
        self, message: str, code: int, more: list[str], body: Mapping[str, Any]
    ) -> None:
        super().__init__(message, code, more)
        self.body = body


def refusal(url: str, status: int, told: Any, after: str) -> Refused:
    """Why a request was not carried out; `after` is what its headers say."""
    body = told if isinstance(told, dict) else {}
    exit_code = CODES.get(status, UNREACHED if status >= 500 else FAILED)
    said = str(body.get("message") or f"{url} answers HTTP {status}")
    more = [*against(body), *_problems(body), *_next(url, status, body, after)]
    return Refused(_sentence(said), exit_code, more, body)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _problems(body: Mapping[str, Any]) -> Iterator[str]:
    for problem in body.get("problems") or ():
        where = f"{body.get('config_path')}:{problem['line']}:{problem['column']}"
        yield f"{where}: {problem['message']}"


def against(body: Mapping[str, Any]) -> Iterator[str]:
    """The checks that keep a deployment from going out, unless they say the same."""
    for check in body.get("checks") or ():
        if check["state"] in AGAINST and check["message"] != body.get("message"):
            yield f"{check['code']}: {check['message']}"


def _next(url: str, status: int, body: Mapping[str, Any], after: str) -> Iterator[str]:
    if 300 <= status < 400:
        yield f"The gateway has moved to {after}: name that with --host."
    elif status == 401:
        yield "Log in with `gitploy login`, or give a token in GITPLOY_TOKEN."
    elif status == 404 and not url.endswith("/review"):
        yield "Either it isn't there, or you may not see it."
        name = _repository(url)
        if name and str(body.get("message")).endswith(f"know the repository {name}."):
            yield f"A new one is followed from `gitploy repo activate {name}` on."
    elif status in {429, 503} and after:
        if f"again in {after} s" not in str(body.get("message")):
            yield f"Try again in {after} s."
    elif status >= 500:
        yield "Try again; `gitploy doctor` looks for the reason."
    elif number := body.get("number"):
        yield f"`gitploy explain {_repository(url)} {number}` says more."
    elif advice := NEXT.get(str(body.get("code"))):
        yield advice


def _repository(url: str) -> str:
    found = REPOSITORY.search(url)
    return found[1] if found else ""
