"""What GitHub's answer means for what is wanted: the commit, the rules, the checks.

All are pinned. Whatever happens to the branch or to `deploy.yml` afterwards, this
deployment is verified, approved and carried out as it was resolved here.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import model_validator

from shared.contracts import Check, Fact, Person, PinnedConfig, Repository, Sha
from shared.deploy_yml import Env
from verifier import checks

from .evaluation import evaluate
from .found import Contexts, People
from .people import Reviewers, may_override, reviewers
from .pinning import pinned, rules_of
from .reading import Reading
from .wanted import Wanted

#: So long after an auto deploy's request it may take until a first check is reported.
FIRST_CHECK: Final = timedelta(minutes=2)


class RefResolved(Fact):
    """What GitHub said about the ref, and the rules that hold for it."""

    #: As GitHub named it.
    repository: Repository
    #: Its page in the web.
    page: str
    #: None if the ref means no commit.
    sha: Sha | None
    committed_at: datetime | None = None
    #: None if there are no rules for this environment, or none that can be read.
    config: PinnedConfig | None
    #: What only GitHub's answer decides; `judgement` adds what hangs on the moment.
    checks: tuple[Check, ...]
    resolved_at: datetime
    #: All rules of the environment, as they were read.
    rules: Env | None = None
    #: Who may approve: people of teams one by one, the requester never.
    reviewers: tuple[Person, ...] = ()
    #: Who is named as a reviewer and can't be asked, and why.
    missing_reviewers: tuple[str, ...] = ()
    #: Whether the requester is one who may pass over checks; known if it was tried.
    may_override: bool = False
    #: Those of the commit's checks that had not finished.
    unfinished: tuple[str, ...] = ()
    #: Until when a commit without any check is given time for a first one.
    first_check_by: datetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_rules(cls, told: Any) -> Any:
        """Facts of before kept no rules but those that were pinned."""
        if not isinstance(told, dict) or "rules" in told or not told.get("config"):
            return told
        rules = rules_of(PinnedConfig.model_validate(told["config"]))
        required = told.get("required_contexts")
        return {**told, "rules": {**dict(rules), "required_contexts": required}}

    @property
    def hangs_on_checks(self) -> bool:
        """Whether the checks of the commit may be what the verdict hangs on."""
        told = {check.code: check for check in self.checks}
        final = (c for code, c in told.items() if code not in checks.OVERRIDABLE)
        return told[checks.COMMIT_CHECKS].state != "skipped" and not any(
            map(checks.refuses, final)
        )


class ChecksAnswered(Fact):
    """GitHub was asked once more how the pinned commit's checks are."""

    check: Check
    answered_at: datetime
    #: Those that had not finished.
    unfinished: tuple[str, ...] = ()


def resolve(
    wanted: Wanted,
    reading: Reading | None,
    people: People,
    now: datetime,
    first_check: timedelta = FIRST_CHECK,
) -> RefResolved:
    """Evaluate every check that GitHub's answer can decide; none: no repository."""
    if reading is None:
        return _lost(wanted, now)
    found, env = reading.found, reading.env
    asked = reviewers(env, wanted, people) if env else Reviewers()
    overrides = env is not None and may_override(env, wanted, people)
    first_by = now + first_check if wanted.source == "push" else None
    return RefResolved(
        repository=found.repository,
        page=found.page,
        sha=found.sha,
        committed_at=found.committed_at,
        config=_config(reading, wanted),
        checks=evaluate(reading, wanted, people, first_by),
        resolved_at=now,
        rules=env,
        reviewers=asked.asked,
        missing_reviewers=asked.missing,
        may_override=overrides,
        unfinished=checks.unfinished(found.contexts, env),
        first_check_by=first_by,
    )


def answer_checks(
    resolved: RefResolved, sha: str, contexts: Contexts | None, now: datetime
) -> ChecksAnswered:
    """Evaluate the pinned commit's checks by the pinned rules; none: it is gone."""
    rules, by = resolved.rules, resolved.first_check_by
    if contexts is None:
        gone = checks.commit_gone(sha, resolved.page)
        return ChecksAnswered(check=gone, answered_at=now)
    first_by = by if by and now < by else None
    return ChecksAnswered(
        check=checks.commit_checks(
            contexts, rules, sha, resolved.page, first_by=first_by
        ),
        answered_at=now,
        unfinished=checks.unfinished(contexts, rules),
    )


def _lost(wanted: Wanted, now: datetime) -> RefResolved:
    return RefResolved(
        repository=wanted.repository,
        page="",
        sha=None,
        config=None,
        checks=checks.no_repository(wanted.repository.full_name),
        resolved_at=now,
    )


def _config(reading: Reading, wanted: Wanted) -> PinnedConfig | None:
    """Of the rules that are there now, else for a rollback those of its target."""
    head, target = reading.found.head, wanted.rollback_of
    if reading.env and reading.current and head:
        return pinned(head, reading.env, wanted)
    return target.config if target else None
