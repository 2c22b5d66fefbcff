"""One environment: the stream that settles every race for it.

Each of its parts is filed and decided in a room of its own:

    slots    who has a place            locks    who keeps the others out
    waiting  who waits, and the line    hold     whether pushes are deployed
    newest   what came furthest         live     which commits have succeeded
    foreign  who deploys past Gitploy

A deployment gets a place, or is refused one, by a fact in this stream. So of a lock
and a deployment, of two deployments, of two pushes: whichever is written here first
counts for the other.

An environment whose `deploy.yml` says `serialization: true` gives a place only while
nobody holds one; the others have room for all, and still know who is there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    ForeignDeploymentSeen,
    Holder,
    Message,
    Repository,
)
from verifier.domain.situation import Held, Situation

from . import foreign, hold, live, locks, newest, slots, waiting
from .facts import ChecksPassed as ChecksPassed
from .facts import CommitFinished as CommitFinished
from .facts import ForeignStarted as ForeignStarted
from .facts import SlotEnded as SlotEnded
from .facts import SlotGranted as SlotGranted
from .facts import SlotRefused as SlotRefused
from .facts import Waits as Waits
from .foreign import Foreigners, started
from .hold import AutoDeploys
from .live import Live
from .locks import LockAnswer as LockAnswer
from .locks import LockCommand as LockCommand
from .locks import Locks
from .newest import Newest
from .slots import Slots
from .waiting import Told as Told
from .waiting import Waiting, turn

_NAMESPACE: Final = UUID("5b9c7f0e-6f1d-5c57-8f0c-0d3f2a7b1e64")

Command = LockCommand | AutoDeployResumeRequested
#: Names the command that it answers.
EnvironmentAnswer = LockAnswer | AutoDeployResumed
EnvironmentFact = (
    SlotGranted
    | SlotRefused
    | SlotEnded
    | Waits
    | Told
    | ChecksPassed
    | CommitFinished
    | ForeignStarted
    | Command
    | EnvironmentAnswer
    | AutoDeployHeld
)


@dataclass(frozen=True)
class Environment:
    """All that is known of one environment."""

    slots: Slots = field(default_factory=Slots)
    waiting: Waiting = field(default_factory=Waiting)
    newest: Newest = field(default_factory=Newest)
    locks: Locks = field(default_factory=Locks)
    auto_deploys: AutoDeploys = field(default_factory=AutoDeploys)
    live: Live = field(default_factory=Live)
    foreign: Foreigners = field(default_factory=Foreigners)

    def situation(
        self,
        one: Waits,
        now: datetime,
        succeeded: Mapping[str, Mapping[str, datetime]],
    ) -> Situation:
        """What the checks ask about it for somebody who wants to deploy here."""
        return Situation(
            held=self.in_the_way_of(one),
            foreign=self.foreign.running,
            lock=self.locks.at(now),
            hold=self.auto_deploys.held,
            succeeded=succeeded,
        )

    def in_the_way_of(self, one: Waits) -> Held | None:
        """Which of ours has the place, or else gets it before this one."""
        if first := self.slots.first:
            return first
        head = next(iter(self.waiting.line), None)
        if head is None or turn(head) >= turn(one):
            return None
        holder = Holder(
            deployment_id=str(head.deployment_id),
            number=head.number,
            since=head.age[0],
        )
        return Held(holder, head.ref, head.requested_by, running=False)

    def holder_before(self, one: Waits) -> Holder | None:
        """Whose end it waits for."""
        if first := self.slots.first:
            return first.holder
        return self.foreign.first(one.timeout_s) if one.minds_foreign else None

    def said_of(self, deployment_id: UUID) -> list[Message[Any]]:
        """What was said here last about a deployment."""
        hold = self.auto_deploys.said
        held = [hold] if hold and hold.data.rollback_id == deployment_id else []
        return [*self.waiting.said_of(deployment_id), *held]

    def superseded_by(self, one: Waits) -> int | None:
        """The number of the newer deployment that takes this one's place."""
        if one.origin == "push" and (newer := self.newest.before(one)):
            return newer
        if one.waits_for == "slot" and one.gives_way:
            line = (other for other in self.waiting.line if other.origin != "rollback")
            newer = max((other.number for other in line), default=one.number)
            return newer if newer > one.number else None
        return None


def environment_id(repository: Repository, environment: str) -> UUID:
    """Its stream. GitHub does not tell `Production` from `production`."""
    return uuid5(_NAMESPACE, f"{repository.id}/{environment.casefold()}")


def evolve(known: Environment, message: Message[EnvironmentFact]) -> Environment:
    """File a fact. The order in which facts are filed makes no difference."""
    places = slots.evolve(known.slots, message)
    return Environment(
        slots=places,
        waiting=waiting.evolve(known.waiting, places, message),
        newest=newest.evolve(known.newest, message),
        locks=locks.evolve(known.locks, message),
        auto_deploys=hold.evolve(known.auto_deploys, message),
        live=live.evolve(known.live, message),
        foreign=foreign.evolve(known.foreign, places, message),
    )


def answer(known: Environment, now: datetime) -> Sequence[EnvironmentFact]:
    """What follows from the first command that can be answered."""
    return locks.answer(known.locks, now) or hold.answer(known.auto_deploys)


def granted(
    known: Environment, claim: SlotGranted, repository: Repository, environment: str
) -> Sequence[EnvironmentFact]:
    """The place is given, and what that means for pushes."""
    auto = hold.after(known.auto_deploys, claim, repository, environment)
    return [claim, *auto]


def end(
    known: Environment, deployment_id: UUID, finished: CommitFinished | None
) -> Sequence[EnvironmentFact]:
    """What follows when a deployment, ours or another's, is over."""
    there = (*known.slots.held, *known.waiting.known, *known.foreign.open)
    ended = [SlotEnded(deployment_id=deployment_id)] if deployment_id in there else []
    news = [finished] if finished and not known.live.knows(finished) else []
    return [*ended, *news]


def begin_foreign(
    known: Environment, seen: ForeignDeploymentSeen
) -> Sequence[EnvironmentFact]:
    """Somebody else deploys here."""
    id_ = seen.deployment_id
    if id_ in known.foreign.open or known.slots.settled(id_):
        return []
    return [started(seen)]


def to_ask(known: Environment) -> Iterator[UUID]:
    """Those that wait here, and about whom there may be something to say."""
    for one in known.waiting.known.values():
        if known.superseded_by(one) is not None:
            yield one.deployment_id
    for head in known.waiting.line[:1]:
        if known.holder_before(head) is None:
            yield head.deployment_id


def moves(known: Environment) -> Sequence[EnvironmentFact]:
    """What those in line have to be told."""
    return [*waiting.moves(known.waiting, known.holder_before)]
