"""What has happened to a deployment, as lines for a person.

Each live event of the gateway becomes a step, or nothing if it tells nothing new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Document = Mapping[str, Any]
#: Phases that statuses tell, one line each with its log.
TOLD_BY_STATUSES = frozenset({"queued", "running", "success", "failure", "error"})
STYLES = {
    "success": "bold green",
    "rejected": "bold red",
    "refused": "bold red",
    "failure": "bold red",
    "error": "bold red",
    "gone": "bold red",
    "canceled": "yellow",
    "canceling": "yellow",
}


@dataclass(frozen=True)
class Step:
    time: str
    number: int
    environment: str
    ref: str
    word: str
    sentence: str
    url: str = ""

    @property
    def style(self) -> str:
        return STYLES.get(self.word, "cyan")


class Steps:
    """Remembers what was told of each deployment."""

    def __init__(self) -> None:
        self._told: dict[int, tuple[str, str]] = {}

    def of(self, event: str, document: Document) -> Step | None:
        """The step that an event tells."""
        if event == "deployment_status":
            return _status(document)
        if event != "deployment" or document["phase"] in TOLD_BY_STATUSES:
            return None
        step = _deployment(document)
        told = (step.word, step.sentence)
        if self._told.get(document["id"]) == told:
            return None
        self._told[document["id"]] = told
        return step


def _status(status: Document) -> Step | None:
    deployment = status["edges"].get("deployment")
    if deployment is None:
        return None
    return Step(
        _clock(status["created_at"]),
        deployment["number"],
        deployment["env"],
        deployment["ref"],
        "running" if status["status"] == "in_progress" else status["status"],
        status["description"],
        status["log_url"],
    )


def _deployment(document: Document) -> Step:
    word = document["phase"]
    return Step(
        _clock(document["updated_at"]),
        document["number"],
        document["env"],
        document["ref"],
        "verified" if word == "dispatching" else word,
        _sentence(document),
    )


def _sentence(document: Document) -> str:
    waits = document["waits_for"] or {}
    message = document["message"] or waits.get("message")
    if message:
        return str(message)
    commit = (document["sha"] or "")[:7]
    match document["phase"]:
        case "requested":
            return f"{document['edges']['user']['login']} wants it there."
        case "dispatching":
            good = sum(check["state"] == "passed" for check in document["checks"])
            return f"{commit} may be deployed: {good} checks passed."
        case "created":
            return f"GitHub has {commit} as deployment {document['uid']}."
        case _:
            return ""


def _clock(time: str) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%H:%M:%S")
