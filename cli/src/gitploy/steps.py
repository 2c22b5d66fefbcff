"""What has happened to deployments and environments, as lines for a person.

Each live event of the gateway becomes a step, or nothing if it tells nothing new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gitploy.text import SHORT

Document = Mapping[str, Any]
#: Phases that statuses tell, one line each with its log.
TOLD_BY_STATUSES: Final = frozenset(
    {"queued", "running", "success", "failure", "error"}
)
#: Where people have a shorter word for a phase, or a better one.
WORDS: Final = {
    "waiting_for_checks": "checks",
    "waiting_for_review": "review",
    "waiting_in_queue": "in line",
    "verifying": "sent",
    "dispatching": "verified",
}
STYLES: Final = {
    "success": "bold green",
    "rejected": "bold red",
    "refused": "bold red",
    "failure": "bold red",
    "error": "bold red",
    "gone": "bold red",
    "canceled": "yellow",
    "canceling": "yellow",
    "checks": "magenta",
    "review": "magenta",
    "in line": "magenta",
    "locked": "yellow",
    "held": "yellow",
}
WISHES: Final = {
    "push": "{who} pushed it.",
    "rollback": "{who} goes back to #{target}.",
    "retry": "{who} tries it again.",
    "promotion": "{who} promotes it there.",
}


@dataclass(frozen=True)
class Step:
    time: str
    #: None where it is about the environment, or a deployment that isn't Gitploy's.
    number: int | None
    environment: str
    ref: str
    word: str
    sentence: str
    url: str = ""

    @property
    def style(self) -> str:
        return STYLES.get(self.word, "cyan")


class Steps:
    """Remembers what was told last of each deployment, lock and hold."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, Any], tuple[str, str]] = {}

    def of(self, event: str, document: Document) -> Step | None:
        """The step that an event tells."""
        match event:
            case "deployment_status":
                return _status(document)
            case "review":
                return _review(document)
            case "deployment" if document["phase"] not in TOLD_BY_STATUSES:
                return self._news((event, document["id"]), _deployment(document))
            case "lock":
                return self._news((event, document["id"]), _lock(document))
            case "hold":
                return self._news((event, document["uuid"]), _hold(document))
            case _:
                return None

    def _news(self, of: tuple[str, Any], step: Step) -> Step | None:
        told = (step.word, step.sentence)
        if self._told.get(of) == told:
            return None
        self._told[of] = told
        return step


def _status(status: Document) -> Step | None:
    deployment = status["edges"].get("deployment")
    if deployment is None:
        return None
    word = "running" if status["status"] == "in_progress" else status["status"]
    said, log = status["description"], status["log_url"]
    return _step(status["created_at"], deployment, word, said, log)


def _review(review: Document) -> Step | None:
    """An answer; that somebody was asked is told with the deployment."""
    deployment = review["edges"].get("deployment")
    verb = {"approved": "approves", "rejected": "rejects"}.get(review["status"])
    if deployment is None or verb is None:
        return None
    who, comment = review["edges"]["user"]["login"], review["comment"]
    said = f"{who} {verb} it: {comment}" if comment else f"{who} {verb} it."
    return _step(review["updated_at"], deployment, "review", said)


def _deployment(document: Document) -> Step:
    phase: str = document["phase"]
    word = "pushed" if _is_new_push(document) else WORDS.get(phase, phase)
    return _step(document["updated_at"], document, word, _sentence(document))


def _step(
    time: str, deployment: Document, word: str, sentence: str, url: str = ""
) -> Step:
    number, where, what = (deployment[name] for name in ("number", "env", "ref"))
    if deployment["type"] == "commit":
        what = what[:SHORT]
    return Step(clock(time), number, where, what, word, sentence, url)


def _sentence(document: Document) -> str:
    waits = document["waits_for"] or {}
    message = document["message"] or waits.get("message")
    if _is_new_push(document) or document["phase"] == "requested":
        return _wish(document)
    if message:
        return f"{message}{_until(document)}"
    if document["foreign"]:
        return f"{document['edges']['user']['login']} made it at GitHub, past Gitploy."
    commit = (document["sha"] or "")[:SHORT]
    match document["phase"]:
        case "verifying":
            return "It has its approvals; what may have changed is asked again."
        case "dispatching":
            return f"{commit} may be deployed: {_checked(document['checks'])}"
        case "created":
            return f"GitHub has {commit} as deployment {document['uid']}."
        case _:
            return ""


def _is_new_push(document: Document) -> bool:
    """Nothing has been found out yet about what was pushed."""
    waits = document["phase"] == "waiting_for_checks"
    return bool(waits and document["source"] == "push" and not document["sha"])


def _wish(document: Document) -> str:
    target = (document["rollback_of"] or {}).get("number")
    wish = WISHES.get(document["source"], "{who} wants it there.")
    told = wish.format(who=document["edges"]["user"]["login"], target=target)
    override = document["override"]
    if override is None:
        return told
    return f"{told} Past {', '.join(override['checks'])}: {override['reason']}"


def _until(document: Document) -> str:
    """Until when checks are waited for: other waits are long, or not their own."""
    until = (document["waits_for"] or {}).get("until")
    if document["phase"] != "waiting_for_checks" or until is None:
        return ""
    return f" Until {_when(until)}."


def _checked(checks: Sequence[Document]) -> str:
    good = sum(check["state"] == "passed" for check in checks)
    past = [check["code"] for check in checks if check["state"] == "overridden"]
    return f"{good} checks passed" + (
        f", {', '.join(past)} overridden." if past else "."
    )


def _lock(lock: Document) -> Step:
    env, ended = lock["env"], lock["ended"]
    if ended:
        who = ended["who"]["login"] if ended["who"] else None
        said = {
            "expired": "The lock's time is over.",
            "taken_over": f"{who} has taken the lock over.",
        }.get(ended["cause"], f"{who} has unlocked it.")
        return Step(clock(ended["at"]), None, env, "", "unlocked", said)
    why = f": {lock['reason'].rstrip('.')}." if lock["reason"] else "."
    until = f" Until {_when(lock['expired_at'])}." if lock["expired_at"] else ""
    said = f"{lock['edges']['user']['login']} has locked it{why}{until}"
    return Step(clock(lock["commands"][-1]["at"]), None, env, "", "locked", said)


def _hold(hold: Document) -> Step:
    if hold["active"]:
        said = f"Pushes are not deployed here since #{hold['number']} went back."
        return Step(clock(hold["since"]), None, hold["env"], "", "held", said)
    said = "Pushes are deployed here again."
    return Step(clock(None), None, hold["env"], "", "resumed", said)


def clock(time: str | None) -> str:
    """A time of today as it is read here; none: now."""
    told = datetime.fromisoformat(time) if time else datetime.now(UTC)
    return told.astimezone().strftime("%H:%M:%S")


def _when(time: str) -> str:
    """A time that may be on another day."""
    told, now = datetime.fromisoformat(time).astimezone(), datetime.now().astimezone()
    day = "" if told.date() == now.date() else f"{told:%Y-%m-%d} "
    return f"{day}{clock(time)}"
