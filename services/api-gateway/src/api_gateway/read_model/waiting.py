"""What a deployment waits for, as people are told: for whom, since when, until when."""

from api_gateway.domain import patience
from api_gateway.domain.approvals import approvals, state_of, tally
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.limits import Limits
from api_gateway.domain.phase import Phase
from shared.contracts import ChecksPending, Holder

from .documents import Document, rfc3339

WAITS_FOR = {
    Phase.REQUESTED: "verification",
    Phase.WAITING_FOR_CHECKS: "checks",
    Phase.WAITING_FOR_REVIEW: "reviews",
    Phase.VERIFYING: "verification",
    Phase.WAITING_IN_QUEUE: "queue",
    Phase.DISPATCHING: "github",
    Phase.CREATED: "tooling",
    Phase.QUEUED: "tooling",
    Phase.RUNNING: "tooling",
    Phase.CANCELING: "cancel",
}


def waits_for(known: Deployment, limits: Limits) -> Document | None:
    """None at the end."""
    what = WAITS_FOR.get(known.phase)
    if what is None:
        return None
    since, until = patience.since(known), patience.until(known, limits)
    return {
        "what": what,
        "message": _message(known),
        "since": since and rfc3339(since),
        "until": until and rfc3339(until),
        "asked": _asked(known),
        "who": _who(known),
        **_reviews(known),
        **_place(known),
    }


def _message(known: Deployment) -> str | None:
    match known.phase:
        case Phase.WAITING_FOR_CHECKS if known.pending:
            return _checks(known.pending.data)
        case Phase.WAITING_FOR_CHECKS:
            return "The checks of the pushed commit have not been seen yet."
        case Phase.WAITING_FOR_REVIEW:
            return _since_refused(known, f"{tally(known)}.")
        case Phase.WAITING_IN_QUEUE if known.place:
            place = known.place.data
            return f"It is number {place.position} in line{_behind(place.holder)}."
        case Phase.DISPATCHING if known.attempt:
            return known.attempt.data.message
        case _:
            return None


def _checks(pending: ChecksPending) -> str:
    """Which ones; before there is any, what the verifier says."""
    if not pending.contexts:
        return pending.message
    return f"Checks of {pending.sha[:7]} are missing: {', '.join(pending.contexts)}."


def _asked(known: Deployment) -> Document | None:
    """How often and when it was asked again, because no answer came."""
    asked, began = known.asked, patience.since(known)
    if asked is None or asked.phase is not known.phase:
        return None
    if began and asked.at < began:
        return None
    return {"times": asked.nth, "last": rfc3339(asked.at)}


def _behind(holder: Holder | None) -> str:
    if holder is None:
        return ""
    # What somebody else made at GitHub has no number.
    named = f"#{holder.number}" if holder.number else "one made at GitHub"
    return f", behind {named}"


def _since_refused(known: Deployment, text: str) -> str:
    refusal = known.refusal
    return f"{text} It could not be sent: {refusal.data.message}" if refusal else text


def _who(known: Deployment) -> list[str]:
    """The people, or the checks, that are missing."""
    match known.phase:
        case Phase.WAITING_FOR_REVIEW:
            asked = known.reviewers.values()
            return sorted(w.login for w in asked if state_of(known, w) == "pending")
        case Phase.WAITING_FOR_CHECKS if known.pending:
            return list(known.pending.data.contexts)
        case _:
            return []


def _reviews(known: Deployment) -> Document:
    if known.phase is not Phase.WAITING_FOR_REVIEW or known.review is None:
        return {"required": None, "approved": None, "emergency": None}
    return {
        "required": known.review.data.required,
        "approved": len(approvals(known)),
        "emergency": known.review.data.emergency,
    }


def _place(known: Deployment) -> Document:
    if known.phase is not Phase.WAITING_IN_QUEUE or known.place is None:
        return {"position": None, "holder": None}
    place = known.place.data
    return {"position": place.position, "holder": _holder(place.holder)}


def _holder(holder: Holder | None) -> Document | None:
    if holder is None:
        return None
    return {
        "number": holder.number,
        "uuid": holder.deployment_id,
        "since": rfc3339(holder.since),
    }
