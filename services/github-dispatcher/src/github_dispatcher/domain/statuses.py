"""What is still to be done about the statuses that people want, and what is recorded.

A status is posted by intent, as a deployment is: an attempt names its worker, and only
that one may POST, once, in time. When its answer is lost, nobody posts again before the
attempt's window has passed and GitHub was searched for a status of this content.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from shared.contracts import RemoteStatusPosted, RemoteStatusRefused

from .answers import Limits, NotNow, PostedStatus, Refusal, StatusAnswer, Unclear
from .posting import (
    Posting,
    PostingEnded,
    PostingLookedUp,
    Postings,
    PostingStarted,
    StatusFact,
)

PAUSE: Final = timedelta(seconds=10)
STALE: Final = Refusal(
    "stale", "GitHub could not be told within 15 minutes: post it again."
)
UNAVAILABLE: Final = Refusal(
    "github_unavailable",
    "GitHub did not answer within 15 minutes, and does not have it: post it again.",
)


@dataclass(frozen=True)
class Begin:
    """Start an attempt."""

    posting: Posting


@dataclass(frozen=True)
class LookUp:
    """Search GitHub for what the last attempt posted."""

    posting: Posting


@dataclass(frozen=True)
class GiveUp:
    posting: Posting
    refusal: Refusal


@dataclass(frozen=True)
class Wait:
    until: datetime
    reason: str


Step = Begin | LookUp | GiveUp | Wait


def next_step(known: Postings, now: datetime) -> Step | None:
    """The next thing to do; None if all are answered. They go one after the other."""
    posting = known.next
    if posting is None:
        return None
    if posting.open:
        waiting = now < posting.open.until
        reason = f"attempt {posting.last} to post a status is open"
        return Wait(posting.open.until, reason) if waiting else LookUp(posting)
    if now >= posting.not_after:
        lost = posting.last in posting.looked_up
        return GiveUp(posting, UNAVAILABLE if lost else STALE)
    if now < posting.not_before:
        until = min(posting.not_before, posting.not_after)
        return Wait(until, f"attempt {posting.last} to post a status did not work")
    return Begin(posting)


Decide = Callable[[Postings], Sequence[StatusFact]]


def begin(posting: Posting, worker: str, now: datetime, limits: Limits) -> Decide:
    """Start an attempt, if it is still this one's turn."""
    begin_by = now + timedelta(seconds=limits.spare_s)

    def decide(known: Postings) -> Sequence[StatusFact]:
        if known.next != posting:
            return []
        return [
            PostingStarted(
                command_id=posting.wish.command_id,
                attempt=posting.last + 1,
                worker=worker,
                begin_by=begin_by,
                until=begin_by + timedelta(seconds=limits.post_s),
            )
        ]

    return decide


def answered(attempt: PostingStarted, answer: StatusAnswer, now: datetime) -> Decide:
    """Record what GitHub said to the worker of an attempt."""

    def decide(known: Postings) -> Sequence[StatusFact]:
        posting = known.postings[attempt.command_id]
        current = posting.open == attempt
        match answer:
            case Unclear():
                return []
            case PostedStatus(number):
                told = [] if posting.answer else [_posted(posting, number)]
                return [_ended(attempt, "posted"), *told]
            case Refusal(code):
                told_no = [_refused(posting, answer)] if current else []
                return [_ended(attempt, code), *told_no]
            case NotNow(outcome, _, retry_at):
                return [_ended(attempt, outcome, retry_at or now + PAUSE)]
        assert_never(answer)

    return decide


def looked_up(posting: Posting, found: Sequence[int]) -> Decide:
    """Settle an open attempt with what GitHub has: absent counts only for the last."""

    def decide(known: Postings) -> Sequence[StatusFact]:
        if known.next != posting:
            return []
        looked = PostingLookedUp(
            command_id=posting.wish.command_id, attempt=posting.last
        )
        new = sorted(set(found) - known.taken)
        return [looked, _posted(posting, new[0])] if new else [looked]

    return decide


def give_up(posting: Posting, refusal: Refusal) -> Decide:
    """GitHub won't have it."""

    def decide(known: Postings) -> Sequence[StatusFact]:
        return [_refused(posting, refusal)] if known.next == posting else []

    return decide


def _ended(
    attempt: PostingStarted, outcome: str, retry_at: datetime | None = None
) -> PostingEnded:
    return PostingEnded(
        command_id=attempt.command_id,
        attempt=attempt.attempt,
        outcome=outcome,
        retry_at=retry_at,
    )


def _posted(posting: Posting, number: int) -> RemoteStatusPosted:
    return RemoteStatusPosted(
        command_id=posting.wish.command_id,
        repository=posting.wish.repository,
        deployment_id=posting.wish.deployment_id,
        github_status_id=number,
    )


def _refused(posting: Posting, refusal: Refusal) -> RemoteStatusRefused:
    return RemoteStatusRefused(
        command_id=posting.wish.command_id,
        repository=posting.wish.repository,
        deployment_id=posting.wish.deployment_id,
        code=refusal.code,
        message=refusal.message,
    )
