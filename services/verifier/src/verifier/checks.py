"""The six questions that decide whether a ref may be deployed, one function each.

Every one of them is answered, also after another has failed: people fix everything in
one go. Each answer is a sentence for somebody who is called at night and knows neither
the repository nor Gitploy: what is wrong, where, and what to do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never
from urllib.parse import quote

from shared.contracts import Check, PinnedConfig, Ref
from shared.deploy_yml import ConfigError, Env, Rules, read

from .domain.environment import Held
from .domain.found import Contexts, Found, Reported

CONFIG: Final = "config"
ENVIRONMENT: Final = "environment"
REF: Final = "ref"
UP_TO_DATE: Final = "up_to_date"
COMMIT_CHECKS: Final = "commit_checks"
RUNNING: Final = "running"

#: So many names are spelled out in one sentence.
_SPELLED_OUT: Final = 20


@dataclass(frozen=True)
class NoRules:
    """Why there are no rules to go by."""

    message: str
    line: int | None = None


def skipped(code: str, because: str) -> Check:
    """A question that can't be asked, or that nobody wants asked."""
    return Check(code=code, state="skipped", message=f"Not asked: {because}.")


def refuses(check: Check) -> bool:
    """Whether this answer alone forbids the deployment."""
    return check.state in {"failed", "pending"}


def read_rules(found: Found) -> Rules | NoRules:
    """The rules at the head of the default branch, or why there are none."""
    if found.head is None:
        name = found.repository.full_name
        return NoRules(f"{name} has no commit on a default branch yet: push one.")
    where = f"deploy.yml at the head of {_plain(found.default_branch)}"
    where = f"{where} ({found.head[:7]})"
    if found.config_file is None:
        return NoRules(
            f"There is no {where}. Rules are read from there, whatever is deployed: "
            "add the file."
        )
    if found.config_file.text is None:
        return NoRules(f"{where} is too large, or not text.")
    try:
        return read(found.config_file.text)
    except ConfigError as error:
        wrong = error.problems
        mistakes = "a mistake" if len(wrong) == 1 else f"{len(wrong)} mistakes"
        listed = _listed((str(p) for p in wrong), "; ")
        return NoRules(f"{where} has {mistakes}: {listed}", wrong[0].line)


def no_repository(name: str) -> tuple[Check, ...]:
    """The answers when GitHub does not know the repository, or hides it from us."""
    what = (
        f"GitHub shows no repository {_plain(name)} to our token: it is gone, or the "
        "token may not read it."
    )
    others = (ENVIRONMENT, UP_TO_DATE, COMMIT_CHECKS)
    config, *rest = (skipped(c, "there is no repository") for c in (CONFIG, *others))
    return (config, rest[0], _failed(REF, what), *rest[1:])


def config(found: Found, rules: Rules | NoRules) -> Check:
    """Is there a `deploy.yml` without mistakes?"""
    if isinstance(rules, NoRules):
        url = _file(found, rules.line) if found.config_file else found.page
        return _failed(CONFIG, rules.message, url)
    where = f"at the head of {_plain(found.default_branch)}"
    return _passed(CONFIG, f"deploy.yml {where} is valid.", _file(found))


def environment(found: Found, rules: Rules | NoRules, name: str) -> Check:
    """Does it define the environment?"""
    if isinstance(rules, NoRules):
        return skipped(ENVIRONMENT, "there is no valid deploy.yml")
    if name in rules.envs:
        url = _file(found, rules.lines[name])
        return _passed(ENVIRONMENT, f"deploy.yml defines {_plain(name)}.", url)
    defined = _listed(map(_plain, rules.envs), ", ") or "none"
    alike = [e for e in rules.envs if e.casefold() == name.casefold()]
    hint = f" Write it exactly so: {_plain(alike[0])}." if alike else ""
    return _failed(
        ENVIRONMENT,
        f"deploy.yml at the head of {_plain(found.default_branch)} defines no "
        f"environment {_plain(name)}, but: {defined}.{hint}",
        _file(found),
    )


def ref(found: Found, wanted: Ref) -> Check:
    """Does the ref exist, and mean a commit?"""
    name, repository = _plain(wanted.name), found.repository.full_name
    if found.sha:
        url = f"{found.page}/commit/{found.sha}"
        return _passed(REF, f"{wanted.type} {name} is at {found.sha[:7]}.", url)
    match wanted.type:
        case "branch":
            what = f"{repository} has no branch {name}."
        case "tag":
            what = f"{repository} has no tag {name} that names a commit."
        case "commit":
            what = (
                f"{repository} has no commit {name}, or several that begin so. "
                "Give its whole id, or at least 7 digits of it."
            )
        case _:
            assert_never(wanted.type)
    return _failed(REF, what, found.page)


