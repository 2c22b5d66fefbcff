"""Passing over a check: by whom it may be done, and what stays forbidden.

Nobody passes over what is deployed, by which rules, with which values, or who may do
it: these are no checks of the moment. A review may be passed over only where its rule
says so; whoever does that stands in the history, and gives no approval by it.
"""

from collections.abc import Sequence

from shared.contracts import Check, Override, Person
from shared.deploy_yml import Env

from .codes import OVERRIDABLE, REVIEW
from .wording import listed, plain


def refuses(check: Check) -> bool:
    """Whether this answer alone forbids the deployment, at least for now."""
    return check.state in {"failed", "pending"}


def overridden(
    checks: Sequence[Check],
    override: Override | None,
    requester: Person,
    rules: Env | None,
    *,
    may_override: bool,
) -> tuple[Check, ...]:
    """The same answers, those passed over that somebody may and wants to pass over."""
    if override is None:
        return tuple(checks)
    return tuple(
        _passed_over(check, override, requester, rules, may_override)
        if refuses(check) and check.code in override.checks
        else check
        for check in checks
    )


def why_not(
    code: str, override: Override, rules: Env | None, *, may_override: bool
) -> str | None:
    """Why somebody can't pass over this check; none: they can."""
    if rules is None or code not in OVERRIDABLE | {REVIEW}:
        return "This can't be overridden."
    if code == REVIEW and not rules.review.emergency:
        return "A review can't be overridden here: no `review.emergency: true`."
    if not may_override:
        named = listed(map(plain, rules.overriders))
        return f"Only {named or 'administrators of the repository'} may override this."
    if not override.reason.strip():
        return "To override this, give a reason."
    return None


def _passed_over(
    check: Check,
    override: Override,
    requester: Person,
    rules: Env | None,
    may_override: bool,
) -> Check:
    if no := why_not(check.code, override, rules, may_override=may_override):
        return check.model_copy(update={"message": f"{check.message} {no}"})
    who, why = plain(requester.login), plain(override.reason.strip())
    message = f"{check.message} Overridden by {who}: {why}"
    return check.model_copy(update={"state": "overridden", "message": message})
