"""Whose yes counts, and how far the reviews have come.

Approvals are about one commit under one configuration, the pair that the verifier has
pinned and that the reviewers were shown.
"""

from dataclasses import dataclass

from shared.contracts import Approval, Person

from .deployment import Deployment
from .facts import ReviewState
from .refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What somebody saw when they decided; what they don't say, they don't bind."""

    sha: str | None = None
    config_digest: str | None = None


def state_of(known: Deployment, reviewer: Person) -> ReviewState:
    """What this person has said last."""
    told = known.reviews.get(reviewer.id)
    return told.data.state if told else "pending"


def approvals(known: Deployment) -> tuple[Approval, ...]:
    """The answers that count, by the reviewers' ids."""
    if known.review is None:
        return ()
    asked_for = known.review.data
    told = [known.reviews[id_].data for id_ in sorted(known.reviews)]
    return tuple(
        Approval(reviewer=r.reviewer, approved_at=r.at)
        for r in told
        if r.state == "approved" and r.reviewer.id in known.reviewers
        if (r.sha, r.config_digest) == (asked_for.sha, asked_for.config_digest)
    )


def tally(known: Deployment) -> str:
    """How far the reviews have come, for people."""
    required = known.review.data.required if known.review else 0
    yes = [a.reviewer.login for a in approvals(known)]
    open_ = sorted(
        who.login
        for who in known.reviewers.values()
        if state_of(known, who) == "pending"
    )
    text = f"It has {len(yes)} of {required} approvals"
    text += f" (by {', '.join(yes)})" if yes else ""
    return text + (f"; {', '.join(open_)} may still answer" if open_ else "")


def other_pair(known: Deployment, shown: Shown) -> Refusal | None:
    """What is wrong with the pair that somebody decided on, if anything is."""
    if known.review is None:
        return None
    asked_for = known.review.data
    for what, told, pinned in (
        ("sha", shown.sha, asked_for.sha),
        ("config_digest", shown.config_digest, asked_for.config_digest),
    ):
        if told is not None and told != pinned:
            return Refusal(
                "entity_unprocessable",
                f"{what}: this deployment is of {pinned}, not of {told}. Look at it "
                "again before you decide.",
            )
    return None


def not_waiting(known: Deployment) -> Refusal:
    """It is past the reviews, or has never needed them."""
    return Refusal(
        "deployment_status_invalid",
        f"The deployment does not wait for reviews: it is {known.phase.value}.",
    )
