"""A deployment's past: what was said about it, and how it looked at a time."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce

from api_gateway.domain.deployment import Deployment, evolve
from api_gateway.domain.facts import DeploymentFact, ReviewSubmitted
from api_gateway.domain.limits import Limits
from shared.contracts import (
    AutoDeployMatched,
    CancelRequested,
    DeployConfirmed,
    DeployRequested,
    Event,
    Message,
    Person,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)

from .deployments import deployment_row
from .documents import Document, rfc3339
from .kinds import Row
from .reviews import review_document

Messages = Sequence[Message[DeploymentFact]]


def as_of(
    shown: Document, messages: Messages, at: datetime, limits: Limits
) -> Document | None:
    """A deployment as it was then; none if nobody had asked for it yet."""
    told = [m for m in messages if m.time <= at]
    known = reduce(evolve, told, Deployment())
    if known.request is None:
        return None
    then = as_listed(shown, known, limits)
    ids = {m.data.github_status_id for m in told if isinstance(m.data, StatusUpdated)}
    statuses = shown["edges"]["deployment_statuses"]
    reviews = shown["edges"]["reviews"]
    return {
        **then,
        "edges": {
            **shown["edges"],
            "reviews": [
                {**r, **_review(known, known.reviewers[r["user_id"]])}
                for r in reviews
                if r["user_id"] in known.reviewers
            ],
            "deployment_statuses": [
                s for s in statuses if s["github_status_id"] in ids
            ],
        },
    }


def as_listed(shown: Document, known: Deployment, limits: Limits) -> Document:
    """A deployment in a list as it was when no more than this was known."""
    then = overlaid(shown, deployment_row(known, limits))
    return then | {"html_url": shown["html_url"] if then["sha"] else ""}


def overlaid(shown: Document, row: Row | None) -> Document:
    """What is shown now, with the members of another time's row."""
    then = row["document"] if row else {}
    return shown | {name: value for name, value in then.items() if name in shown}


def _review(known: Deployment, reviewer: Person) -> Document:
    then = review_document(known, reviewer)
    return {name: value for name, value in then.items() if name != "user"}


def events(messages: Messages) -> list[Document]:
    """What was said about it, in the order in which the gateway learned it."""
    return [
        {
            "id": m.id,
            "type": m.data.kind(),
            "time": rfc3339(m.time),
            "source": m.source,
            "who": who.model_dump() if (who := _who(m.data)) else None,
            "data": m.data.model_dump(mode="json"),
        }
        for m in messages
        if isinstance(m.data, Event | ReviewSubmitted)
    ]


def _who(fact: DeploymentFact) -> Person | None:
    match fact:
        case DeployRequested(requested_by=who):
            return who
        case DeployConfirmed(confirmed_by=who) | ReviewSubmitted(reviewer=who):
            return who
        case CancelRequested(who=who) | SlotReleaseRequested(who=who):
            return who
        case SyncRequested(who=who):
            return who
        case StatusUpdated(creator=who) | AutoDeployMatched(pusher=who):
            return who
        case _:
            return None
