"""Deploying once more: what was tried, what succeeded, what is live elsewhere."""

from shared.contracts import Override, Ref, RollbackTarget

from .deployment import Deployment
from .phase import Phase
from .refusal import Refusal
from .requests import Wanted


def retry_of(
    known: Deployment, override: Override | None, *, wait_for_checks: bool
) -> Wanted | Refusal:
    """The same once more: the same commit, if it was found out which one it was."""
    if known.request is None or not known.phase.ended:
        return _not(known, "has not ended: wait for its end, or cancel it")
    request = known.request.data
    rollback = request.rollback_of is not None
    return Wanted(
        environment=request.environment,
        ref=request.ref,
        source="rollback" if rollback else "retry",
        expected_sha=known.sha or request.expected_sha,
        rollback_of=request.rollback_of,
        dynamic_payload=request.dynamic_payload,
        override=override,
        wait_for_checks=wait_for_checks,
    )


def rollback_to(
    known: Deployment, override: Override | None, *, take_over: bool
) -> Wanted | Refusal:
    """What succeeded there before, as it was sent then."""
    if known.request is None or known.phase is not Phase.SUCCESS:
        return _not(known, "can't be rolled back to: it has not succeeded")
    if known.verified is None:
        return _not(known, "can't be rolled back to: its rules are not known")
    request, verified = known.request.data, known.verified.data
    branch = request.ref.type == "branch"
    return Wanted(
        environment=request.environment,
        # The branch means something else by now.
        ref=Ref(type="commit", name=verified.sha) if branch else request.ref,
        source="rollback",
        expected_sha=verified.sha,
        rollback_of=RollbackTarget(
            deployment_id=request.deployment_id,
            number=request.number,
            sha=verified.sha,
            config=verified.config,
            approved=_approved(known),
        ),
        dynamic_payload=request.dynamic_payload,
        override=override,
        take_over=take_over,
    )


def promotion_of(
    known: Deployment, environment: str, override: Override | None
) -> Wanted | Refusal:
    """The commit that is live in another environment."""
    if known.phase is not Phase.SUCCESS or not known.sha:
        return _not(known, "is not live, so it can't be promoted")
    return Wanted(
        environment=environment,
        ref=Ref(type="commit", name=known.sha),
        source="promotion",
        expected_sha=known.sha,
        override=override,
    )


def _approved(known: Deployment) -> bool:
    """Whether people agreed to this commit here, for this or for what it repeats."""
    if known.verified is None:
        return False
    before = known.verified.data.rollback_of
    return bool(known.verified.data.approvals) or bool(before and before.approved)


def _not(known: Deployment, why: str) -> Refusal:
    number = f"#{known.request.data.number}" if known.request else "It"
    text = f"{number} {why}. It is {known.phase.value}."
    return Refusal("deployment_status_invalid", text)
