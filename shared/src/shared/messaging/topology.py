"""What exists at the broker: one exchange, and for each service its queues.

    gitploy.events ──RefVerified──▶ github-dispatcher ──▶ handler
                                         ▲                   │ not now
                                         └── github-dispatcher.later.10s
                                                             │ never
                                             github-dispatcher.dead

                       ──PreflightAsked──▶ verifier.questions ──▶ handler ──▶ the asker

Events wait in quorum queues. RabbitMQ has no delayed delivery, so each rung of the
ladder is a queue whose messages expire back into the service's queue. Everything is
declared by whoever comes first: an event that is said before its taker has ever
started waits for it. Questions and hints wait for a moment, in classic queues that
forget them.
"""

from datetime import timedelta
from typing import Any, Final

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue

from shared.contracts import SERVICES, SINGLE_ACTIVE, heard_by, taken_by

from .answering import LIFE
from .handling import RUNGS

EXCHANGE: Final = "gitploy.events"
#: A message that kills its handler's process this often goes to the dead letters.
DELIVERY_LIMIT: Final = 50
#: Looking at a dead letter counts as a delivery, and looking must not destroy it.
NO_LIMIT: Final = 1_000_000
#: More questions than that are never waiting, unless nobody answers.
MOST_QUESTIONS: Final = 1_000
_SAFELY: Final = {
    "x-queue-type": "quorum",
    "x-dead-letter-exchange": "",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


def dead(service: str) -> str:
    """The queue of a service's dead letters."""
    return f"{service}.dead"


def later(service: str, rung: timedelta) -> str:
    """The queue from which messages come back after this delay."""
    return f"{service}.later.{rung.total_seconds():.0f}s"


def questions(service: str) -> str:
    """The queue of what is asked of a service, and hinted to it."""
    return f"{service}.questions"


def marker(service: str) -> str:
    """The queue whose absence says that the broker has lost its memory."""
    return f"relay.{service}"


async def declare(channel: AbstractChannel) -> AbstractExchange:
    """Declare everything; what exists already stays as it is."""
    exchange = await channel.declare_exchange(
        EXCHANGE, ExchangeType.TOPIC, durable=True
    )
    for service in SERVICES:
        await _declare_queues(channel, exchange, service)
        if heard_by(service):
            await _declare_questions(channel, exchange, service)
    return exchange


async def declare_marker(channel: AbstractChannel, service: str) -> AbstractQueue:
    """Leave the mark."""
    return await _quorum(channel, marker(service), {"x-queue-type": "quorum"})


async def _declare_queues(
    channel: AbstractChannel, exchange: AbstractExchange, service: str
) -> None:
    limit = {"x-queue-type": "quorum", "x-delivery-limit": NO_LIMIT}
    await _quorum(channel, dead(service), limit)
    arguments: dict[str, Any] = {
        **_SAFELY,
        "x-dead-letter-routing-key": dead(service),
        "x-delivery-limit": DELIVERY_LIMIT,
    }
    if service in SINGLE_ACTIVE:
        arguments["x-single-active-consumer"] = True
    queue = await _quorum(channel, service, arguments)
    for event in taken_by(service):
        await queue.bind(exchange, event.__name__)
    for rung in RUNGS:
        arguments = {
            **_SAFELY,
            "x-dead-letter-routing-key": service,
            "x-message-ttl": int(rung.total_seconds() * 1000),
        }
        await _quorum(channel, later(service, rung), arguments)


async def _declare_questions(
    channel: AbstractChannel, exchange: AbstractExchange, service: str
) -> None:
    arguments: dict[str, Any] = {
        "x-queue-type": "classic",
        "x-message-ttl": int(LIFE.total_seconds() * 1000),
        "x-max-length": MOST_QUESTIONS,
    }
    name = questions(service)
    queue = await channel.declare_queue(name, durable=True, arguments=arguments)
    for each in heard_by(service):
        await queue.bind(exchange, each.__name__)


async def _quorum(
    channel: AbstractChannel, name: str, arguments: dict[str, Any]
) -> AbstractQueue:
    return await channel.declare_queue(name, durable=True, arguments=arguments)
