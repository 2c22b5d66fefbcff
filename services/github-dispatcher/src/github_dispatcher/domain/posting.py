"""The statuses that people want a deployment at GitHub to have.

Those of one deployment share a stream, because their order matters and because two may
read alike: which of them GitHub has is told by those that are known already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, assert_never, cast
from uuid import UUID, uuid5

from shared.contracts import (
    Cause,
    Fact,
    Message,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RemoteStatusRequested,
)

NAMESPACE: Final = UUID("a1d7c1b8-3b0f-5d43-9e4e-52d0ad1e1c0b")
#: What was wanted longer ago is no longer what is so.
HOLDS: Final = timedelta(minutes=15)
#: How far GitHub's clock may be behind ours.
SKEW: Final = timedelta(minutes=1)


class PostingStarted(Fact):
    """From here on GitHub may have the status."""

    command_id: UUID
    #: Counts from 1.
    attempt: int
    #: The only one who may POST, once.
    worker: str
    #: The POST may begin until then: its full timeout still remains.
    begin_by: datetime
    #: Nobody looks it up, or posts again, before that.
    until: datetime


class PostingEnded(Fact):
    """GitHub has answered the attempt clearly, or surely never heard of it."""

    command_id: UUID
    attempt: int
    outcome: str
    #: No other attempt before that.
    retry_at: datetime | None = None


class PostingLookedUp(Fact):
    """The window of an unanswered attempt had passed, and GitHub was searched."""

    command_id: UUID
    attempt: int


Private = PostingStarted | PostingEnded | PostingLookedUp
Said = RemoteStatusPosted | RemoteStatusRefused
StatusFact = RemoteStatusRequested | Private | Said


@dataclass(frozen=True)
class Posting:
    """One status that somebody wants, and what became of it."""

    command: Message[RemoteStatusRequested] | None = None
    started: Mapping[int, Message[PostingStarted]] = field(default_factory=dict)
    ended: Mapping[int, PostingEnded] = field(default_factory=dict)
    looked_up: frozenset[int] = frozenset()
    answer: Said | None = None

    @property
    def wish(self) -> RemoteStatusRequested:
        return self._told.data

    @property
    def cause(self) -> Cause:
        return self._told.cause

    @property
    def _told(self) -> Message[RemoteStatusRequested]:
        if self.command is None:
            raise ValueError("nobody has asked for this status yet")
        return self.command

    @property
    def last(self) -> int:
        return max(self.started, default=0)

    @property
    def open(self) -> PostingStarted | None:
        """The last attempt, if it can't be told yet whether GitHub has the status."""
        settled = self.last in self.ended or self.last in self.looked_up
        return None if self.answer or settled else self._last_started

    @property
    def _last_started(self) -> PostingStarted | None:
        return self.started[self.last].data if self.last else None

    @property
    def since(self) -> datetime:
        """A status of the last attempt is no older than that at GitHub."""
        return self.started[self.last].time - SKEW

    @property
    def not_before(self) -> datetime:
        ended = self.ended.get(self.last)
        return (ended and ended.retry_at) or self._told.time

    @property
    def not_after(self) -> datetime:
        return self._told.time + HOLDS


@dataclass(frozen=True)
class Postings:
    """All that people want one deployment at GitHub to have."""

    postings: Mapping[UUID, Posting] = field(default_factory=dict)

    @property
    def next(self) -> Posting | None:
        """The first that is wanted and not answered, in the gateway's order."""
        waiting = [
            (p.command.revision, p.command.time, p.command.id, p)
            for p in self.postings.values()
            if p.command and not p.answer
        ]
        return min(waiting, key=lambda each: each[:3])[-1] if waiting else None

    @property
    def taken(self) -> frozenset[int]:
        """GitHub's statuses that are known to be one or the other of them."""
        answers = (posting.answer for posting in self.postings.values())
        return frozenset(
            a.github_status_id for a in answers if isinstance(a, RemoteStatusPosted)
        )

    def held_by(self, worker: str) -> PostingStarted | None:
        """The open attempt, if this is who may POST."""
        opened = (posting.open for posting in self.postings.values())
        return next((o for o in opened if o and o.worker == worker), None)


def stream_of(wish: RemoteStatusRequested) -> UUID:
    return uuid5(NAMESPACE, f"{wish.repository.id}/{wish.github_deployment_id}")


def evolve(known: Postings, message: Message[StatusFact]) -> Postings:
    """File a fact. The order in which facts are filed makes no difference."""
    id_ = message.data.command_id
    posting = _filed(known.postings.get(id_, Posting()), message)
    return replace(known, postings={**known.postings, id_: posting})


def _filed(known: Posting, message: Message[StatusFact]) -> Posting:
    match fact := message.data:
        case RemoteStatusRequested():
            command = cast("Message[RemoteStatusRequested]", message)
            return replace(known, command=known.command or command)
        case PostingStarted(attempt=n):
            begun = cast("Message[PostingStarted]", message)
            return replace(known, started={**known.started, n: begun})
        case PostingEnded(attempt=n):
            return replace(known, ended={**known.ended, n: fact})
        case PostingLookedUp(attempt=n):
            return replace(known, looked_up=known.looked_up | {n})
        case RemoteStatusPosted() | RemoteStatusRefused():
            return replace(known, answer=fact)
    assert_never(fact)
