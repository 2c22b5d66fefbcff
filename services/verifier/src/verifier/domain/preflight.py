"""What would become of a request, without making one.

The question is answered by going the whole way of a deployment that nobody records: so
what it says is what a deployment would get, and there is nothing to keep in step.
"""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from shared.contracts import (
    ChecksPending,
    DeployQueued,
    DeployRequested,
    PreflightAnswered,
    PreflightAsked,
    RefRejected,
    RefVerified,
    ReviewRequested,
)
from verifier import checks

from .case import Moment
from .environment import Environment
from .resolution import RefResolved
from .verdict import conclude
from .verification import Verification

#: It is nobody's, and comes after all that there are.
_NOBODY: Final = UUID(int=0)
_LAST: Final = 2**53 - 1
_SOON: Final = timedelta(minutes=1)

Would = Literal["deploy", "wait_for_checks", "queue", "review", "refuse"]
Outcome = RefVerified | RefRejected | ChecksPending | ReviewRequested | DeployQueued
#: What each is called to whoever asked. A request leads to one of them, and the first
#: is what it would wait for.
_OUTCOMES: Final[dict[type[Outcome], Would]] = {
    RefVerified: "deploy",
    RefRejected: "refuse",
    ChecksPending: "wait_for_checks",
    ReviewRequested: "review",
    DeployQueued: "queue",
}


def request_for(question: PreflightAsked, now: datetime) -> DeployRequested:
    """The request that this person might make."""
    return DeployRequested(
        deployment_id=_NOBODY,
        number=_LAST,
        repository=question.repository,
        environment=question.environment,
        ref=question.ref,
        requested_by=question.who,
        expected_sha=question.expected_sha,
        dynamic_payload=question.dynamic_payload,
        override=question.override,
        wait_for_checks=True,
        requested_at=now,
        not_after=now + _SOON,
    )


def foretell(
    request: DeployRequested, resolved: RefResolved, place: Environment, moment: Moment
) -> PreflightAnswered:
    """What it would lead to at this moment. That promises nothing."""
    resolved = _with_values_to_come(request, resolved)
    known = Verification(request=request, resolved=resolved)
    conclusion = conclude(known, place, moment)
    outcome, would = next(
        (fact, would)
        for fact in (*conclusion.said, *conclusion.places)
        for kind, would in _OUTCOMES.items()
        if isinstance(fact, kind)
    )
    return PreflightAnswered(
        checks=outcome.checks,
        sha=resolved.sha,
        would=would,
        position=outcome.position if isinstance(outcome, DeployQueued) else None,
        message=_message(outcome),
    )


def _with_values_to_come(
    request: DeployRequested, resolved: RefResolved
) -> RefResolved:
    """Values that whoever asks has not chosen yet refuse nothing by themselves."""
    if request.dynamic_payload is not None or resolved.rules is None:
        return resolved
    rules = resolved.rules
    told = (
        checks.payload_to_come(rules, check) if check.code == checks.PAYLOAD else check
        for check in resolved.checks
    )
    return resolved.model_copy(update={"checks": tuple(told)})


def _message(outcome: Outcome) -> str:
    if isinstance(outcome, RefVerified):
        return f"{outcome.sha[:7]} would be deployed at once."
    return outcome.message
