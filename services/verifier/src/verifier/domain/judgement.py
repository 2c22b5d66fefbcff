"""All answers about a deployment at one moment: what is pinned, and what changes.

A request and a question that is only a question are judged here, both by `judge`: so
what a preflight says is what a deployment would get.
"""

from collections.abc import Sequence
from datetime import datetime

from shared.contracts import Approval, Check
from verifier import checks

from .evaluation import PAST
from .people import waives_review
from .resolution import RefResolved
from .situation import Situation
from .wanted import Wanted


def judge(
    wanted: Wanted,
    resolved: RefResolved,
    situation: Situation,
    now: datetime,
    *,
    answers: Sequence[Check] | None = None,
    approvals: Sequence[Approval] = (),
    superseded_by: int | None = None,
) -> tuple[Check, ...]:
    """Every check, in order; those that may be and are overridden are marked so.

    `answers` are the checks that GitHub decides, where some were asked again since
    the ref was resolved.
    """
    known = resolved.checks if answers is None else answers
    moving = _moving(wanted, resolved, situation, now, approvals)
    auto = _auto(wanted, situation, superseded_by)
    told = sorted([*known, *moving, *auto], key=lambda c: checks.ORDER.index(c.code))
    return checks.overridden(
        _linked(told, resolved.page),
        wanted.override,
        wanted.requested_by,
        resolved.rules,
        may_override=resolved.may_override,
    )


def _linked(told: Sequence[Check], page: str) -> list[Check]:
    """Each with an address: without one of its own, that of the rules it is about."""
    known = {check.code: check.url for check in told}
    rules = known.get(checks.ENVIRONMENT) or known.get(checks.CONFIG) or page or None
    return [c if c.url else c.model_copy(update={"url": rules}) for c in told]


def _moving(
    wanted: Wanted,
    resolved: RefResolved,
    situation: Situation,
    now: datetime,
    approvals: Sequence[Approval],
) -> list[Check]:
    """What may have another answer a moment later."""
    rules, requester = resolved.rules, wanted.requested_by
    held_back = (
        [checks.skipped(code, PAST) for code in (checks.NEEDS, checks.FROZEN)]
        if wanted.rollback_of
        else [
            checks.needs(rules, resolved.sha, situation.succeeded, now),
            checks.frozen(rules, now),
        ]
    )
    return [
        *held_back,
        checks.locked(situation.lock, requester, wanted.environment),
        checks.running(situation.held, rules, resolved.page, situation.foreign),
        checks.review(
            rules,
            resolved.reviewers,
            approvals,
            requester,
            missing=resolved.missing_reviewers,
            waived=rules is not None and waives_review(rules, wanted),
        ),
    ]


def _auto(wanted: Wanted, situation: Situation, by: int | None) -> list[Check]:
    """What is told of pushes; that a newer one takes its place, of whoever waits."""
    push = wanted.source == "push"
    held = [checks.held(situation.hold, wanted.environment)] if push else []
    return [*held, *([checks.superseded(by)] if push or by is not None else [])]
