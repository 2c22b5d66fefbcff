"""One environment, and everything that people, pushes, tools and time do to it.

Messages lie in a bag and are delivered in any order, more than once, to either of two
replicas, while GitHub is there or not. After each step the streams are read and held
against a small model of what must never be; in the end everything is delivered, and
nobody may be left waiting.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.contracts import (
    AutoDeployResumeRequested,
    DeployConfirmed,
    PinnedConfig,
    RefVerified,
    ReviewRequested,
)
from verifier.domain.verification import Verification

from .examples import ANN, REPOSITORY, canceled, release, status, target
from .locking import change, lock, unlock
from .machine import Surroundings
from .world import (
    BEN,
    EVE,
    REVIEW,
    minutes,
    override,
    sha_of,
)

PEOPLE = st.sampled_from([ANN, BEN, EVE])
FORMER = 70


class Machine(Surroundings):
    """The environment, and all who want something of it."""

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

    @property
    def reviews(self) -> list[ReviewRequested]:
        known = self.laws.known.values()
        return [k.review for k in known if k.review and k.open(self.now)]

    @precondition(lambda self: self.reviews)
    @rule(data=st.data(), by=st.lists(PEOPLE, max_size=3), wrong=st.integers(0, 2))
    def somebody_confirms(self, data: st.DataObject, by: list[Any], wrong: int) -> None:
        self.confirm(data, sha_of(99) if not wrong else None, approvals=by)

    @precondition(lambda self: self.reviews)
    @rule(
        data=st.data(),
        who=PEOPLE,
        codes=st.sampled_from([("review",), ("review", "locked", "running")]),
    )
    def somebody_confirms_past_checks(
        self, data: st.DataObject, who: Any, codes: tuple[str, ...]
    ) -> None:
        self.confirm(data, None, confirmed_by=who, override=override(*codes))

    def confirm(
        self,
        data: st.DataObject,
        sha: str | None,
        approvals: Sequence[Any] = (),
        **more: Any,
    ) -> None:
        shown: ReviewRequested = data.draw(st.sampled_from(self.reviews))
        given = [{"reviewer": p, "approved_at": self.now} for p in approvals]
        self.send(
            DeployConfirmed.model_validate(
                {
                    "deployment_id": shown.deployment_id,
                    "confirmation_id": self.fresh_id(),
                    "sha": sha or shown.sha,
                    "config_digest": shown.config_digest,
                    "approvals": given,
                    "confirmed_by": BEN,
                    "confirmed_at": self.now,
                    "not_after": self.now + minutes(15),
                }
                | more
            )
        )

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), created=st.booleans())
    def somebody_cancels(self, data: st.DataObject, created: bool) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.requests)))
        known = self.laws.known.get(id_, Verification())
        verified = isinstance(known.verdict, RefVerified)
        self.send(canceled(id_, created=4001 if created and verified else None))

    @precondition(lambda self: self.laws.running)
    @rule(data=st.data(), lost=st.integers(0, 2))
    def the_tool_ends(self, data: st.DataObject, lost: int) -> None:
        """Its last word may get lost; then somebody notices, and frees the place."""
        id_ = data.draw(st.sampled_from(sorted(self.laws.running)))
        if lost == 1:
            self.send(release(id_))
        else:
            told = status(id_, "failure" if lost else "success")
            self.send(told.model_copy(update={"created_at": self.now}))

    @rule(who=PEOPLE, over=st.booleans(), ends=st.sampled_from([1, 1, 1, 5, None]))
    def somebody_locks(self, who: Any, over: bool, ends: int | None) -> None:
        self.locks.append(self.fresh_id())
        until = self.now + minutes(ends) if ends else None
        self.send(
            lock(who, self.locks[-1], take_over=over, expires_at=until).model_copy(
                update={"requested_at": self.now}
            )
        )

    @precondition(lambda self: self.locks)
    @rule(data=st.data(), who=PEOPLE, unlocks=st.booleans())
    def somebody_minds_a_lock(
        self, data: st.DataObject, who: Any, unlocks: bool
    ) -> None:
        id_ = data.draw(st.sampled_from(self.locks))
        made = unlock(who, id_) if unlocks else change(who, id_, reason="Longer")
        self.command(made)

    @precondition(lambda self: self.laws.held)
    @rule()
    def somebody_resumes(self) -> None:
        if hold := self.laws.here.auto_deploys.said:
            self.send(
                AutoDeployResumeRequested(
                    command_id=self.fresh_id(),
                    repository=REPOSITORY,
                    requested_by=BEN,
                    environment="staging",
                    requested_at=self.now,
                    rollback_id=hold.data.rollback_id,
                )
            )


class InLine(Machine):
    rules_here = "serialization: true, queue: true"


class LatestInLine(Machine):
    rules_here = "serialization: true, queue: latest"


class Reviewed(Machine):
    rules_here = f"serialization: true, {REVIEW}"


class ReviewedInLine(Machine):
    rules_here = (
        "serialization: true, queue: true, overriders: [ben], "
        f"{REVIEW[:-1]}, emergency: true}}"
    )


class WithRoomForAll(Machine):
    rules_here = "checks_timeout: 5m"


ALL = [Machine, InLine, LatestInLine, Reviewed, ReviewedInLine, WithRoomForAll]


@pytest.mark.parametrize("machine", ALL)
def test_an_environment_keeps_its_laws(machine: type[Machine]) -> None:
    limits = settings(max_examples=25, stateful_step_count=50, deadline=None)
    run_state_machine_as_test(machine, settings=limits)
