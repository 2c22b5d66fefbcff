"""One deployment in its environment at one moment: what is decided about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, reduce
from typing import Literal, NamedTuple
from uuid import UUID

from shared.contracts import Check, DeployRequested, Holder, PinnedConfig
from shared.deploy_yml import Env
from verifier import checks

from .environment import Environment, Waits
from .judgement import judge
from .resolution import RefResolved
from .verification import News, Sent, Verification, VerificationFact, file

Stage = Literal["checks", "review", "slot"]


@dataclass(frozen=True)
class Moment:
    """What a decision takes into account besides the two streams."""

    now: datetime
    #: For so long a verified deployment may be begun.
    holds_for: timedelta
    #: What GitHub has just said, if it was asked.
    news: News | None = None
    #: When which commit succeeded in which of the environments that are needed.
    succeeded: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    #: Of confirmations that want to pass over checks whether whoever gave them may.
    overriders: Mapping[UUID, bool] = field(default_factory=dict)


class Pair(NamedTuple):
    """What approvals are given to, and deployments are made of."""

    sha: str
    config: PinnedConfig
    rules: Env


@dataclass(frozen=True)
class Case:
    """A deployment that is still wanted, and whose ref was looked up."""

    known: Verification
    place: Environment
    request: DeployRequested
    resolved: RefResolved
    moment: Moment

    @property
    def id(self) -> UUID:
        return self.request.deployment_id

    @property
    def pair(self) -> Pair:
        """Known as soon as no check refuses it."""
        known = self.resolved
        if known.sha is None or known.config is None or known.rules is None:
            raise ValueError("a ref without a commit or rules can't be verified")
        return Pair(known.sha, known.config, known.rules)

    @property
    def stage(self) -> Stage:
        """What it waits for, if it can't go on at once."""
        if self.known.awaited:
            return "slot"
        return "review" if self.known.review else "checks"

    def after(self, facts: Iterable[VerificationFact]) -> "Case":
        """The same when this has been said."""
        return replace(self, known=reduce(file, facts, self.known))

    # What the environment's stream knows of it.

    @cached_property
    def claim(self) -> Waits:
        """Who wants what here."""
        request, rules = self.request, self.resolved.rules
        source = request.source
        origin = source if source in {"push", "rollback"} else "person"
        pushed_at = request.pushed_at if source == "push" else None
        # GitHub tells of pushes in whole seconds; within one the number decides.
        as_of = (pushed_at or request.requested_at).replace(microsecond=0)
        return Waits.model_validate(
            {
                "deployment_id": self.id,
                "number": request.number,
                "ref": request.ref,
                "requested_by": request.requested_by,
                "sha": self.resolved.sha,
                "origin": origin,
                "as_of": as_of,
                "waits_for": self.stage,
                "gives_way": bool(
                    rules and rules.queue == "latest" and origin != "rollback"
                ),
                "minds_foreign": bool(rules and rules.foreign == "hold"),
                "timeout_s": int(rules.timeout.total_seconds()) if rules else None,
            }
        )

    def waiting_for(self, stage: Stage) -> Waits:
        return self.claim.model_copy(update={"waits_for": stage})

    @property
    def waits_here(self) -> bool:
        return self.id in self.place.waiting.known

    @property
    def holder(self) -> Holder | None:
        """Who is in the way."""
        return self.place.holder_before(self.claim)

    # How it is judged.

    @property
    def to_answer(self) -> Iterator[Sent]:
        """Confirmations without an answer, but for those of whom we know too little.

        Such a one has come meanwhile; its own message asks GitHub about its sender.
        """
        for confirmation in self.known.unanswered(self.moment.now):
            if confirmation.override is None:
                yield Sent(confirmation)
            elif confirmation.confirmation_id in self.moment.overriders:
                may = self.moment.overriders[confirmation.confirmation_id]
                yield Sent(confirmation, may)

    def answers(self, sent: Sent | None = None) -> tuple[Check, ...]:
        """All checks, as they are now, for whoever sends it."""
        now = self.moment.now
        told = judge(
            self.request,
            self.resolved,
            self.place.situation(self.claim, now, self.moment.succeeded),
            now,
            answers=[self._advised(check) for check in self.known.checks],
            approvals=sent.confirmation.approvals if sent else (),
            superseded_by=self.place.superseded_by(self.claim),
        )
        if sent is None:
            return told
        return checks.overridden(
            told,
            sent.confirmation.override,
            sent.confirmation.confirmed_by,
            self.resolved.rules,
            may_override=sent.may_override,
        )

    def _advised(self, check: Check) -> Check:
        """With what to do about checks that are pending, if they are not awaited."""
        rules, open_ = self.resolved.rules, check.state == "pending"
        if check.code != checks.COMMIT_CHECKS or not open_ or rules is None:
            return check
        if self.stage != "checks" or self.waits(check):
            return check
        return checks.not_awaited(
            check, rules, self.checks_until if self._is_patient else None
        )

    def answers_to(self, sent: Sent) -> tuple[Check, ...]:
        """All checks, for whoever sends it: what was shown to them counts alone."""
        (sha, config, _), confirmation = self.pair, sent.confirmation
        if (confirmation.sha, confirmation.config_digest) == (sha, config.digest):
            return self.answers(sent)
        other = checks.other_commit(confirmation.sha, sha)
        return tuple(
            other.model_copy(update={"url": c.url}) if c.code == checks.REVIEW else c
            for c in self.answers()
        )

    def reason(self, answers: Iterable[Check]) -> Check | None:
        """The first answer that refuses it, and for which it can't wait."""
        refusing = (c for c in answers if checks.refuses(c) and not self.waits(c))
        return next(refusing, None)

    def waits(self, check: Check) -> bool:
        """Whether this is something to wait for, at the stage that was reached."""
        match check.code:
            case checks.COMMIT_CHECKS:
                in_time = self.moment.now < self.checks_until
                return check.state == "pending" and in_time
            case checks.REVIEW:
                return check.state == "pending" and self.stage == "checks"
            case checks.RUNNING:
                rules, source = self.resolved.rules, self.request.source
                return source == "rollback" or bool(rules and rules.queue)
        return False

    @property
    def checks_until(self) -> datetime:
        """How long its commit's checks may take, once GitHub has told of them."""
        resolved, waits = self.resolved, self.stage == "checks" and self._is_patient
        if resolved.rules is None or not waits:
            return resolved.resolved_at
        return resolved.resolved_at + resolved.rules.checks_timeout

    @property
    def _is_patient(self) -> bool:
        """Whether it waits for its commit's checks at all."""
        return self.request.wait_for_checks or self.request.source == "push"
