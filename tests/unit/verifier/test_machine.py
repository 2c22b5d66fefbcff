"""One environment, and everything that people, pushes, tools and time do to it.

Messages lie in a bag and are delivered in any order, more than once, to either of two
replicas, while GitHub is there or not. After each step the streams are read and held
against a small model of what must never be; in the end everything is delivered, and
nobody may be left waiting.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    ConfirmationRefused,
    DeployConfirmed,
    DeployRequested,
    EnvironmentLocked,
    EnvironmentUnlocked,
    Event,
    GitHubDeploymentCanceled,
    Message,
    PinnedConfig,
    RefRejected,
    RefVerified,
    ReviewRequested,
    SlotReleaseRequested,
)
from shared.testing import said
from verifier.application import Verifier
from verifier.domain import environment, verification
from verifier.domain.environment import (
    Environment,
    EnvironmentFact,
    LockAnswer,
    SlotEnded,
    SlotGranted,
)
from verifier.domain.verification import Verification

from .examples import ANN, REPOSITORY, canceled, release, status, target
from .locking import change, lock, unlock
from .world import (
    BEN,
    EVE,
    HOLDS,
    REVIEW,
    STAGING,
    World,
    minutes,
    override,
    sha_of,
)

PEOPLE = st.sampled_from([ANN, BEN, EVE])
RULES = [
    "serialization: true",
    "serialization: true, queue: true",
    "serialization: true, queue: latest",
    f"serialization: true, queue: true, {REVIEW}",
    f"serialization: true, queue: latest, {REVIEW}",
    f"serialization: true, {REVIEW}",
    "checks_timeout: 30m",
]
FORMER = 70


@dataclass
class Model:
    """What the environment's stream has said so far, and what that allows."""

    position: int = 0
    here: Environment = field(default_factory=Environment)
    known: dict[UUID, Verification] = field(default_factory=dict)
    #: Confirmations that were refused.
    refused: list[UUID] = field(default_factory=list)
    #: Deployments that were over before there was a verdict, or after it.
    over: set[UUID] = field(default_factory=set)
    lock: EnvironmentLocked | None = None
    held: bool = False
    running: set[UUID] = field(default_factory=set)
    gone_out: list[SlotGranted] = field(default_factory=list)
    ended: list[UUID] = field(default_factory=list)
    answers: list[UUID] = field(default_factory=list)


