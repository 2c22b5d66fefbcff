"""The marker: how a deployment at GitHub is known to be one of ours.

GitHub has no idempotency key and its webhooks know nothing of our ids, so the id
travels inside. An object payload gets the key `gitploy`; a string payload belongs to
the deploy tool, so there the description ends with `(gitploy <uuid>)`. With it a
retry finds what a crash left behind, and a webhook needs no look-up. Our own `error`
statuses end their description the same way, with the id of the command behind them.

Anybody may write a marker. Who believes one compares the GitHub id with what was
recorded when the deployment was created.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

KEY: Final = "gitploy"
#: GitHub refuses a longer description of a status, and ours of deployments keep to it.
DESCRIPTION_LIMIT: Final = 140

#: The one state that we post with a mark.
OUR_STATE: Final = "error"

_SUFFIX: Final = re.compile(r"\(gitploy ([0-9a-f-]{36})\)\s*\Z", re.IGNORECASE)


class UnmarkablePayload(ValueError):
    """The payload is of a kind that GitHub doesn't take."""


@dataclass(frozen=True)
class Marker:
    deployment_id: UUID
    number: int
    ref: str
    requested_by: str
    is_rollback: bool = False
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is unknown is left out."""
        told = {**vars(self), "deployment_id": str(self.deployment_id)}
        return told if self.url else {k: v for k, v in told.items() if k != "url"}


def add_marker(
    payload: Any, description: str | None, marker: Marker
) -> tuple[dict[str, Any] | str, str]:
    """The payload and the description to send; without a payload an object is sent."""
    text = description or ""
    match payload:
        case None:
            return {KEY: marker.as_json()}, _cut(text, DESCRIPTION_LIMIT)
        case Mapping():
            marked = {**payload, KEY: marker.as_json()}
            return marked, _cut(text, DESCRIPTION_LIMIT)
        case str():
            return payload, _with_suffix(text, marker.deployment_id)
        case _:
            raise UnmarkablePayload(
                "a deployment's payload is an object or a string at GitHub, "
                f"not {type(payload).__name__}: change `payload` in deploy.yml"
            )


def find_marker(payload: Any, description: str | None) -> UUID | None:
    """Our deployment's id, if this deployment at GitHub carries one.

    GraphQL gives every payload as a string. A string that was sent as one was left
    alone, and may look like anything: there the description comes first.
    """
    if isinstance(payload, str):
        return _suffix(description) or _in_object(_decoded(payload))
    return _in_object(payload) or _suffix(description)


def mark_status(description: str | None, command_id: UUID) -> str:
    """The description of a status that we post ourselves."""
    return _with_suffix(description or "", command_id)


def status_mark(state: str, description: str | None) -> UUID | None:
    """The command that posted the status, if it was ours.

    We post `error` and nothing else. A tool that repeats its deployment's description,
    which may end with our marker, must not lose its own statuses by that.
    """
    return _suffix(description) if state == OUR_STATE else None


def _with_suffix(text: str, uuid: UUID) -> str:
    suffix = f"(gitploy {uuid})"
    kept = _cut(text, DESCRIPTION_LIMIT - len(suffix) - 1)
    return f"{kept} {suffix}" if kept else suffix


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _suffix(description: str | None) -> UUID | None:
    found = _SUFFIX.search(description or "")
    return _uuid(found[1]) if found else None


def _in_object(payload: Any) -> UUID | None:
    marker = payload.get(KEY) if isinstance(payload, Mapping) else None
    return _uuid(marker.get("deployment_id")) if isinstance(marker, Mapping) else None


def _decoded(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
