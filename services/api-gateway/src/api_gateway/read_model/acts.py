"""What people did, as the log tells it: one row for each thing, for the audit.

A fact of a deployment's own stream, like a review, does not say where that deployment
is; the deployment's row does, once it is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from api_gateway.domain.acts import ActsWanted
from api_gateway.domain.facts import ReviewSubmitted
from shared.contracts import (
    AuthorizationRevoked,
    AutoDeployResumeRequested,
    CancelRequested,
    DeployConfirmed,
    DeployRequested,
    Event,
    LockChangeRequested,
    LockRequested,
    Override,
    Person,
    RemoteStatusRequested,
    Repository,
    RepositoryActivationRequested,
    RepositoryDeactivationRequested,
    SlotReleaseRequested,
    SyncRequested,
    UnlockRequested,
)
from shared.store import Logged

from .documents import Document
from .kinds import insert_missing
from .queries import Queries
from .tables import ACTS, DEPLOYMENTS, REPOSITORIES, micros, moment

A, D = ACTS.c, DEPLOYMENTS.c
#: The deployment that something was done to.
OF = D.number, D.env, D.document.label("of")
#: When something was done, and its id.
Place = tuple[datetime, int]
#: The commands of people, and what the audit calls them.
COMMANDS: Final[Mapping[type[Event], str]] = {
    RepositoryActivationRequested: "activate",
    RepositoryDeactivationRequested: "deactivate",
    LockRequested: "lock",
    LockChangeRequested: "lock_change",
    UnlockRequested: "unlock",
    AutoDeployResumeRequested: "resume",
    RemoteStatusRequested: "status",
}


@dataclass(frozen=True)
class Act:
    """One thing that somebody did."""

    who: Person
    action: str
    #: What it was done to.
    subject: str = ""
    #: Where that is, if the fact says so.
    repository: Repository | None = None
    details: Mapping[str, Any] | None = None


def act_of(data: Any) -> Act | None:
    """What somebody did; none where nobody did anything."""
    if type(data) in COMMANDS:
        return _command(data)
    match data:
        case DeployRequested():
            return _with_override(_request(data), data.override)
        case DeployConfirmed():
            return _with_override(Act(data.confirmed_by, "confirm"), data.override)
        case CancelRequested(who=Person() as who):
            return Act(who, "cancel", "", data.repository, _because(data))
        case AuthorizationRevoked():
            return Act(data.person, "authorization_revoked")
        case ReviewSubmitted():
            told = {"status": data.state, "comment": data.comment}
            return Act(data.reviewer, "review", details=told)
        case SlotReleaseRequested(who=Person() as who):
            where = data.repository
            return Act(who, "release", data.environment, where, _because(data))
        case SyncRequested(who=Person() as who):
            return Act(who, "sync", "", data.repository, _because(data))
    return None


def write_acts(c: Connection, entries: Sequence[Logged]) -> None:
    """Make a row for each thing that somebody did."""
    rows = [
        {
            "id": entry.position,
            "at": micros(entry.message.time),
            "user_id": act.who.id,
            "who_key": act.who.login.casefold(),
            "action": act.action,
            "stream": entry.stream,
            "repo_id": act.repository and act.repository.id,
            "document": {
                "who": act.who.login,
                "subject": act.subject,
                "repository": act.repository.full_name if act.repository else "",
                "details": dict(act.details or {}),
            },
        }
        for entry in entries
        if (act := act_of(entry.message.data))
    ]
    insert_missing(c, ACTS, rows, "id")


class Acts:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def newest(
        self, wanted: ActsWanted, limit: int, before: Place | None = None
    ) -> list[Document]:
        """What was done last comes first; only what comes after a place there."""
        statement = _matching(wanted)
        if before is not None:
            at = micros(before[0])
            earlier = (A.at == at) & (A.id < before[1])
            statement = statement.where((A.at < at) | earlier)
        newest = statement.order_by(A.at.desc(), A.id.desc()).limit(limit)
        rows = await self._queries.read(lambda c: c.execute(newest).all())
        return [_shown(row) for row in rows]


def _matching(wanted: ActsWanted) -> Select[Any]:
    statement = select(*ACTS.c, *OF).outerjoin(DEPLOYMENTS, D.uuid == A.stream)
    if wanted.since:
        statement = statement.where(A.at >= micros(wanted.since))
    if wanted.until:
        statement = statement.where(A.at <= micros(wanted.until))
    if wanted.who:
        statement = statement.where(A.who_key == wanted.who.casefold())
    if wanted.repository:
        named = REPOSITORIES.c.name == wanted.repository.lower()
        there = func.coalesce(A.repo_id, D.repo_id)
        statement = statement.where(there.in_(select(REPOSITORIES.c.id).where(named)))
    if wanted.action:
        statement = statement.where(A.action == wanted.action)
    return statement


def _shown(row: Row[Any]) -> Document:
    told = {
        "source": "log",
        "nth": row.id,
        "at": moment(row.at),
        "user_id": row.user_id,
        "action": row.action,
        **row.document,
    }
    if row.of is not None:
        told["subject"] = told["subject"] or f"#{row.number} to {row.env}"
        told["repository"] = told["repository"] or row.of["repository"]
    return told


def _request(data: DeployRequested) -> Act:
    action = "deploy" if data.source == "api" else data.source
    told = {"ref": data.ref.name, "type": data.ref.type}
    subject = f"#{data.number} to {data.environment}"
    return Act(data.requested_by, action, subject, data.repository, told)


def _with_override(act: Act, override: Override | None) -> Act:
    if override is None:
        return act
    told = {"action": act.action, "override": override.model_dump(mode="json")}
    details = {**(act.details or {}), **told}
    return Act(act.who, "override", act.subject, act.repository, details)


def _command(data: Any) -> Act | None:
    """Of a command about a repository, or about something in it."""
    if getattr(data, "by", "person") != "person":
        return None
    action = COMMANDS[type(data)]
    if getattr(data, "take_over", False):
        action = f"{action}_take_over"
    details = {n: v for n in ("reason", "state") if (v := getattr(data, n, ""))}
    subject = getattr(data, "environment", "")
    return Act(data.requested_by, action, subject, data.repository, details)


def _because(data: Any) -> dict[str, str]:
    return {"reason": data.reason} if data.reason else {}
