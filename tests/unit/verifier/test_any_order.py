"""Deliveries in any order, repeated, at once on two replicas, and across crashes.

Whatever happens: each deployment gets at most one verdict, a place is given exactly
with a verdict, never to two at a time nor past somebody's lock, and is free again once
its holder has ended; then the next in line has it. Each confirmation and each command
is answered once at most.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import (
    VERIFIER,
    DeployQueued,
    EnvironmentLocked,
    EnvironmentUnlocked,
    Event,
    Fact,
    Message,
    RefRejected,
    RefVerified,
)
from shared.store import Store
from shared.testing import FakeClock, said
from verifier.application import HANDLERS, Verifier
from verifier.domain.environment import (
    LockAnswer,
    SlotEnded,
    SlotGranted,
    environment_id,
)

from .examples import (
    FIRST,
    REPOSITORY,
    SECOND,
    SHA,
    FakeGitHub,
    canceled,
    found,
    refused,
    release,
    request,
    status,
)
from .locking import BEN, lock, unlock

THIRD = UUID("33333333-3333-4333-8333-333333333333")
ONE = request(FIRST, environment="staging")
TWO = request(SECOND, environment="staging")
THREE = request(THIRD, environment="staging", number=3)
LOCK, UNLOCK = lock(BEN), unlock(BEN)
NEWS = status(FIRST, "in_progress")
OURS = status(FIRST, "error", ours=True)

#: Messages that don't compete: one verdict each, in whatever order.
AGREEING: list[list[Event]] = [
    [ONE],
    [ONE, NEWS, OURS],
    [request(FIRST), request(SECOND)],
]
#: Messages that compete: whoever is first wins, and wins for good.
COMPETING: list[list[Event]] = [
    [ONE, TWO],
    [ONE, canceled(FIRST)],
    [ONE, TWO, canceled(FIRST)],
    [ONE, TWO, status(FIRST), OURS],
    [ONE, TWO, refused(FIRST), release(SECOND)],
    [ONE, LOCK],
    [ONE, TWO, LOCK, UNLOCK],
]
#: The same, where who finds the place taken waits in line.
QUEUE = "serialization: true, queue: true"
IN_LINE: list[list[Event]] = [
    [ONE, TWO, THREE],
    [ONE, TWO, THREE, canceled(SECOND)],
    [ONE, TWO, THREE, status(FIRST), release(SECOND)],
    [ONE, TWO, THREE, LOCK, status(FIRST)],
    [ONE, TWO, status(FIRST), status(SECOND), OURS],
]


class Crash(ConnectionError):
    """The process dies."""


class Breaking:
    """A store's commits, of which one fails and the next succeeds without an answer."""

    def __init__(self, store: Store, at: int) -> None:
        self.append, self.at, self.commits = store.append, at, 0
        store.append = self  # type: ignore[method-assign]

    async def __call__(self, rows: object) -> None:
        self.commits += 1
        if self.commits == self.at:
            raise Crash
        await self.append(rows)  # type: ignore[arg-type]
        if self.commits == self.at + 1:
            raise Crash


@dataclass
class Outcome:
    streams: dict[UUID, list[Fact]]
    places: list[Fact]

    def verdicts(self, id_: UUID) -> list[Fact]:
        said_ = self.streams[id_]
        return [f for f in said_ if isinstance(f, RefVerified | RefRejected)]

    def verified(self, id_: UUID) -> bool:
        return any(isinstance(f, RefVerified) for f in self.streams[id_])


async def deliver(verifier: Verifier, message: Message[Event]) -> bool:
    try:
        await HANDLERS[type(message.data)](verifier, message)
    except Crash:
        return False
    return True


async def play(
    messages: Sequence[Message[Event]],
    *,
    rules: str = "serialization: true",
    red: bool = False,
    crash_at: int = 0,
    at_once: int = 1,
) -> Outcome:
    """Deliver, so many at once, on replicas; what a crash left is delivered again."""
    store = Store.open(VERIFIER, "memory://", clock=FakeClock())
    text = "envs: [{name: production}, {name: staging, " + rules + "}]"
    github = FakeGitHub(found(text=text, sha=None if red else SHA))
    Breaking(store, crash_at)
    waiting = list(messages)
    while waiting:
        hand, waiting = waiting[:at_once], waiting[at_once:]
        # A new replica for each: nothing that a process remembers is to be relied on.
        replicas = [Verifier(store, github, timedelta(minutes=15)) for _ in hand]
        done = await asyncio.gather(*map(deliver, replicas, hand))
        waiting += [m for m, ok in zip(hand, done, strict=True) if not ok]
    outcome = Outcome(
        {id_: await facts(store, id_) for id_ in (FIRST, SECOND, THIRD)},
        await facts(store, environment_id(REPOSITORY, "staging")),
    )
    store.close()
    return outcome


