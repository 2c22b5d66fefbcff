"""What must never be in an environment, and for none of its deployments."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    ConfirmationRefused,
    EnvironmentLocked,
    EnvironmentUnlocked,
    GitHubDeploymentCanceled,
    Message,
    RefRejected,
    RefVerified,
    SlotReleaseRequested,
)
from verifier.domain import environment, verification
from verifier.domain.environment import (
    Environment,
    EnvironmentFact,
    LockAnswer,
    SlotEnded,
    SlotGranted,
)
from verifier.domain.verification import Verification

from .world import BEN


@dataclass
class Laws:
    """What has been said so far, and what may be said after that."""

    serialized: bool = True
    here: Environment = field(default_factory=Environment)
    known: dict[UUID, Verification] = field(default_factory=dict)
    #: Confirmations that were refused.
    refused: list[UUID] = field(default_factory=list)
    #: Deployments that were over before there was a verdict, or after it.
    over: set[UUID] = field(default_factory=set)
    lock: EnvironmentLocked | None = None
    #: The rollback that went out last, unless pushes go on after it.
    held: UUID | None = None
    running: set[UUID] = field(default_factory=set)
    gone_out: list[SlotGranted] = field(default_factory=list)
    ended: list[UUID] = field(default_factory=list)
    answers: list[UUID] = field(default_factory=list)

    def happened_to(self, id_: UUID, message: Message[Any]) -> None:
        before = self.known.get(id_, Verification())
        fact = message.data
        if isinstance(fact, RefVerified | RefRejected):
            assert before.verdict is None, "a verdict is said once"
            assert id_ not in self.over, "what is over gets no verdict"
        if isinstance(fact, GitHubDeploymentCanceled | SlotReleaseRequested):
            self.over.add(id_)
        if isinstance(fact, RefVerified) and before.review:
            self.was_approved(before, fact)
        if isinstance(fact, ConfirmationRefused):
            assert fact.confirmation_id not in self.refused, "answered once"
            self.refused.append(fact.confirmation_id)
        self.known[id_] = verification.evolve(before, message)

    def happened_here(self, message: Message[EnvironmentFact]) -> None:
        match message.data:
            case SlotGranted() as granted:
                self.goes_out(granted, message.time)
            case SlotEnded(deployment_id=id_):
                assert id_ not in self.ended, "a place is freed once"
                self.ended.append(id_)
                self.running.discard(id_)
            case EnvironmentLocked() as locked:
                other = self.lock and self.lock.lock_id != locked.lock_id
                assert not other, "one lock at a time"
                self.lock = locked
            case EnvironmentUnlocked():
                self.lock = None
            case AutoDeployHeld(rollback_id=id_):
                self.held = id_
            case AutoDeployResumed(rollback_id=id_) if id_ == self.held:
                self.held = None
        if isinstance(message.data, LockAnswer | AutoDeployResumed):
            command = message.data.command_id
            assert command is None or command not in self.answers, "answered once"
            self.answers += [command] if command else []
        self.here = environment.evolve(self.here, message)

    def goes_out(self, granted: SlotGranted, at: datetime) -> None:
        """Somebody gets the place: was it theirs?"""
        id_ = granted.deployment_id
        verified = self.known[id_].verdict
        assert isinstance(verified, RefVerified), "never without a verification"
        over = set(verified.override.checks if verified.override else ())
        states = {c.code: c.state for c in verified.checks}
        assert not {"failed", "pending"} & set(states.values()), "never a red one"
        assert {c for c, s in states.items() if s == "overridden"} == over
        if self.serialized and self.running:
            assert "running" in over, "never two at a time"
        there = self.lock
        shut = there and not (there.expires_at and there.expires_at <= at)
        if there and shut and there.owner.id != granted.requested_by.id:
            assert "locked" in over, "never past somebody's lock"
        if granted.origin == "push":
            assert not self.held, "never a push after a rollback"
            newest = max(self.gone_out, key=lambda g: g.age, default=granted)
            newer = newest.age > granted.age and newest.sha != granted.sha
            assert not newer, "never older than what has gone out"
        line = [w for w in self.here.waiting.known.values() if w.waits_for == "slot"]
        if any(one.deployment_id == id_ for one in line):
            first = min(line, key=lambda one: (one.origin != "rollback", one.number))
            assert first.deployment_id == id_, "never before those ahead in line"
        self.running.add(id_)
        if granted.origin != "rollback":
            self.gone_out.append(granted)

    def was_approved(self, known: Verification, verified: RefVerified) -> None:
        """Somebody else has approved this very commit, under these very rules."""
        assert known.review
        pair = (known.review.sha, known.review.config_digest)
        assert (verified.sha, verified.config.digest) == pair
        given = [
            c.approvals
            for c in known.confirmations.values()
            if (c.sha, c.config_digest) == pair
        ]
        if verified.override and "review" in verified.override.checks:
            self.was_an_emergency(known, verified)
            return
        assert verified.approvals in given, "never an approval for another commit"
        others = {a.reviewer.id for a in verified.approvals} - {
            verified.requested_by.id
        }
        assert others, "nobody approves what they asked for"

    def was_an_emergency(self, known: Verification, verified: RefVerified) -> None:
        """An overrider has said so, of this very commit under these very rules."""
        assert known.review
        assert known.review.emergency, "only where the rules have one"
        pair = (verified.sha, verified.config.digest)
        assert any(
            c.override and "review" in c.override.checks and c.confirmed_by == BEN
            for c in known.confirmations.values()
            if (c.sha, c.config_digest) == pair
        ), "only an overrider goes past a review"
