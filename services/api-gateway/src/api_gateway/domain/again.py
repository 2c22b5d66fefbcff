"""Deploying once more: what was tried, what succeeded, what is live elsewhere."""

from dataclasses import dataclass, replace

from shared.contracts import Override, Ref, RollbackTarget

from .deployment import Deployment
from .phase import Phase
from .refusal import Refusal
from .requests import Wanted


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On which terms somebody wants it once more."""

    #: The commit that they were shown: no other is to go out.
    expected_sha: str | None = None
    override: Override | None = None


def retry_of(
    known: Deployment, terms: Terms, *, wait_for_checks: bool = False
) -> Wanted | Refusal:
    """The same once more: the same commit, if it was found out which one it was."""
    if known.request is None or not known.phase.ended:
        return _not(known, "has not ended: wait for its end, or cancel it")
    if wrong := _other_commit(known, terms.expected_sha):
        return wrong
    request = known.request.data
    rollback = request.rollback_of is not None
    return Wanted(
        environment=request.environment,
        ref=request.ref,
        source="rollback" if rollback else "retry",
        expected_sha=known.sha or request.expected_sha or terms.expected_sha,
        rollback_of=request.rollback_of,
        dynamic_payload=request.dynamic_payload,
        override=terms.override,
        wait_for_checks=wait_for_checks,
    )


def rollback_to(
    known: Deployment, terms: Terms, *, take_over: bool = False
) -> Wanted | Refusal:
    """What succeeded there before, as it was sent then."""
    if known.request is None or known.phase is not Phase.SUCCESS:
        return _not(known, "can't be rolled back to: it has not succeeded")
    if known.verified is None:
        return _not(known, "can't be rolled back to: its rules are not known")
    if wrong := _other_commit(known, terms.expected_sha):
        return wrong
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
        override=terms.override,
        take_over=take_over,
    )


def promotion_of(known: Deployment, environment: str, terms: Terms) -> Wanted | Refusal:
    """The commit that is live in another environment."""
    if known.phase is not Phase.SUCCESS or not known.sha:
        return _not(known, "is not live, so it can't be promoted")
    if terms.expected_sha not in {None, known.sha}:
        return _unprocessable(
            f"{_number(known)} is live there now, of {known.sha}, and not "
            f"{terms.expected_sha}, which was to be promoted: another one has gone out "
            "meanwhile. Look at what has changed, and promote again."
        )
    return Wanted(
        environment=environment,
        ref=Ref(type="commit", name=known.sha),
        source="promotion",
        expected_sha=known.sha,
        override=terms.override,
    )


def promoted_again(before: Wanted, environment: str, terms: Terms) -> Wanted:
    """A promotion that was recorded, asked for anew: what was live then counts."""
    return replace(
        before,
        environment=environment,
        source="promotion",
        expected_sha=terms.expected_sha or before.expected_sha,
        override=terms.override,
    )


def _approved(known: Deployment) -> bool:
    """Whether people agreed to this commit here, for this or for what it repeats."""
    if known.verified is None:
        return False
    before = known.verified.data.rollback_of
    return bool(known.verified.data.approvals) or bool(before and before.approved)


def _other_commit(known: Deployment, expected: str | None) -> Refusal | None:
    request = known.request.data if known.request else None
    sha = known.sha or (request and request.expected_sha)
    if not sha or expected in {None, sha}:
        return None
    return _unprocessable(
        f"{_number(known)} is of {sha}, and not of {expected}, which was to be "
        "deployed: look at it again before you deploy it."
    )


def _unprocessable(what: str) -> Refusal:
    return Refusal("entity_unprocessable", f"expected_sha: {what}")


def _not(known: Deployment, why: str) -> Refusal:
    text = f"{_number(known)} {why}. It is {known.phase.value}."
    return Refusal("deployment_status_invalid", text)


def _number(known: Deployment) -> str:
    return f"#{known.request.data.number}" if known.request else "It"
