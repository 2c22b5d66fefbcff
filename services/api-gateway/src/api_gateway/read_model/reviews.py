"""The JSON that is kept for a review, and the rows of all reviews.

A review's id is the log position of the fact that asked its reviewer.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, update

from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import ReviewAsked, ReviewSubmitted
from shared.contracts import Person, ReviewRequested
from shared.store import Logged

from .documents import Document, rfc3339, user_document
from .kinds import Row, insert_missing
from .tables import REVIEWS

#: What changes a review.
TOLD = (ReviewRequested, ReviewAsked, ReviewSubmitted)


def review_document(known: Deployment, reviewer: Person) -> Document:
    """What this reviewer was asked, and has answered."""
    told = known.reviews.get(reviewer.id)
    asked_at = known.review.time if known.review else None
    return {
        "status": told.data.state if told else "pending",
        "comment": told.data.comment if told else "",
        "created_at": rfc3339(asked_at),
        "updated_at": rfc3339(told.data.at if told else asked_at),
        "user_id": reviewer.id,
        "user": user_document(reviewer),
    }


def write_reviews(
    c: Connection, entries: Sequence[Logged], states: Mapping[UUID, Deployment]
) -> None:
    """Make a row for who was asked, and bring those that are there up to date."""
    new = [
        {
            "id": e.position,
            "deployment": e.stream,
            "user_id": e.message.data.reviewer.id,
            **_review_row(states[e.stream], e.message.data.reviewer),
        }
        for e in entries
        if isinstance(e.message.data, ReviewAsked)
    ]
    insert_missing(c, REVIEWS, new, "deployment", "user_id")
    for stream in {e.stream for e in entries if isinstance(e.message.data, TOLD)}:
        for reviewer in states[stream].reviewers.values():
            ours = REVIEWS.c.deployment == stream, REVIEWS.c.user_id == reviewer.id
            changed = _review_row(states[stream], reviewer)
            c.execute(update(REVIEWS).where(*ours).values(changed))


def _review_row(known: Deployment, reviewer: Person) -> Row:
    document = review_document(known, reviewer)
    return {"pending": document["status"] == "pending", "document": document}
