"""Sending what has its approvals: one confirmation is open at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts import (
    Approval,
    DeployConfirmed,
    Override,
    Person,
    ReviewRequested,
)

from .approvals import Shown, approvals, not_waiting, other_pair, tally
from .deployment import Deployment
from .phase import Phase
from .refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Somebody's word that it is to be sent now."""

    confirmation_id: UUID
    by: Person
    shown: Shown
    #: What they want to pass over; the verifier says whether they may.
    override: Override | None = None
    at: datetime
    #: Until when the verifier's answer is waited for.
    not_after: datetime


def confirmed(
    known: Deployment, confirmation: Confirmation
) -> Sequence[DeployConfirmed]:
    """Send it; nothing where that can't be, or is done already."""
    if known.review is None or why_not_confirmed(known, confirmation):
        return []
    if known.open_confirmation:
        return []
    return [confirmation_of(known.review.data, approvals(known), confirmation)]


def why_not_confirmed(known: Deployment, confirmation: Confirmation) -> Refusal | None:
    """Why it can't be sent now; none if it can, or is on its way to the answer."""
    if wrong := other_pair(known, confirmation.shown):
        return wrong
    if known.phase is Phase.VERIFYING:
        return None
    if known.phase is not Phase.WAITING_FOR_REVIEW or known.review is None:
        return not_waiting(known)
    if len(approvals(known)) >= known.review.data.required:
        return None
    return _unapproved(known, known.review.data, confirmation.override)


def _unapproved(
    known: Deployment, asked_for: ReviewRequested, override: Override | None
) -> Refusal | None:
    """Without its approvals it is sent only in an emergency, by saying so."""
    tries = override is not None and "review" in override.checks
    if tries and asked_for.emergency:
        return None
    hint = ""
    if asked_for.emergency:
        hint = " In an emergency an overrider may send it: `override` the review."
    elif tries:
        hint = " This review can't be overridden: no `review.emergency: true`."
    return Refusal("deployment_not_approved", f"{tally(known)}.{hint}")


def confirmation_of(
    asked_for: ReviewRequested,
    given: tuple[Approval, ...],
    confirmation: Confirmation,
) -> DeployConfirmed:
    """What the verifier is told."""
    return DeployConfirmed(
        deployment_id=asked_for.deployment_id,
        confirmation_id=confirmation.confirmation_id,
        sha=asked_for.sha,
        config_digest=asked_for.config_digest,
        approvals=given,
        confirmed_by=confirmation.by,
        override=confirmation.override,
        confirmed_at=confirmation.at,
        not_after=confirmation.not_after,
    )