def up_to_date(found: Found, env: Env | None, wanted: Ref) -> Check:
    """Does it have all commits of the default branch, if that is asked?"""
    if env is None:
        return skipped(UP_TO_DATE, "there are no rules for this environment")
    if not env.auto_merge:
        return skipped(UP_TO_DATE, "deploy.yml does not say `auto_merge: true`")
    if found.sha is None:
        return skipped(UP_TO_DATE, "there is no such ref")
    name, branch = _plain(wanted.name), _plain(found.default_branch)
    url = f"{found.page}/compare/{found.sha}...{quote(found.default_branch or '')}"
    match found.behind_by:
        case None:
            what = f"GitHub can't compare {name} ({found.sha[:7]}) with {branch}"
            return _failed(UP_TO_DATE, f"{what}: they have no common history.", url)
        case 0:
            return _passed(UP_TO_DATE, f"{name} has all commits of {branch}.", url)
        case behind:
            commits = "1 commit" if behind == 1 else f"{behind} commits"
            what = f"{name} ({found.sha[:7]}) is {commits} behind {branch}"
            why = "deploy.yml says `auto_merge: true`"
            return _failed(UP_TO_DATE, f"{what}: merge it first; {why}.", url)


def commit_checks(
    contexts: Contexts, required: Sequence[str] | None, sha: str, page: str
) -> Check:
    """Have the required checks of the commit passed?"""
    if required is not None and not required:
        return skipped(COMMIT_CHECKS, "deploy.yml says `required_contexts: []`")
    url = f"{page}/commit/{sha}/checks"
    if contexts.withheld and (required is None or _absent(contexts, required)):
        return _failed(
            COMMIT_CHECKS,
            f"GitHub does not show all checks of {sha[:7]} to our token: it needs to "
            "read checks and commit statuses, which a fine-grained personal token "
            "can't. Use a GitHub App, or name what is needed in `required_contexts`.",
            url,
        )
    return _summed_up(_counted(contexts, required), sha[:7], url)


def _summed_up(counted: Sequence[Reported], commit: str, url: str) -> Check:
    if not counted:
        return _passed(COMMIT_CHECKS, f"{commit} has no checks.", url)
    failed = [c for c in counted if c.state == "failed"]
    pending = [c for c in counted if c.state == "pending"]
    if not failed and not pending:
        all_ = f"{len(counted)} of {len(counted)}"
        return _passed(COMMIT_CHECKS, f"{all_} checks of {commit} have passed.", url)
    what = " and ".join(_told(cs) for cs in (failed, pending) if cs)
    hint = "" if failed else " Deploy again when they have passed."
    return Check(
        code=COMMIT_CHECKS,
        state="failed" if failed else "pending",
        message=f"Of the checks of {commit}, {what}.{hint}",
        url=url,
    )


def commit_gone(sha: str) -> Check:
    """The answer when the pinned commit itself has vanished."""
    what = f"GitHub no longer has {sha[:7]}: it was removed after it was resolved."
    return _failed(COMMIT_CHECKS, what)


def running(held: Held | None, config: PinnedConfig | None, page: str) -> Check:
    """Is there room in the environment?"""
    if config is None:
        return skipped(RUNNING, "there are no rules for this environment")
    name = _plain(config.environment)
    if not config.serialization:
        return skipped(RUNNING, f"{name} has room for all (no `serialization: true`)")
    if held is None:
        return _passed(RUNNING, f"Nothing else runs in {name}.")
    who = f"#{held.holder.number} ({_plain(held.ref.name)}, {held.requested_by.login})"
    since = f"{held.holder.since:%Y-%m-%d %H:%M:%S} UTC"
    return _failed(
        RUNNING,
        f"{who} has been running in {name} since {since}, and deploy.yml lets only one "
        "run at a time: wait for its end, or cancel it.",
        f"{page}/deployments",
    )


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
    return f"{_listed((f'{_plain(c.name)} ({c.word})' for c in contexts), ', ')} {what}"


def _file(found: Found, line: int | None = None) -> str:
    anchor = f"#L{line}" if line else ""
    return f"{found.page}/blob/{found.head}/deploy.yml{anchor}"


def _listed(parts: Iterable[str], between: str) -> str:
    known = list(parts)
    more = len(known) - _SPELLED_OUT
    rest = [f"and {more} more"] if more > 0 else []
    return between.join([*known[:_SPELLED_OUT], *rest])


def _plain(name: str | None) -> str:
    """A name that others chose, fit for a sentence and a terminal."""
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name or ""
    )
    return shown if len(shown) <= 100 else f"{shown[:100]}…"


def _passed(code: str, message: str, url: str | None = None) -> Check:
    return Check(code=code, state="passed", message=message, url=url)


def _failed(code: str, message: str, url: str | None = None) -> Check:
    return Check(code=code, state="failed", message=message, url=url or None)
