"""The verdict on a deployment, which is also the decision about its place.

Both are decided on both streams at once and committed together, so there is never a
place without a verdict, and of two deployments for one place exactly one gets it: the
other's commit fails at the environment's stream, and is decided again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.contracts import Check, DeployRequested, RefRejected, RefVerified
from verifier import checks

from .environment import Environment, EnvironmentFact, SlotGranted, SlotRefused
from .resolution import RefResolved
from .situation import Held
from .verification import Verification

#: What the API calls a refusal, by the first check that refuses.
ERROR_CODES: Final = {
    checks.CONFIG: "config_parse_error",
    checks.ENVIRONMENT: "config_undefined_env",
    checks.REF: "entity_unprocessable",
    checks.UP_TO_DATE: "entity_unprocessable",
    checks.COMMIT_CHECKS: "entity_unprocessable",
    checks.RUNNING: "deployment_serialization",
}

Conclusion = tuple[Sequence[RefVerified | RefRejected], Sequence[EnvironmentFact]]


def conclude(
    known: Verification, place: Environment, now: datetime, holds_for: timedelta
) -> Conclusion:
    """What follows from all that is known. A verdict is said once, and binds."""
    request, resolved = known.request, known.resolved
    if not request or not resolved or not known.open(now):
        return [], []
    holder = place.slots.first
    busy = checks.running(holder, resolved.rules, resolved.page)
    answers = (*known.checks, busy)
    reason = next((c for c in answers if checks.refuses(c)), None)
    if reason is None:
        verified = _verified(request, resolved, answers, now + holds_for)
        return [verified], [_granted(request)]
    if reason is busy and holder:
        rejected = _rejected(request, resolved, answers, reason, holder)
        return [rejected], [_refused(request, holder)]
    return [_rejected(request, resolved, answers, reason)], []


def _verified(
    request: DeployRequested,
    resolved: RefResolved,
    answers: tuple[Check, ...],
    not_after: datetime,
) -> RefVerified:
    if resolved.sha is None or resolved.config is None:
        raise ValueError("a ref without a commit or rules can't be verified")
    return RefVerified(
        deployment_id=request.deployment_id,
        number=request.number,
        repository=resolved.repository,
        environment=request.environment,
        ref=request.ref,
        sha=resolved.sha,
        config=resolved.config,
        requested_by=request.requested_by,
        checks=answers,
        resolved_at=resolved.resolved_at,
        not_after=not_after,
    )


def _rejected(
    request: DeployRequested,
    resolved: RefResolved,
    answers: tuple[Check, ...],
    reason: Check,
    held: Held | None = None,
) -> RefRejected:
    return RefRejected(
        deployment_id=request.deployment_id,
        code=ERROR_CODES[reason.code],
        message=reason.message,
        checks=answers,
        sha=resolved.sha,
        holder=held.holder if held else None,
    )


def _granted(request: DeployRequested) -> SlotGranted:
    return SlotGranted(
        deployment_id=request.deployment_id,
        number=request.number,
        ref=request.ref,
        requested_by=request.requested_by,
    )


def _refused(request: DeployRequested, held: Held) -> SlotRefused:
    return SlotRefused(
        deployment_id=request.deployment_id, number=request.number, holder=held.holder
    )
