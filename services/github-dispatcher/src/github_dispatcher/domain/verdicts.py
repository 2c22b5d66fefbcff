"""What is recorded once something was done: decisions, from the newest state.

Each is asked again when somebody else was faster, so none relies on what its caller
knew: an attempt that has been overtaken concludes nothing, and what is settled stays.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from shared.contracts import Repository

from . import wording
from .answers import (
    RATE_LIMITED,
    Answer,
    GitHubDeployment,
    Limits,
    NotNow,
    Refusal,
    Stopped,
    Unclear,
)
from .dispatch import BEFORE, Dispatch, DispatchFact
from .facts import (
    AttemptEnded,
    AttemptStarted,
    BeginningPostponed,
    ExtraFound,
    ExtraStopped,
    LateLooked,
    LookedUp,
    SightingDismissed,
)

Facts = Sequence[DispatchFact]
Decide = Callable[[Dispatch], Facts]
FIRST_PAUSE_S: Final = 5
LONGEST_PAUSE_S: Final = 60


def conclude(now: datetime) -> Decide:
    """A cancel, or the end of the verdict, comes before another attempt."""

    def decide(known: Dispatch) -> Facts:
        if known.settled or known.open:
            return []
        if known.cancel:
            return [wording.canceled(known)]
        if known.order and now >= known.not_after:
            return [wording.refused(known, wording.too_late(known))]
        return []

    return decide


def begin(
    worker: str, now: datetime, full_until: datetime | None, limits: Limits
) -> Decide:
    """Start an attempt, if nothing is to be concluded and there is a write for it."""

    def decide(known: Dispatch) -> Facts:
        if not known.ready(now):
            return conclude(now)(known)
        if full_until:
            return _postponed(known, full_until)
        return [_started(known.last + 1, worker, now, limits)]

    return decide


def limited(until: datetime | None) -> Decide:
    """It can't be begun now; a limit of GitHub's, if that is why, moves the end."""

    def decide(known: Dispatch) -> Facts:
        return [] if known.settled or until is None else _postponed(known, until)

    return decide


def give_up(refusal: Refusal) -> Decide:
    """It can't be begun, and never will."""

    def decide(known: Dispatch) -> Facts:
        return [] if known.settled or known.open else [_no(known, refusal)]

    return decide


def answered(
    attempt: AttemptStarted, answer: Answer, repository: Repository, now: datetime
) -> Decide:
    """Record what GitHub said to the worker of an attempt."""

    def decide(known: Dispatch) -> Facts:
        current = attempt.attempt == known.last and not known.settled
        if isinstance(answer, Unclear):
            return [_unclear(known, attempt, answer)] if current else []
        ended = _ended(attempt.attempt, answer)
        match answer:
            case GitHubDeployment():
                return [ended, *_found(known, [answer], repository)]
            case Refusal():
                return [ended, _no(known, answer)] if current else [ended]
            case NotNow():
                return _not_now(known, ended, answer, now) if current else [ended]
        assert_never(answer)

    return decide


def looked_up(
    attempt: int, found: Sequence[GitHubDeployment], repository: Repository
) -> Decide:
    """Settle an open attempt with what GitHub has: absent counts only for the last."""

    def decide(known: Dispatch) -> Facts:
        if not known.open or known.open.attempt != attempt:
            return []
        return [LookedUp(attempt=attempt), *_found(known, found, repository)]

    return decide


def looked_first(found: Sequence[GitHubDeployment], repository: Repository) -> Decide:
    """What GitHub has was made before our log begins: it is the recorded one."""

    def decide(known: Dispatch) -> Facts:
        if known.settled or known.started or BEFORE in known.looked_up:
            return []
        return [LookedUp(attempt=BEFORE), *_found(known, found, repository)]

    return decide


def looked_late(
    attempt: int, found: Sequence[GitHubDeployment], repository: Repository
) -> Decide:
    """What has turned up after all is one too many."""

    def decide(known: Dispatch) -> Facts:
        return [LateLooked(attempt=attempt), *_found(known, found, repository)]

    return decide


