"""Are there rules to go by? They are read at the head of the default branch."""

from dataclasses import dataclass
from urllib.parse import quote

from shared.contracts import Check, RollbackTarget
from shared.deploy_yml import ConfigError, Rules, read
from verifier.domain.found import Found

from .codes import AT_GITHUB, CONFIG, ENVIRONMENT, REF
from .wording import failed, listed, passed, plain, skipped, warning


@dataclass(frozen=True)
class NoRules:
    """Why there are no rules to go by."""

    message: str
    line: int | None = None


def read_rules(found: Found, *, rollback: bool = False) -> Rules | NoRules:
    """The rules at the head of the default branch, or why there are none."""
    if found.head is None:
        name = found.repository.full_name
        return NoRules(f"{name} has no commit on a default branch yet: push one.")
    where = f"{_head(found)} ({found.head[:7]})"
    if found.config_file is None:
        return NoRules(
            f"There is no {where}. Rules are read from there, whatever is deployed: "
            "add the file."
        )
    if found.config_file.text is None:
        return NoRules(f"{where} is too large, or not text.")
    try:
        return read(found.config_file.text, rollback=rollback)
    except ConfigError as error:
        wrong = error.problems
        mistakes = "a mistake" if len(wrong) == 1 else f"{len(wrong)} mistakes"
        told = listed(map(str, wrong), "; ")
        return NoRules(f"{where} has {mistakes}: {told}.", wrong[0].line)


def no_repository(name: str) -> tuple[Check, ...]:
    """The answers when GitHub does not know the repository, or hides it from us."""
    what = (
        f"GitHub shows no repository {plain(name)} to our token: it is gone, or the "
        "token may not read it."
    )
    return tuple(
        failed(REF, what) if code == REF else skipped(code, "there is no repository")
        for code in AT_GITHUB
    )


def config(
    found: Found,
    rules: Rules | NoRules,
    *,
    target: RollbackTarget | None = None,
    dead_end: str | None = None,
    url: str | None = None,
) -> Check:
    """Is there a `deploy.yml` without mistakes, by which a deployment can end well?

    A rollback doesn't need it: the rules of its target are known, and hold for it.
    """
    if isinstance(rules, Rules):
        if dead_end:
            return failed(CONFIG, dead_end, url or _file(found))
        return passed(CONFIG, f"{_head(found)} is valid.", _file(found))
    page = _file(found, rules.line) if found.config_file else found.page
    if target is None:
        return failed(CONFIG, rules.message, page)
    told = f"{rules.message} {_instead(target)}"
    if dead_end:
        return failed(CONFIG, f"{told} {dead_end}", page)
    return warning(CONFIG, told, page)


def environment(
    found: Found,
    rules: Rules | NoRules,
    name: str,
    target: RollbackTarget | None = None,
) -> Check:
    """Does it define the environment?"""
    if isinstance(rules, NoRules):
        return skipped(ENVIRONMENT, "there is no valid deploy.yml")
    if name in rules.envs:
        url = _file(found, rules.lines[name])
        return passed(ENVIRONMENT, f"deploy.yml defines {plain(name)}.", url)
    defined = listed(map(plain, rules.envs)) or "none"
    what = f"{_head(found)} defines no environment {plain(name)}, but: {defined}."
    if target:
        return warning(ENVIRONMENT, f"{what} {_instead(target)}", _file(found))
    alike = [e for e in rules.envs if e.casefold() == name.casefold()]
    hint = f" Write it exactly so: {plain(alike[0])}." if alike else ""
    return failed(ENVIRONMENT, what + hint, _file(found))


def place(
    found: Found, rules: Rules | NoRules, environment: str, field: str
) -> str | None:
    """The address of the line that says it, if one does."""
    if isinstance(rules, NoRules) or (environment, field) not in rules.places:
        return None
    return _file(found, rules.places[environment, field][0])


def _instead(target: RollbackTarget) -> str:
    return f"So the rules are those by which #{target.number} was deployed."


def _head(found: Found) -> str:
    return f"{plain(found.config_path)} at the head of {plain(found.default_branch)}"


def _file(found: Found, line: int | None = None) -> str:
    anchor = f"#L{line}" if line else ""
    return f"{found.page}/blob/{found.head}/{quote(found.config_path)}{anchor}"
