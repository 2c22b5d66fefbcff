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
)

from .deployments import deployment_document
from .documents import Document, rfc3339
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
    then = deployment_document(known, limits)
    ids = {m.data.github_status_id for m in told if isinstance(m.data, StatusUpdated)}
    statuses = shown["edges"]["deployment_statuses"]
    reviews = shown["edges"]["reviews"]
    return {
        **shown,
        **{name: value for name, value in then.items() if name in shown},
        "html_url": shown["html_url"] if then["sha"] else "",
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
        case StatusUpdated(creator=who) | AutoDeployMatched(pusher=who):
            return who
        case _:
            return None
