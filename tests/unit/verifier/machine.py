"""What surrounds an environment: a bag of messages, two replicas, GitHub, and time."""

import asyncio
from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from shared.contracts import (
    DeployRequested,
    Event,
    LockChangeRequested,
    Message,
    UnlockRequested,
)
from shared.testing import said
from verifier.application import Verifier
from verifier.domain.environment import (
    EnvironmentFact,
)

from .examples import REPOSITORY
from .laws import Laws
from .locking import unlock
from .world import (
    HOLDS,
    STAGING,
    World,
    minutes,
    sha_of,
)


class Surroundings(RuleBasedStateMachine):
    """Delivers what is said, and sees that the laws hold."""

    rules_here: ClassVar = "serialization: true"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = World()
        self.replicas = [self.world.verifier, self.a_replica()]
        self.laws, self.read = Laws(), 0
        self.bag: list[Message[Any]] = []
        self.requests: dict[UUID, DeployRequested] = {}
        self.locks: list[UUID] = []
        self.commits = 1
        self.sent, self.late, self.ids = 0, 1, 0

    def a_replica(self) -> Verifier:
        return Verifier(self.world.store, self.world.github, HOLDS)

    @initialize(late=st.sampled_from([100, 5, 3, 2]))
    def begin(self, late: int) -> None:
        self.late = late
        self.world.rules(self.rules_here)
        self.laws.serialized = "serialization" in self.rules_here
        for number in range(1, 100):
            self.world.checks(number, test="success")

    def fresh_id(self) -> UUID:
        """What is drawn at random can be drawn once more; other chance can't."""
        self.ids += 1
        return UUID(int=2**64 + self.ids)

    def command(self, command: LockChangeRequested | UnlockRequested) -> None:
        told = {"command_id": self.fresh_id(), "requested_at": self.now}
        self.send(command.model_copy(update=told))

    def send(self, event: Event) -> None:
        """Most messages arrive at once; the others some time later."""
        self.sent += 1
        self.bag.append(said(event, time=self.now))
        if self.sent % self.late:
            self.deliver(self.bag[-1], self.sent % 2, again=False)

    @property
    def now(self) -> datetime:
        return self.world.clock()

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
        there = self.laws.lock
        if there and there.expires_at and there.expires_at <= self.now:
            ends = unlock(id_=there.lock_id, by="deadline", expires_at=there.expires_at)
            self.command(ends)

    @precondition(lambda self: self.bag)
    @rule(data=st.data(), again=st.booleans(), replica=st.integers(0, 1))
    def a_message_arrives(self, data: st.DataObject, again: bool, replica: int) -> None:
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
        for row in self.runner.run(self.world.store.log(self.read)):
            self.read = row.position
            if row.stream == STAGING:
                self.laws.happened_here(cast("Message[EnvironmentFact]", row.message))
            elif row.stream in self.requests:
                self.laws.happened_to(row.stream, row.message)
        self.nothing_waits_without_a_deadline()

    def nothing_waits_without_a_deadline(self) -> None:
        here, under_way = self.laws.here, {self.about(m) for m in self.bag}
        for id_, known in self.laws.known.items():
            if not known.open(self.now):
                continue
            if known.awaited:
                assert id_ in {one.deployment_id for one in here.waiting.line}
                assert here.slots.held or self.bag, "somebody's end is waited for"
            elif known.checks_pending and not known.review:
                late = self.now >= known.checks_pending.until
                assert not late or id_ in under_way, "its time is over"
            else:
                assert known.review or id_ in under_way, "something has to be said"

    def about(self, message: Message[Any]) -> UUID | None:
        return getattr(message.data, "deployment_id", None)

    def teardown(self) -> None:
        """In the end all is delivered, and whoever can go has gone."""
        self.world.github.trouble = None
        for _ in range(4):
            for message in list(self.bag):
                self.deliver(message, 0, again=False)
            self.world.clock.advance(minutes(31))
        self.the_laws_hold()
        assert self.bag == [], "nothing comes for ever"
        here = self.laws.here
        assert here.slots.held or not here.waiting.line, "nobody waits for a free place"
        assert not here.locks.waiting or self.unheard_of(), "every command is answered"
        for known in self.laws.known.values():
            assert not known.waits_for_checks or not known.open(self.now)
            assert known.canceled or known.freed or not known.unanswered(self.now)
        self.world.store.close()
        self.runner.close()

    def unheard_of(self) -> bool:
        """Only what concerns locks that nobody has asked for may wait."""
        return all(
            c.lock_id not in self.locks for c in self.laws.here.locks.waiting.values()
        )
