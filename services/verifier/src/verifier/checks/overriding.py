"""Passing over a check: by whom it may be done, and what stays forbidden."""

from collections.abc import Sequence

from shared.contracts import Check, Override, Person
from shared.deploy_yml import Env

from .codes import OVERRIDABLE
from .wording import plain


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
        _passed_over(check, override, requester)
        if refuses(check)
        and check.code in override.checks
        and check.code in OVERRIDABLE
        and may_override
        and override.reason.strip()
        else check
        for check in checks
    )


def _passed_over(check: Check, override: Override, requester: Person) -> Check:
    who, why = plain(requester.login), plain(override.reason.strip())
    message = f"{check.message} Overridden by {who}: {why}"
    return check.model_copy(update={"state": "overridden", "message": message})
