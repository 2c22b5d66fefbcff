"""What there is around deployments, as people read it."""

from collections.abc import Iterator, Sequence
from typing import Any

from gitploy.output import Styled, Table, Time
from gitploy.showing import Document, number_of, title, what, who
from gitploy.text import NEVER, ago


def locks(documents: Sequence[Document]) -> Table:
    return Table(
        ("Environment", "By", "Since", "Until", "State", "Why"),
        [
            (
                each["env"],
                who(each),
                Time(each["created_at"]),
                Time(each["expired_at"]),
                each.get("state", "locked"),
                each.get("reason"),
            )
            for each in documents
        ],
        "Nothing is locked.",
    )


def line(documents: Sequence[Document], environment: str | None = None) -> list[Any]:
    """Who waits in line, a row each."""
    return [
        (
            *((environment,) if environment else ()),
            each["position"],
            f"#{each['number']}",
            Time(each["since"]),
        )
        for each in documents
    ]


def environments(documents: Sequence[Document]) -> Table:
    return Table(
        ("Environment", "Live", "Since", "Running", "In line", "Held up by"),
        [
            (
                each["name"],
                _live(each["live"]),
                Time((each["live"] or {}).get("updated_at")),
                ", ".join(number_of(d) for d in each["running"]),
                ", ".join(number_of(d) for d in each["queue"]),
                "; ".join(_held_up(each)),
            )
            for each in documents
        ],
        "Nothing was ever deployed, and nothing is locked.",
    )


def _live(told: Document | None) -> str | None:
    return f"{number_of(told)} {what(told)}" if told else None


def _held_up(environment: Document) -> Iterator[str]:
    if lock := environment["lock"]:
        why = f": {lock['reason']}" if lock["reason"] else ""
        yield f"locked by {who(lock)}{why}"
    if hold := environment["hold"]:
        yield f"no pushes since #{hold['number']}, a rollback"
    if until := environment.get("frozen_until"):
        yield f"frozen until {until}"


def repositories(documents: Sequence[Document]) -> Table:
    return Table(
        ("Repository", "Active", "Newest deployment", "At"),
        [
            (
                f"{each['namespace']}/{each['name']}",
                Styled("yes", "green") if each["active"] else Styled("no", "dim"),
                _newest(each),
                Time(each["latest_deployed_at"]),
            )
            for each in documents
        ],
        "Gitploy knows no repository yet: `gitploy repo activate OWNER/NAME`.",
    )


def _newest(repository: Document) -> str | None:
    newest = (repository["edges"].get("deployments") or [None])[0]
    return f"{title(newest)}: {newest['phase']}" if newest else None


def repository(told: Document) -> Iterator[str]:
    yield f"{told['namespace']}/{told['name']}"
    yield f"active: {'yes' if told['active'] else 'no'}"
    yield f"rules: {told['config_path']}"
    without = "that of the GitHub App" if told["active"] else "none"
    yield f"webhook at GitHub: {told['webhook_id'] or without}"
    latest = told["latest_deployed_at"]
    yield f"deployed last: {'never' if latest == NEVER else ago(latest)}"
    command = told.get("command") or {}
    if command.get("state") in {"pending", "refused", "unanswered"}:
        wanted = "activation" if command["active"] else "deactivation"
        yield f"{wanted}: {command['state']}. {command['message'] or ''}".rstrip()
    if problem := told.get("auto_deploy_problem"):
        yield f"auto deploys: {problem['message']} ({ago(problem['at'])})"


def tokens(documents: Sequence[Document]) -> Table:
    return Table(
        ("Id", "Name", "Scope", "Repository", "Made", "Ends", "Last used"),
        [
            (
                each["id"],
                each["name"],
                each["scope"],
                each["repository"],
                Time(each["created_at"]),
                Time(each["expires_at"]),
                Time(each["last_used_at"]),
            )
            for each in documents
        ],
        "You have no token of your own: `gitploy token create NAME` makes one.",
    )
