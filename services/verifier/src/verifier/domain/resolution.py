"""What GitHub's answer means for a request: the commit, the rules, and the checks.

Both are pinned. Whatever happens to the branch or to `deploy.yml` afterwards, this
deployment is verified, approved and carried out as it was resolved here.
"""

from datetime import datetime

from shared.contracts import Check, Fact, Person, PinnedConfig, Repository, Sha
from shared.deploy_yml import Env, Rules
from verifier import checks

from .found import Contexts, Found
from .wanted import Wanted


class RefResolved(Fact):
    """What GitHub said about the ref, and the rules that hold for it."""

    #: As GitHub named it.
    repository: Repository
    #: Its page in the web.
    page: str
    #: None if the ref means no commit.
    sha: Sha | None
    #: None if there are no rules for this environment, or none that can be read.
    config: PinnedConfig | None
    required_contexts: tuple[str, ...] | None
    #: What only GitHub's answer decides; `judgement` adds what hangs on the moment.
    checks: tuple[Check, ...]
    #: All rules of the environment, as they were read.
    rules: Env | None = None
    #: Who may approve: people of teams one by one, the requester never.
    reviewers: tuple[Person, ...] = ()
    #: Who is named as a reviewer and can't be asked, and why.
    missing_reviewers: tuple[str, ...] = ()
    #: Whether the requester is one who may pass over checks.
    may_override: bool = False
    resolved_at: datetime

    @property
    def hangs_on_checks(self) -> bool:
        """Whether the checks of the commit are what the verdict still hangs on."""
        others = (c for c in self.checks if c.code != checks.COMMIT_CHECKS)
        asked = self.required_contexts is None or bool(self.required_contexts)
        return asked and not any(checks.refuses(c) for c in others)


class ChecksAnswered(Fact):
    """GitHub was asked once more how the pinned commit's checks are."""

    check: Check
    answered_at: datetime


def resolve(request: Wanted, found: Found | None, now: datetime) -> RefResolved:
    """Evaluate every check that GitHub's answer can decide; none: no repository."""
    if found is None:
        return _lost(request, now)
    rules = checks.read_rules(found)
    env = rules.envs.get(request.environment) if isinstance(rules, Rules) else None
    return RefResolved(
        repository=found.repository,
        page=found.page,
        sha=found.sha,
        config=_pinned(found, env),
        required_contexts=_required(env),
        rules=env,
        checks=(
            checks.config(found, rules),
            checks.environment(found, rules, request.environment),
            checks.ref(found, request.ref),
            checks.up_to_date(found, env, request.ref),
            _commit_checks(found, env),
        ),
        resolved_at=now,
    )


def answer_checks(
    resolved: RefResolved, sha: str, contexts: Contexts | None, now: datetime
) -> ChecksAnswered:
    """Evaluate the pinned commit's checks by the pinned rules; none: it is gone."""
    check = (
        checks.commit_gone(sha)
        if contexts is None
        else checks.commit_checks(
            contexts, resolved.required_contexts, sha, resolved.page
        )
    )
    return ChecksAnswered(check=check, answered_at=now)


def _lost(request: Wanted, now: datetime) -> RefResolved:
    return RefResolved(
        repository=request.repository,
        page="",
        sha=None,
        config=None,
        required_contexts=None,
        checks=checks.no_repository(request.repository.full_name),
        resolved_at=now,
    )


def _pinned(found: Found, env: Env | None) -> PinnedConfig | None:
    if env is None or found.head is None:
        return None
    return PinnedConfig(
        commit=found.head,
        digest=env.digest,
        environment=env.name,
        task=env.task,
        description=env.description,
        payload=env.payload,
        production_environment=env.production_environment,
        serialization=env.serialization,
    )


def _required(env: Env | None) -> tuple[str, ...] | None:
    if env is None or env.required_contexts is None:
        return None
    return tuple(env.required_contexts)


def _commit_checks(found: Found, env: Env | None) -> Check:
    if env is None:
        return checks.skipped(checks.COMMIT_CHECKS, "there are no rules to go by")
    if found.sha is None:
        return checks.skipped(checks.COMMIT_CHECKS, "there is no such ref")
    return checks.commit_checks(
        found.contexts, env.required_contexts, found.sha, found.page
    )
