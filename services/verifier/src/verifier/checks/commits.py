"""Have the checks of the commit passed?"""

from collections.abc import Iterable, Sequence

from shared.contracts import Check
from verifier.domain.found import Contexts, Reported

from .codes import COMMIT_CHECKS
from .wording import failed, listed, passed, pending, plain, skipped


def commit_checks(
    contexts: Contexts, required: Sequence[str] | None, sha: str, page: str
) -> Check:
    """Have the required checks of the commit passed?"""
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
    return _summed_up(_counted(contexts, required), sha[:7], url)


def _summed_up(counted: Sequence[Reported], commit: str, url: str) -> Check:
    if not counted:
        return passed(COMMIT_CHECKS, f"{commit} has no checks.", url)
    red = [c for c in counted if c.state == "failed"]
    open_ = [c for c in counted if c.state == "pending"]
    if not red and not open_:
        all_ = f"{len(counted)} of {len(counted)}"
        return passed(COMMIT_CHECKS, f"{all_} checks of {commit} have passed.", url)
    what = " and ".join(_told(cs) for cs in (red, open_) if cs)
    hint = "" if red else " Deploy again when they have passed."
    answer = failed if red else pending
    return answer(COMMIT_CHECKS, f"Of the checks of {commit}, {what}.{hint}", url)


def commit_gone(sha: str) -> Check:
    """The answer when the pinned commit itself has vanished."""
    what = f"GitHub no longer has {sha[:7]}: it was removed after it was resolved."
    return failed(COMMIT_CHECKS, what)


def _counted(contexts: Contexts, required: Sequence[str] | None) -> Sequence[Reported]:
    """What counts of the reported, and what should have been."""
    if required is None:
        more = (Reported(name, "pending", "not finished") for name in _silent(contexts))
        return [*contexts.reported, *more]
    named = [c for c in contexts.reported if c.name in required]
    absent = (Reported(n, "pending", "absent") for n in _absent(contexts, required))
    return [*named, *absent]


def _absent(contexts: Contexts, required: Iterable[str]) -> list[str]:
    known = {c.name for c in contexts.reported}
    return [name for name in required if name not in known]


def _silent(contexts: Contexts) -> Iterable[str]:
    """Suites that are unfinished although no run of theirs is."""
    busy = any(c.state == "pending" for c in contexts.reported)
    return () if busy else contexts.unfinished


def _told(contexts: Sequence[Reported]) -> str:
    verb = "has" if len(contexts) == 1 else "have"
    what = f"{verb} failed" if contexts[0].state == "failed" else f"{verb} not passed"
    return f"{listed(f'{plain(c.name)} ({c.word})' for c in contexts)} {what}"