class Machine(RuleBasedStateMachine):
    """The environment, and all around it."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = World()
        self.replicas = [self.world.verifier, self.a_replica()]
        self.model = Model()
        self.bag: list[Message[Any]] = []
        self.requests: dict[UUID, DeployRequested] = {}
        self.locks: list[UUID] = []
        self.commits = 1
        self.serialized = True
        self.sent, self.late = 0, 1

    def a_replica(self) -> Verifier:
        return Verifier(self.world.store, self.world.github, HOLDS)

    @initialize(rules=st.sampled_from(RULES), late=st.sampled_from([2, 3, 5, 100]))
    def are_the_rules(self, rules: str, late: int) -> None:
        self.late = late
        self.world.rules(rules)
        self.serialized = "serialization" in rules
        self.reviewed = REVIEW in rules
        for number in range(1, 100):
            self.world.checks(number, test="success")

    def send(self, event: Event) -> None:
        """Most messages arrive at once; the others some time later."""
        self.sent += 1
        self.bag.append(said(event, time=self.now))
        if self.sent % self.late:
            self.deliver(self.bag[-1], self.sent % 2, again=False)

    @property
    def now(self) -> datetime:
        return self.world.clock()

    # What people, pushes and tools do.

    @rule(
        who=PEOPLE,
        codes=st.sampled_from([(), (), (), ("running",), ("locked", "running")]),
        patient=st.booleans(),
    )
    def somebody_deploys(self, who: Any, codes: tuple[str, ...], patient: bool) -> None:
        self.ask(
            requested_by=who,
            wait_for_checks=patient,
            override=override(*codes) if codes else None,
        )

    @rule(late=st.integers(0, 3), word=st.sampled_from(["queued", "success"]))
    def somebody_pushes(self, late: int, word: str) -> None:
        self.commits += 1
        self.world.checks(self.commits, test=word)
        self.world.github.head = sha_of(self.commits)
        self.ask(
            source="push",
            expected_sha=sha_of(self.commits),
            wait_for_checks=True,
            pushed_at=self.now - minutes(late // 3),
        )

    @rule(take_over=st.booleans(), rarely=st.integers(0, 1))
    def somebody_rolls_back(self, take_over: bool, rarely: int) -> None:
        if rarely:
            return
        config = PinnedConfig(
            commit="e" * 40,
            digest="f" * 64,
            environment="staging",
            serialization=True,
        )
        to = target(sha=sha_of(FORMER), config=config, approved=True)
        self.ask(
            source="rollback",
            rollback_of=to,
            expected_sha=to.sha,
            take_over=take_over,
        )

    def ask(self, **changes: Any) -> None:
        request = self.world.wanted(len(self.requests) + 1, **changes)
        self.requests[request.deployment_id] = request
        self.send(request)

    @rule(data=st.data(), by=st.lists(PEOPLE, max_size=3), wrong=st.integers(0, 2))
    def somebody_confirms(self, data: st.DataObject, by: list[Any], wrong: int) -> None:
        asked = [k.review for k in self.model.known.values() if k.review]
        if not asked:
            return
        shown: ReviewRequested = data.draw(st.sampled_from(asked))
        self.send(
            DeployConfirmed.model_validate(
                {
                    "deployment_id": shown.deployment_id,
                    "confirmation_id": uuid4(),
                    "sha": shown.sha if wrong else sha_of(99),
                    "config_digest": shown.config_digest,
                    "approvals": [{"reviewer": p, "approved_at": self.now} for p in by],
                    "confirmed_by": BEN,
                    "confirmed_at": self.now,
                    "not_after": self.now + minutes(15),
                }
            )
        )

    @rule(data=st.data(), created=st.booleans())
    def somebody_cancels(self, data: st.DataObject, created: bool) -> None:
        if self.requests:
            id_ = data.draw(st.sampled_from(sorted(self.requests)))
            known = self.model.known.get(id_, Verification())
            verified = isinstance(known.verdict, RefVerified)
            self.send(canceled(id_, created=4001 if created and verified else None))

    @rule(data=st.data(), lost=st.integers(0, 2))
    def the_tool_ends(self, data: st.DataObject, lost: int) -> None:
        """Its last word may get lost; then somebody notices, and frees the place."""
        if not self.model.running:
            return
        id_ = data.draw(st.sampled_from(sorted(self.model.running)))
        if lost == 1:
            self.send(release(id_))
        else:
            told = status(id_, "failure" if lost else "success")
            self.send(told.model_copy(update={"created_at": self.now}))

    @rule(who=PEOPLE, over=st.booleans(), ends=st.sampled_from([None, 1, 1, 1, 5]))
    def somebody_locks(self, who: Any, over: bool, ends: int | None) -> None:
        self.locks.append(uuid4())
        until = self.now + minutes(ends) if ends else None
        command = lock(who, self.locks[-1], take_over=over, expires_at=until)
        self.send(command.model_copy(update={"requested_at": self.now}))

    @rule(data=st.data(), who=PEOPLE, unlocks=st.booleans())
    def somebody_minds_a_lock(
        self, data: st.DataObject, who: Any, unlocks: bool
    ) -> None:
        if self.locks:
            id_ = data.draw(st.sampled_from(self.locks))
            command = unlock(who, id_) if unlocks else change(who, id_, reason="Longer")
            self.send(command.model_copy(update={"requested_at": self.now}))

    @rule()
    def somebody_resumes(self) -> None:
        hold = self.model.here.auto_deploys.said
        if hold:
            self.send(
                AutoDeployResumeRequested(
                    command_id=uuid4(),
                    repository=REPOSITORY,
                    requested_by=BEN,
                    environment="staging",
                    requested_at=self.now,
                    rollback_id=hold.data.rollback_id,
                )
            )

    # What GitHub and time do.

    @rule(data=st.data(), word=st.sampled_from(["success"] * 3 + ["failure", "queued"]))
    def checks_change(self, data: st.DataObject, word: str) -> None:
        number = data.draw(st.integers(1, self.commits))
        self.world.checks(number, test=word)
        hint = self.world.verifier.checks_changed(REPOSITORY, sha_of(number))
        self.runner.run(hint)

    @rule(away=st.integers(0, 3))
    def github_goes_and_comes(self, away: int) -> None:
        self.world.github.trouble = None
        if not away:
            self.world.github.down()

    @rule(count=st.sampled_from([0.1, 1, 6]))
    def time_passes(self, count: float) -> None:
        """Locks run out, and processes start anew."""
        self.world.clock.advance(minutes(count))
        self.replicas[self.sent % 2] = self.a_replica()
        there = self.model.lock
        if there and there.expires_at and there.expires_at <= self.now:
            ends = unlock(id_=there.lock_id, by="deadline", expires_at=there.expires_at)
            self.send(ends.model_copy(update={"requested_at": self.now}))

    @rule(data=st.data(), again=st.booleans(), replica=st.integers(0, 1))
    def a_message_arrives(self, data: st.DataObject, again: bool, replica: int) -> None:
        if self.bag:
            message = data.draw(st.sampled_from(self.bag))
            self.deliver(message, replica, again=again)

    def deliver(self, message: Message[Any], replica: int, *, again: bool) -> None:
        self.world.verifier = self.replicas[replica]
        later = self.runner.run(self.world.deliver(message))
        if not again and later is None:
            self.bag.remove(message)

    # What must never be.

    @invariant()
    def the_laws_hold(self) -> None:
        for row in self.runner.run(self.world.store.log(self.model.position)):
            self.model.position = row.position
            if row.stream == STAGING:
                self.happened_here(cast("Message[EnvironmentFact]", row.message))
            elif row.stream in self.requests:
                self.happened_to(row.stream, row.message)

    def happened_to(self, id_: UUID, message: Message[Any]) -> None:
        before = self.model.known.get(id_, Verification())
        fact = message.data
        if isinstance(fact, RefVerified | RefRejected):
            assert before.verdict is None, "a verdict is said once"
            assert id_ not in self.model.over, "what is over gets no verdict"
        if isinstance(fact, GitHubDeploymentCanceled | SlotReleaseRequested):
            self.model.over.add(id_)
        if isinstance(fact, RefVerified) and before.review:
            self.was_approved(before, fact)
        if isinstance(fact, ConfirmationRefused):
            assert fact.confirmation_id not in self.model.refused, "answered once"
            self.model.refused.append(fact.confirmation_id)
        self.model.known[id_] = verification.evolve(before, message)

    def happened_here(self, message: Message[EnvironmentFact]) -> None:
        model = self.model
        match message.data:
            case SlotGranted() as granted:
                self.goes_out(granted, message.time)
            case SlotEnded(deployment_id=id_):
                assert id_ not in model.ended, "a place is freed once"
                model.ended.append(id_)
                model.running.discard(id_)
            case EnvironmentLocked() as locked:
                other = model.lock and model.lock.lock_id != locked.lock_id
                assert not other, "one lock at a time"
                model.lock = locked
            case EnvironmentUnlocked():
                model.lock = None
            case AutoDeployHeld():
                model.held = True
            case AutoDeployResumed():
                model.held = False
        if isinstance(message.data, LockAnswer | AutoDeployResumed):
            command = message.data.command_id
            assert command is None or command not in model.answers, "answered once"
            model.answers += [command] if command else []
        model.here = environment.evolve(model.here, message)

    def goes_out(self, granted: SlotGranted, at: datetime) -> None:
        """Somebody gets the place: was it theirs?"""
        model, id_ = self.model, granted.deployment_id
        verified = self.model.known[id_].verdict
        assert isinstance(verified, RefVerified), "never without a verification"
        over = set(verified.override.checks if verified.override else ())
        states = {c.code: c.state for c in verified.checks}
        assert not {"failed", "pending"} & set(states.values()), "never a red one"
        assert {c for c, s in states.items() if s == "overridden"} == over
        if self.serialized and model.running:
            assert "running" in over, "never two at a time"
        there = model.lock
        shut = there and not (there.expires_at and there.expires_at <= at)
        if there and shut and there.owner.id != granted.requested_by.id:
            assert "locked" in over, "never past somebody's lock"
        if granted.origin == "push":
            assert not model.held, "never a push after a rollback"
            newest = max(model.gone_out, key=lambda g: g.age, default=granted)
            newer = newest.age > granted.age and newest.sha != granted.sha
            assert not newer, "never older than what has gone out"
        line = [w for w in model.here.waiting.known.values() if w.waits_for == "slot"]
        if any(one.deployment_id == id_ for one in line):
            first = min(line, key=lambda one: (one.origin != "rollback", one.number))
            assert first.deployment_id == id_, "never before those ahead in line"
        model.running.add(id_)
        if granted.origin != "rollback":
            model.gone_out.append(granted)

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
        assert verified.approvals in given, "never an approval for another commit"
        others = {a.reviewer.id for a in verified.approvals} - {
            verified.requested_by.id
        }
        assert others, "nobody approves what they asked for"

    @invariant()
    def nothing_waits_without_a_deadline(self) -> None:
        for known in self.model.known.values():
            if known.request is None or not known.open(self.now):
                continue
            waits = known.checks_pending or known.review
            until = waits.until if waits else known.request.not_after
            in_line = known.awaited and self.model.here.waiting.line
            assert in_line or until, "everything has an end"

    def teardown(self) -> None:
        """In the end all is delivered, and whoever can go has gone."""
        self.world.github.trouble = None
        for _ in range(4):
            for message in list(self.bag):
                self.deliver(message, 0, again=False)
            self.world.clock.advance(minutes(31))
        self.the_laws_hold()
        assert self.bag == [], "nothing comes for ever"
        here = self.model.here
        assert here.slots.held or not here.waiting.line, "nobody waits for a free place"
        assert not here.locks.waiting or self.unheard_of(), "every command is answered"
        for known in self.model.known.values():
            assert not known.waits_for_checks or not known.open(self.now)
            assert known.canceled or known.freed or not known.unanswered(self.now)
        self.world.store.close()
        self.runner.close()

    def unheard_of(self) -> bool:
        """Only what concerns locks that nobody has asked for may wait."""
        return all(
            c.lock_id not in self.locks for c in self.model.here.locks.waiting.values()
        )


Machine.TestCase.settings = settings(
    max_examples=80, stateful_step_count=50, deadline=None
)
TestEnvironment = Machine.TestCase
