"""What happens to a delivery: the same on every bus.

A handler has two ways to end early. It raises `Retry`: not now, bring this again after
a while. Or it fails by surprise, which is a bug or a broken database: the message goes
down a ladder of growing delays and, after the last rung, to the dead letters, with the
reason. Either way it leaves the queue, so that others go on.

A message that asks for an answer isn't retried but let go: whoever asked, asks again.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from shared.contracts import Event, Message
from shared.observability import metrics

A = TypeVar("A")
K = TypeVar("K")
R = TypeVar("R")
Handle = Callable[[Message[Any]], Awaitable[None]]
#: The whole routing of a service: which events it takes, and what it does with each.
Handlers = Mapping[type[Event], Callable[[A, Message[Any]], Awaitable[None]]]
Subscription = Mapping[type[Event], Handle]

RUNGS = (
    timedelta(seconds=1),
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=10),
)
#: How long `Retry` may go on for one message.
PATIENCE = timedelta(hours=24)

log = structlog.get_logger()


def bind(
    application: A, handlers: Mapping[K, Callable[[A, Any], R]]
) -> dict[K, Callable[[Any], R]]:
    """The handlers as methods of this application."""
    return {key: partial(handle, application) for key, handle in handlers.items()}


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


Verdict = Done | Later | Dead


async def handle(
    subscription: Subscription, message: Message[Event], tries: Tries, now: datetime
) -> Verdict:
    """Give a message to its handler, and say what is to become of the delivery."""
    event = type(message.data)
    bound = structlog.contextvars.bound_contextvars(
        correlation_id=message.correlation_id, subject=message.data.subject
    )
    started = time.perf_counter()
    with bound:
        verdict = await _outcome(subscription[event], message, tries, now)
        _tell(message, verdict, time.perf_counter() - started)
    return verdict


async def _outcome(
    handler: Handle, message: Message[Event], tries: Tries, now: datetime
) -> Verdict:
    try:
        await handler(message)
    except Retry as retry:
        return Done() if message.asked else _later(retry, tries, now)
    except Exception as error:
        log.exception("handler_failed", message_type=type(message.data).__name__)
        return _next_rung(tries, f"{type(error).__name__}: {error}")
    return Done()


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
        case Dead(reason=reason):
            log.error("message_dead_lettered", message_type=name, reason=reason)