def checked(
    number: int, deployment: GitHubDeployment | None, repository: Repository
) -> Decide:
    """GitHub itself was asked about what a webhook had told; none: it has no such."""

    def decide(known: Dispatch) -> Facts:
        if number in known.known | known.dismissed:
            return []
        order = known.order
        if deployment is None or (order and not deployment.carries_out(order)):
            return [SightingDismissed(github_deployment_id=number)]
        return _found(known, [deployment], repository)

    return decide


def unreachable(attempt: int) -> Decide:
    """Nobody can tell what an open attempt made: its repository is lost.

    Should it come back, the late look and GitHub's webhooks find what there is.
    """

    def decide(known: Dispatch) -> Facts:
        if not known.open or known.open.attempt != attempt:
            return []
        settled = [] if known.settled else [_no(known, wording.REPOSITORY_GONE)]
        return [LookedUp(attempt=attempt), *settled]

    return decide


def stopped(end: Stopped) -> Decide:
    """The cancel is carried out."""

    def decide(known: Dispatch) -> Facts:
        return [wording.ended(known, end)] if known.to_stop else []

    return decide


def extra_stopped(number: int, happened: str) -> Decide:
    def decide(known: Dispatch) -> Facts:
        if number in known.stopped:
            return []
        told = f"GitHub had a second deployment, {number}. {happened}"
        return [
            ExtraStopped(github_deployment_id=number),
            wording.attempted(known, known.last, "extra_stopped", told),
        ]

    return decide


def _started(
    attempt: int, worker: str, now: datetime, limits: Limits
) -> AttemptStarted:
    begin_by = now + timedelta(seconds=limits.spare_s)
    until = begin_by + timedelta(seconds=limits.post_s)
    return AttemptStarted(
        attempt=attempt, worker=worker, begin_by=begin_by, until=until
    )


def _found(
    known: Dispatch, found: Iterable[GitHubDeployment], repository: Repository
) -> list[DispatchFact]:
    """The first that is new is the recorded one, if none is; the others are extra."""
    new = sorted((d for d in found if d.id not in known.known), key=lambda d: d.id)
    facts: list[DispatchFact] = []
    if new and known.order and not known.settled:
        facts.append(wording.created(new.pop(0), known.order, repository))
    extras = [ExtraFound(repository=repository, github_deployment_id=d.id) for d in new]
    return [*facts, *extras]


def _no(known: Dispatch, refusal: Refusal) -> DispatchFact:
    """There won't be one. With a cancel that is what was wanted."""
    if known.cancel:
        gone = refusal == wording.REPOSITORY_GONE
        return wording.canceled(
            known, refusal.message if gone else wording.NOTHING_CREATED
        )
    return wording.refused(known, refusal)


def _postponed(known: Dispatch, until: datetime) -> Facts:
    """Only a limit that reaches beyond the verdict is worth a fact."""
    later = max(known.postponed_until, until)
    if replace(known, postponed_until=later).not_after == known.not_after:
        return []
    return [BeginningPostponed(until=until)]


def _ended(attempt: int, answer: GitHubDeployment | Refusal | NotNow) -> AttemptEnded:
    match answer:
        case GitHubDeployment(id=number):
            return AttemptEnded(
                attempt=attempt, outcome="created", github_deployment_id=number
            )
        case Refusal(code, message) | NotNow(code, message):
            return AttemptEnded(attempt=attempt, outcome=code, message=message)
    assert_never(answer)


def _not_now(
    known: Dispatch, ended: AttemptEnded, answer: NotNow, now: datetime
) -> Facts:
    pause = min(FIRST_PAUSE_S * 2 ** min(len(known.ended), 10), LONGEST_PAUSE_S)
    retry_at = answer.retry_at or now + timedelta(seconds=pause)
    limited = answer.outcome == RATE_LIMITED
    return [
        ended.model_copy(update={"retry_at": retry_at}),
        wording.attempted(known, ended.attempt, ended.outcome, ended.message, retry_at),
        *([BeginningPostponed(until=retry_at)] if limited else []),
    ]


def _unclear(known: Dispatch, attempt: AttemptStarted, answer: Unclear) -> DispatchFact:
    return wording.attempted(
        known, attempt.attempt, "ambiguous", answer.reason, attempt.until
    )
