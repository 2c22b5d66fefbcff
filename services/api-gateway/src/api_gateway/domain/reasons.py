"""What a person is told when a deadline has ended their deployment.

Each says what has happened and what to look at.
"""

from datetime import timedelta

from .approvals import tally
from .deployment import Deployment
from .limits import Limits
from .patience import silence
from .phase import Phase


def reason(known: Deployment, limits: Limits) -> tuple[str, str]:
    """Why it is canceled: for programs, and for people."""
    match known.phase:
        case Phase.CREATED | Phase.QUEUED | Phase.RUNNING if known.repository_gone:
            return "repository_gone", (
                "Asked for news of it, GitHub does not show its repository any more: "
                "it is deleted, or Gitploy's token may not see it."
            )
        case Phase.WAITING_FOR_REVIEW:
            return "review_timeout", (
                f"The time for its reviews is over. {tally(known)}. Deploy again and "
                "ask them, or give them longer with `review.timeout` in deploy.yml."
            )
        case Phase.CREATED:
            return "no_tooling_answered", (
                f"GitHub has told of it {_span(silence(known, limits))} ago, and no "
                "deployment tool has taken it up. Check that your tool runs, and that "
                "the deliveries of its webhook for `deployment` arrive."
            )
        case Phase.QUEUED | Phase.RUNNING:
            return "tooling_silent", (
                "The deployment tool has said nothing for "
                f"{_span(silence(known, limits))}, and GitHub knows nothing newer. "
                f"Look at its log{_log(known)}: it may still be at work. How long it "
                "may be silent is `timeout` in deploy.yml."
            )
        case _:
            return "verification_unavailable", (
                f"The verifier did not answer within {_span(_asked_for(known))}. It or "
                "GitHub may be out of reach: look at the verifier's /readyz and at "
                "githubstatus.com, then deploy again."
            )


def _asked_for(known: Deployment) -> timedelta:
    """How long the verifier had to answer what it was asked last."""
    if sent := known.open_confirmation:
        return sent.data.not_after - sent.data.confirmed_at
    if known.request:
        return known.request.data.not_after - known.request.data.requested_at
    return timedelta()


def _log(known: Deployment) -> str:
    return f" ({known.linked.data.log_url})" if known.linked else ""


def _span(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
