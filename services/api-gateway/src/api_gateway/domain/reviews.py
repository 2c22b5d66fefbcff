"""Reviews: who is asked, and what follows from an answer.

Reviewers may change their minds until it is sent. As long as nothing is verified yet, a
rejection still stops it, and the dispatcher alone decides whether that was in time. Who
deploys isn't asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts import (
    Approval,
    CancelRequested,
    DeployConfirmed,
    Person,
    ReviewRequested,
)

from .approvals import Shown, approvals, not_waiting, other_pair
from .confirming import Confirmation, confirmation_of
from .decisions import canceled_by_reviewer
from .deployment import Deployment
from .facts import DeploymentFact, ReviewAsked, ReviewState, ReviewSubmitted
from .phase import Phase
from .refusal import Refusal

#: As long as it stands there, a rejection may be in time.
STOPPABLE = frozenset(
    {Phase.WAITING_FOR_REVIEW, Phase.VERIFYING, Phase.WAITING_IN_QUEUE}
)


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A reviewer's answer."""

    review_id: UUID
    reviewer: Person
    state: ReviewState
    comment: str
    shown: Shown
    at: datetime


def asked(known: Deployment) -> Sequence[ReviewAsked]:
    """Ask each reviewer, but for the one who deploys, once."""
    if known.request is None or known.review is None:
        return []
    left = [who for id_, who in known.reviewers.items() if id_ not in known.invited]
    return [ReviewAsked(reviewer=who) for who in left]


def reviewed(
    known: Deployment, opinion: Opinion, confirmation: Confirmation
) -> Sequence[DeploymentFact]:
    """What follows from an answer; nothing where it can't be given."""
    if why_not_reviewed(known, opinion) or is_said(known, opinion):
        return []
    if known.review is None or known.request is None:
        return []
    asked_for = known.review.data
    answer = ReviewSubmitted(
        review_id=opinion.review_id,
        reviewer=opinion.reviewer,
        state=opinion.state,
        comment=opinion.comment,
        sha=asked_for.sha,
        config_digest=asked_for.config_digest,
        at=opinion.at,
    )
    return [answer, *_following(known, asked_for, opinion, confirmation)]


def _following(
    known: Deployment,
    asked_for: ReviewRequested,
    opinion: Opinion,
    confirmation: Confirmation,
) -> Sequence[CancelRequested | DeployConfirmed]:
    if opinion.state == "rejected":
        return canceled_by_reviewer(known, opinion.reviewer, opinion.comment)
    if opinion.state == "pending" or asked_for.on_approval == "wait":
        return []
    others = [a for a in approvals(known) if a.reviewer.id != opinion.reviewer.id]
    yes = Approval(reviewer=opinion.reviewer, approved_at=opinion.at)
    given = tuple(sorted([*others, yes], key=lambda a: a.reviewer.id))
    if len(given) < asked_for.required:
        return []
    return [confirmation_of(asked_for, given, confirmation)]


def is_said(known: Deployment, opinion: Opinion) -> bool:
    """Whether this is what the reviewer has said last."""
    told = known.reviews.get(opinion.reviewer.id)
    return told is not None and (told.data.state, told.data.comment) == (
        opinion.state,
        opinion.comment,
    )


def why_not_reviewed(known: Deployment, opinion: Opinion) -> Refusal | None:
    """Why this answer can't be given now; none if it can."""
    if opinion.reviewer.id not in known.reviewers:
        return _not_asked(known, opinion.reviewer)
    if wrong := other_pair(known, opinion.shown):
        return wrong
    if known.phase is Phase.WAITING_FOR_REVIEW:
        return None
    if known.phase not in STOPPABLE:
        return not_waiting(known)
    if opinion.state == "rejected":
        return None
    return Refusal(
        "deployment_status_invalid",
        f"It is sent already ({known.phase.value}): only a rejection can stop it.",
    )


def _not_asked(known: Deployment, who: Person) -> Refusal:
    if known.review is None:
        text = "Nobody is asked to review this deployment."
    elif known.request and who.id == known.request.data.requested_by.id:
        text = f"{who.login} deploys it: nobody reviews what they deploy themselves."
    else:
        names = ", ".join(sorted(w.login for w in known.reviewers.values()))
        text = f"{who.login} is not asked to review this deployment, but {names}."
    return Refusal("entity_not_found", text)
