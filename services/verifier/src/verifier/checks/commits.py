"""Have the checks of the commit passed?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from shared.contracts import Check
from shared.deploy_yml import Env, matches
from shared.deploy_yml.durations import shown
from verifier.domain.found import Contexts, Reported

from .codes import COMMIT_CHECKS
from .wording import failed, listed, moment, passed, pending, plain, skipped, waits

_MEND: Final = "Run what has failed again, or mend it, and deploy then."
_PATIENCE: Final = "A deployment can wait for that (`wait_for_checks`), or be repeated."


def commit_checks(
    contexts: Contexts,
    rules: Env | None,
    sha: str | None,
    page: str,
    *,
    first_by: datetime | None = None,
) -> Check:
    """Have the required checks of the commit passed?

    While it has none at all, a first one is awaited until `first_by`.
    """
    if rules is None:
        return skipped(COMMIT_CHECKS, "there are no rules for this environment")
    if sha is None:
        return skipped(COMMIT_CHECKS, "there is no such ref")
    required = rules.required_contexts
    if required is not None and not required:
        return skipped(COMMIT_CHECKS, "deploy.yml says `required_contexts: []`")
    url = f"{page}/commit/{sha}/checks"
    if contexts.withheld and (required is None or _absent(contexts, required)):
        return failed(
            COMMIT_CHECKS,
            f"GitHub does not show all checks of {sha[:7]} to our token: it needs to "
            "read checks and commit statuses, which a fine-grained personal token "
            "can't. Use a GitHub App, or name what is needed in `required_contexts`.",
            url,
        )
    counted = _counted(contexts, rules)
    if not counted and first_by:
        told = f"{sha[:7]} has no checks yet; one is awaited until {moment(first_by)}."
        return waits(pending(COMMIT_CHECKS, told, url), until=first_by)
    return _summed_up(counted, sha[:7], url)


def unfinished(contexts: Contexts, rules: Env | None) -> tuple[str, ...]:
    """The names of those checks that count and have not finished."""
    if rules is None:
        return ()
    return tuple(c.name for c in _counted(contexts, rules) if c.state == "pending")


def _summed_up(counted: Sequence[Reported], commit: str, url: str) -> Check:
    if not counted:
        return passed(COMMIT_CHECKS, f"{commit} has no checks.", url)
    red = [c for c in counted if c.state == "failed"]
    open_ = [c for c in counted if c.state == "pending"]
    if not red and not open_:
        all_ = f"{len(counted)} of {len(counted)}"
        return passed(COMMIT_CHECKS, f"{all_} checks of {commit} have passed.", url)
    what = " and ".join(_told(cs) for cs in (red, open_) if cs)
    answer = failed if red else pending
    todo = f" {_MEND}" if red else ""
    told = answer(COMMIT_CHECKS, f"Of the checks of {commit}, {what}.{todo}", url)
    return waits(told, (c.name for c in (*red, *open_)))


def not_awaited(check: Check, rules: Env, until: datetime | None) -> Check:
    """The same answer where what is pending is waited for no more.

    Until then it was waited for; none: it was not waited for at all.
    """
    told = _PATIENCE if until is None else _too_late(rules, until)
    return check.model_copy(update={"message": f"{check.message} {told}"})


def _too_late(rules: Env, until: datetime) -> str:
    waited = f"{shown(rules.checks_timeout)} (`checks_timeout`), until {moment(until)}"
    return (
        f"That was waited for {waited}, and the time is up: see why it takes so long, "
        "or give it longer in deploy.yml, and deploy again."
    )


def commit_gone(sha: str, page: str) -> Check:
    """The answer when the pinned commit itself has vanished."""
    what = f"GitHub no longer has {sha[:7]}: it was removed after it was resolved."
    return failed(COMMIT_CHECKS, what, page)


def _counted(contexts: Contexts, rules: Env) -> Sequence[Reported]:
    """What counts of the reported, and what should have been.

    What is required by name counts, also if a pattern would have it ignored.
    """
    required = rules.required_contexts
    if required is None:
        more = (Reported(n, "pending", "not finished") for n in contexts.unfinished)
        told = (*contexts.reported, *more)
        ignored = _ignored({c.name for c in told}, rules.ignore_contexts)
        return [c for c in told if c.name not in ignored]
    named = [c for c in contexts.reported if c.name in required]
    absent = (Reported(n, "pending", "absent") for n in _absent(contexts, required))
    return [*named, *absent]


def _ignored(names: Iterable[str], patterns: Iterable[str]) -> set[str]:
    """Pattern by pattern: to make one ready takes longer than to hold it to many."""
    known = set(names)
    return {name for pattern in patterns for name in known if matches(pattern, name)}


def _absent(contexts: Contexts, required: Iterable[str]) -> list[str]:
    known = {c.name for c in contexts.reported}
    return [name for name in required if name not in known]


def _told(contexts: Sequence[Reported]) -> str:
    verb = "has" if len(contexts) == 1 else "have"
    what = f"{verb} failed" if contexts[0].state == "failed" else f"{verb} not passed"
    return f"{listed(f'{plain(c.name)} ({c.word})' for c in contexts)} {what}"
