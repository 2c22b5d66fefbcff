"""Are there rules to go by? They are read at the head of the default branch."""

from dataclasses import dataclass

from shared.contracts import Check
from shared.deploy_yml import ConfigError, Rules, read
from verifier.domain.found import Found

from .codes import COMMIT_CHECKS, CONFIG, ENVIRONMENT, REF, UP_TO_DATE
from .wording import failed, listed, passed, plain, skipped


@dataclass(frozen=True)
class NoRules:
    """Why there are no rules to go by."""

    message: str
    line: int | None = None


def read_rules(found: Found) -> Rules | NoRules:
    """The rules at the head of the default branch, or why there are none."""
    if found.head is None:
        name = found.repository.full_name
        return NoRules(f"{name} has no commit on a default branch yet: push one.")
    where = f"deploy.yml at the head of {plain(found.default_branch)}"
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
        told = listed(map(str, wrong), "; ")
        return NoRules(f"{where} has {mistakes}: {told}", wrong[0].line)


def no_repository(name: str) -> tuple[Check, ...]:
    """The answers when GitHub does not know the repository, or hides it from us."""
    what = (
        f"GitHub shows no repository {plain(name)} to our token: it is gone, or the "
        "token may not read it."
    )
    others = (ENVIRONMENT, UP_TO_DATE, COMMIT_CHECKS)
    config, *rest = (skipped(c, "there is no repository") for c in (CONFIG, *others))
    return (config, rest[0], failed(REF, what), *rest[1:])


def config(found: Found, rules: Rules | NoRules) -> Check:
    """Is there a `deploy.yml` without mistakes?"""
    if isinstance(rules, NoRules):
        url = _file(found, rules.line) if found.config_file else found.page
        return failed(CONFIG, rules.message, url)
    where = f"at the head of {plain(found.default_branch)}"
    return passed(CONFIG, f"deploy.yml {where} is valid.", _file(found))


def environment(found: Found, rules: Rules | NoRules, name: str) -> Check:
    """Does it define the environment?"""
    if isinstance(rules, NoRules):
        return skipped(ENVIRONMENT, "there is no valid deploy.yml")
    if name in rules.envs:
        url = _file(found, rules.lines[name])
        return passed(ENVIRONMENT, f"deploy.yml defines {plain(name)}.", url)
    defined = listed(map(plain, rules.envs)) or "none"
    alike = [e for e in rules.envs if e.casefold() == name.casefold()]
    hint = f" Write it exactly so: {plain(alike[0])}." if alike else ""
    return failed(
        ENVIRONMENT,
        f"deploy.yml at the head of {plain(found.default_branch)} defines no "
        f"environment {plain(name)}, but: {defined}.{hint}",
        _file(found),
    )


def _file(found: Found, line: int | None = None) -> str:
    anchor = f"#L{line}" if line else ""
    return f"{found.page}/blob/{found.head}/deploy.yml{anchor}"