async def facts(store: Store, stream: UUID) -> list[Fact]:
    return [row.message.data for row in await store.read(stream)]


def never_two_holders(places: list[Fact]) -> bool:
    held: set[UUID] = set()
    for fact in places:
        match fact:
            case SlotGranted(deployment_id=id_):
                held.add(id_)
            case SlotEnded(deployment_id=id_):
                held.discard(id_)
        if len(held) > 1:
            return False
    return True


def never_past_a_lock(places: list[Fact]) -> bool:
    locked = False
    for fact in places:
        match fact:
            case EnvironmentLocked():
                locked = True
            case EnvironmentUnlocked():
                locked = False
            case SlotGranted() if locked:
                return False
    return True


def check_invariants(outcome: Outcome) -> None:
    granted = [f.deployment_id for f in outcome.places if isinstance(f, SlotGranted)]
    ended = [f.deployment_id for f in outcome.places if isinstance(f, SlotEnded)]
    told = [f.command_id for f in outcome.places if isinstance(f, LockAnswer)]
    assert never_two_holders(outcome.places)
    assert never_past_a_lock(outcome.places)
    assert len(set(ended)) == len(ended)
    assert len(set(told)) == len(told)
    queued = {f.deployment_id for f in outcome.places if isinstance(f, DeployQueued)}
    free = set(granted) <= set(ended)
    for id_, known in outcome.streams.items():
        assert len(outcome.verdicts(id_)) <= 1
        ends = (canceled(id_), refused(id_), status(id_), release(id_))
        over = any(f in ends for f in known)
        if any(f in (ONE, TWO, THREE) for f in known):
            assert outcome.verified(id_) == (granted.count(id_) == 1)
            waits = id_ in queued and not free
            assert outcome.verdicts(id_) or over or waits, "every deployment ends"
            assert (id_ in ended) == (over and id_ in {*granted, *queued})


def shuffled(data: st.DataObject, events: list[Event]) -> list[Message[Event]]:
    sent = [said(event) for event in events]
    twice = data.draw(st.lists(st.sampled_from(sent), max_size=3))
    return data.draw(st.permutations([*sent, *twice]))


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    st.sampled_from(AGREEING),
    st.booleans(),
    st.integers(0, 9),
    st.integers(1, 3),
)
def test_messages_that_agree_have_one_outcome(
    data: st.DataObject, events: list[Event], red: bool, crash_at: int, at_once: int
) -> None:
    messages = shuffled(data, events)
    outcome = asyncio.run(play(messages, red=red, crash_at=crash_at, at_once=at_once))
    expected = asyncio.run(play([said(event) for event in events], red=red))
    for id_ in (FIRST, SECOND):
        assert outcome.verdicts(id_) == expected.verdicts(id_)
    check_invariants(outcome)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(COMPETING), st.integers(0, 12), st.integers(1, 4))
def test_of_messages_that_compete_one_wins(
    data: st.DataObject, events: list[Event], crash_at: int, at_once: int
) -> None:
    messages = shuffled(data, events)
    outcome = asyncio.run(play(messages, crash_at=crash_at, at_once=at_once))
    check_invariants(outcome)
    if events == [ONE, TWO]:
        assert outcome.verified(FIRST) != outcome.verified(SECOND)


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(IN_LINE), st.integers(0, 14), st.integers(1, 4))
def test_who_waits_in_line_has_the_place_in_the_end(
    data: st.DataObject, events: list[Event], crash_at: int, at_once: int
) -> None:
    messages = shuffled(data, events)
    outcome = asyncio.run(
        play(messages, rules=QUEUE, crash_at=crash_at, at_once=at_once)
    )
    check_invariants(outcome)
