"""The answers to all questions that GitHub's word alone decides."""

from datetime import datetime
from functools import partial
from typing import Final

from shared.contracts import Check
from shared.deploy_yml import Env
from verifier import checks

from .found import People
from .people import may_override, reviewers
from .reading import Reading
from .wanted import Wanted

#: Why what is not asked of a rollback isn't.
PAST: Final = "a rollback goes past it"


def evaluate(
    reading: Reading, wanted: Wanted, people: People, first_check_by: datetime | None
) -> tuple[Check, ...]:
    """Every check whose answer stays what it is; the commit's checks as they are."""
    found, env = reading.found, reading.env
    return (
        *_about_rules(reading, wanted, people),
        checks.ref(found, wanted),
        *_about_request(reading, wanted, people),
        _past(checks.COMMIT_CHECKS)
        if wanted.rollback_of
        else checks.commit_checks(
            found.contexts, env, found.sha, found.page, first_by=first_check_by
        ),
    )


def _about_rules(reading: Reading, wanted: Wanted, people: People) -> tuple[Check, ...]:
    found, rules, target = reading.found, reading.rules, wanted.rollback_of
    return (
        checks.config(
            found,
            rules,
            target=target,
            dead_end=_dead_end(reading.env, wanted, people),
            url=reading.line(wanted, "review"),
        ),
        checks.environment(found, rules, wanted.environment, target),
    )


def _about_request(
    reading: Reading, wanted: Wanted, people: People
) -> tuple[Check, ...]:
    found, env, ref = reading.found, reading.env, wanted.ref
    line = partial(reading.line, wanted)
    held_back = (
        (_past(checks.DEPLOYABLE_REF), _past(checks.UP_TO_DATE))
        if wanted.rollback_of
        else (
            checks.deployable_ref(found, env, ref, line("deployable_ref")),
            checks.up_to_date(found, env, ref),
        )
    )
    return (
        checks.deployers(env, wanted.requested_by, people, line("deployers")),
        *held_back,
        checks.payload(env, wanted, line("dynamic_payload")),
    )


def _dead_end(env: Env | None, wanted: Wanted, people: People) -> str | None:
    """Why nobody could ever approve this, unless somebody passes over the review."""
    if env is None:
        return None
    override = wanted.override
    if override and checks.REVIEW in override.checks:
        may = may_override(env, wanted, people)
        if checks.why_not(checks.REVIEW, override, env, may_override=may) is None:
            return None
    return checks.dead_end(env, reviewers(env, wanted, people), wanted)


def _past(code: str) -> Check:
    """What a rollback does without."""
    return checks.skipped(code, PAST)
