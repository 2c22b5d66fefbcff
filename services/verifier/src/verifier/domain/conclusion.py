"""What can follow for a deployment, as the two streams say it."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from shared.contracts import (
    Check,
    ChecksPending,
    ConfirmationRefused,
    DeployConfirmed,
    DeployQueued,
    Override,
    RefRejected,
    RefVerified,
    ReviewRequested,
)
from verifier import checks

from .case import Case
from .environment import (
    ChecksPassed,
    EnvironmentFact,
    SlotGranted,
    SlotRefused,
    granted,
)
from .verification import PlaceAwaited, Sent, VerificationFact

#: What the API calls a refusal, by the first check that refuses.
ERROR_CODES: Final = {
    checks.CONFIG: "config_parse_error",
    checks.ENVIRONMENT: "config_undefined_env",
    checks.REF: "entity_unprocessable",
    checks.DEPLOYERS: "permission_required",
    checks.DEPLOYABLE_REF: "entity_unprocessable",
    checks.UP_TO_DATE: "entity_unprocessable",
    checks.COMMIT_CHECKS: "entity_unprocessable",
    checks.NEEDS: "entity_unprocessable",
    checks.FROZEN: "deployment_frozen",
    checks.LOCKED: "deployment_locked",
    checks.RUNNING: "deployment_serialization",
    checks.PAYLOAD: "deployment_invalid",
    checks.REVIEW: "deployment_not_approved",
    checks.AUTO_DEPLOY: "auto_deploy_held",
    checks.SUPERSEDED: "superseded",
}
#: What the environment's stream alone decides: a refusal for it stands there, too.
_OF_THE_PLACE: Final = frozenset(
    {checks.LOCKED, checks.RUNNING, checks.AUTO_DEPLOY, checks.SUPERSEDED}
)


class Conclusion(NamedTuple):
    """Facts for the deployment's stream, and for its environment's."""

    said: Sequence[VerificationFact] = ()
    places: Sequence[EnvironmentFact] = ()

    def then(self, other: "Conclusion") -> "Conclusion":
        """First this, then the other."""
        return Conclusion((*self.said, *other.said), (*self.places, *other.places))


def rejected(case: Case, answers: tuple[Check, ...], reason: Check) -> Conclusion:
    """It may not be deployed, and gets no place here."""
    code = ERROR_CODES[reason.code]
    holder = case.holder if reason.code == checks.RUNNING else None
    verdict = RefRejected(
        deployment_id=case.id,
        code=code,
        message=reason.message,
        checks=answers,
        sha=case.resolved.sha,
        holder=holder,
    )
    out = SlotRefused(
        deployment_id=case.id, number=case.request.number, code=code, holder=holder
    )
    stands_there = reason.code in _OF_THE_PLACE or case.waits_here
    return Conclusion(
        [verdict], [*_passed(case, answers), *([out] if stands_there else [])]
    )


def waits_for_checks(case: Case, answers: tuple[Check, ...]) -> Conclusion:
    """Its commit's checks have not finished."""
    pending = ChecksPending(
        **_pending(case, answers, checks.COMMIT_CHECKS),
        contexts=case.known.unfinished,
        until=case.checks_until,
    )
    return Conclusion([pending], [case.waiting_for("checks")])


def waits_for_review(case: Case, answers: tuple[Check, ...]) -> Conclusion:
    """Its reviewers are asked."""
    rules = case.pair.rules.review
    pending = ReviewRequested(
        **_pending(case, answers, checks.REVIEW),
        reviewers=case.resolved.reviewers,
        required=rules.required,
        on_approval=rules.on_approval,
        emergency=rules.emergency,
        until=case.moment.now + rules.timeout,
    )
    return Conclusion([pending], [*_passed(case, answers), case.waiting_for("review")])


def waits_in_line(
    case: Case, answers: tuple[Check, ...], sent: Sent | None
) -> Conclusion:
    """Somebody else has the place, and it waits for its turn."""
    mine, holder = case.waiting_for("slot"), case.holder
    queued = DeployQueued(
        **_pending(case, answers, checks.RUNNING),
        repository=case.resolved.repository,
        environment=case.request.environment,
        position=case.place.waiting.position_of(mine),
        holder=holder,
        take_over=case.request.take_over and holder is not None,
    )
    awaited = PlaceAwaited(
        confirmation=sent.confirmation if sent else None,
        may_override=sent is not None and sent.may_override,
    )
    return Conclusion([awaited], [*_passed(case, answers), mine, queued])


def verified(case: Case, answers: tuple[Check, ...], sent: Sent | None) -> Conclusion:
    """It may be deployed, and has the place."""
    request, resolved, (sha, config, _) = case.request, case.resolved, case.pair
    verdict = RefVerified(
        deployment_id=case.id,
        number=request.number,
        repository=resolved.repository,
        environment=request.environment,
        ref=request.ref,
        sha=sha,
        committed_at=resolved.committed_at,
        config=config,
        requested_by=request.requested_by,
        rollback_of=request.rollback_of,
        override=_used(case, answers, sent),
        approvals=sent.confirmation.approvals if sent else (),
        checks=answers,
        resolved_at=resolved.resolved_at,
        not_after=case.moment.now + case.moment.holds_for,
    )
    mine = SlotGranted.model_validate(case.claim.model_dump())
    where = resolved.repository, request.environment
    return Conclusion([verdict], granted(case.place, mine, *where))


def confirmation_refused(
    answers: tuple[Check, ...], reason: Check, confirmation: DeployConfirmed
) -> Conclusion:
    """It can't be sent like this, and goes on waiting."""
    refusal = ConfirmationRefused(
        deployment_id=confirmation.deployment_id,
        confirmation_id=confirmation.confirmation_id,
        code=ERROR_CODES[reason.code],
        message=reason.message,
        checks=answers,
    )
    return Conclusion([refusal])


def _pending(case: Case, answers: tuple[Check, ...], code: str) -> dict[str, Any]:
    """What is told of everything that waits, and of the check that it waits for."""
    sha, config, _ = case.pair
    told = tuple(
        c.model_copy(update={"state": "pending"}) if c.code == code else c
        for c in answers
    )
    return {
        "deployment_id": case.id,
        "sha": sha,
        "config_digest": config.digest,
        "checks": told,
        "message": next(c.message for c in told if c.code == code),
    }


def _passed(case: Case, answers: tuple[Check, ...]) -> list[EnvironmentFact]:
    """Older pushes that wait for their checks have to know."""
    if case.request.source != "push" or case.stage != "checks":
        return []
    if any(c.code == checks.COMMIT_CHECKS and checks.refuses(c) for c in answers):
        return []
    return [ChecksPassed.model_validate(case.claim.model_dump())]


def _used(case: Case, answers: tuple[Check, ...], sent: Sent | None) -> Override | None:
    """What was passed over and why, by whoever asked for it or whoever sends it."""
    used = tuple(c.code for c in answers if c.state == "overridden")
    asked = case.request.override if case.resolved.may_override else None
    given = sent.confirmation.override if sent and sent.may_override else None
    needed = [o for o in (asked, given) if o and not set(used).isdisjoint(o.checks)]
    if not needed:
        return None
    reasons = dict.fromkeys(o.reason for o in needed)
    return Override(checks=used, reason="; ".join(reasons))
