"""What happens to a delivery: the same on every bus.

A handler has two ways to end early. It raises `Retry`: not now, bring this again after
a while. Or it fails by surprise, which is a bug or a broken database: the message goes
down a ladder of growing delays and, after the last rung, to the dead letters, with the
reason. Either way it leaves the queue, so that others go on.

A message that asks for an answer isn't retried but let go: whoever asked, asks again.

A handler whose own database is away has not failed, and no message would fare better.
So the message stays in the queue with all others, and nothing is taken until the
database is back. One that is there but does nothing, full say, lets messages wait on
the ladder as `Retry` does.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from shared.contracts import Event, Message
from shared.observability import metrics
from shared.store import STORE_FAILURES

A = TypeVar("A")
K = TypeVar("K")
R = TypeVar("R")
Handle = Callable[[Message[Any]], Awaitable[None]]
#: The whole routing of a service: which events it takes, and what it does with each.
Handlers = Mapping[type[Event], Callable[[A, Message[Any]], Awaitable[None]]]
Subscription = Mapping[type[Event], Handle]
#: Raises, with the reason, while nothing could be handled.
Able = Callable[[], Awaitable[object]]

RUNGS = (
    timedelta(seconds=1),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
)
#: How long `Retry` may go on for one message.
PATIENCE = timedelta(hours=24)
#: When a database that is there, but did nothing, is tried again.
STORE_AGAIN = timedelta(minutes=1)
#: How long a database may take to say that it is there.
ABLE_WITHIN_S = 10.0
#: Handlers end within this time when the service stops; else the message comes again.
DRAIN_S = 20.0

log = structlog.get_logger()


def bind(
    application: A, handlers: Mapping[K, Callable[[A, Any], R]]
) -> dict[K, Callable[[Any], R]]:
    """The handlers as methods of this application."""
    return {key: partial(handle, application) for key, handle in handlers.items()}


class UnableError(Exception):
    """This process can handle nothing now; the text says why."""


class Retry(Exception):
    """Not now: bring this message again after a while."""

    def __init__(self, after: timedelta, reason: str = "") -> None:
        super().__init__(reason or f"again after {after}")
        self.after = after


@dataclass(frozen=True)
class Tries:
    """How often a message has come already; it travels with it."""

    #: How many times a handler failed by surprise.
    surprises: int = 0
    #: When a handler first asked for it to come again.
    since: datetime | None = None


@dataclass(frozen=True)
class Done:
    """The effect is committed: acknowledge."""


@dataclass(frozen=True)
class Later:
    """Bring it again after this rung's delay."""

    rung: timedelta
    tries: Tries
    #: Why not now, for the log.
    reason: str


@dataclass(frozen=True)
class Dead:
    """Nobody can handle it as things are: keep it for a person, with the reason."""

    reason: str


@dataclass(frozen=True)
class Back:
    """Leave it in the queue, and take nothing: no message could be handled now."""

    reason: str


Verdict = Done | Later | Dead | Back


async def handle(
    subscription: Subscription,
    message: Message[Event],
    tries: Tries,
    now: datetime,
    able: Able | None = None,
) -> Verdict:
    """Give a message to its handler, and say what is to become of the delivery."""
    event = type(message.data)
    bound = structlog.contextvars.bound_contextvars(
        correlation_id=message.correlation_id, subject=message.data.subject
    )
    started = time.perf_counter()
    with bound:
        verdict = await _outcome(subscription[event], message, tries, now, able)
        _tell(message, verdict, time.perf_counter() - started)
    return verdict


async def drain(in_hand: Collection["asyncio.Task[None]"]) -> None:
    """Let handlers end that have begun; the message of one that doesn't comes again.

    It is stopped before that: going on, it would do what another does already.
    """
    late = set(in_hand)
    if late:
        _, late = await asyncio.wait(late, timeout=DRAIN_S)
    for handler in late:
        handler.cancel()
    if late:
        await asyncio.wait(late)


async def _outcome(
    handler: Handle,
    message: Message[Event],
    tries: Tries,
    now: datetime,
    able: Able | None,
) -> Verdict:
    try:
        await handler(message)
    except Retry as retry:
        return Done() if message.asked else _later(retry, tries, now)
    except Exception as error:
        if able and (missing := await _missing(able)):
            return Back(missing)
        log.exception("handler_failed", message_type=type(message.data).__name__)
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, STORE_FAILURES) and not message.asked:
            return _later(Retry(STORE_AGAIN, reason), tries, now)
        return _next_rung(tries, reason)
    return Done()


async def _missing(able: Able) -> str:
    """What this process lacks to handle anything; empty if nothing."""
    try:
        async with asyncio.timeout(ABLE_WITHIN_S):
            await able()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        return f"{type(error).__name__}: {error}"
    return ""


def _later(retry: Retry, tries: Tries, now: datetime) -> Verdict:
    since = tries.since or now
    if now - since > PATIENCE:
        return Dead(f"was to be tried again for {PATIENCE}, last: {retry}")
    rung = next((rung for rung in RUNGS if rung >= retry.after), RUNGS[-1])
    return Later(rung, replace(tries, since=since), str(retry))


def _next_rung(tries: Tries, reason: str) -> Verdict:
    if tries.surprises >= len(RUNGS):
        return Dead(reason)
    rung = RUNGS[tries.surprises]
    return Later(rung, replace(tries, surprises=tries.surprises + 1), reason)


def _tell(message: Message[Event], verdict: Verdict, seconds: float) -> None:
    name = type(message.data).__name__
    outcome = type(verdict).__name__.lower()
    metrics.messages_handled.labels(name, outcome).inc()
    metrics.message_seconds.labels(name).observe(seconds)
    match verdict:
        case Done():
            log.debug("message_handled", message_type=name, seconds=round(seconds, 4))
        case Later(rung=rung):
            log.info(
                "message_delayed", message_type=name, again_in=rung.total_seconds()
            )
        case Back(reason=reason):
            log.warning("message_put_back", message_type=name, reason=reason)
        case Dead(reason=reason):
            log.error("message_dead_lettered", message_type=name, reason=reason)
