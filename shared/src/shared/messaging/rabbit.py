"""The bus on RabbitMQ."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog
from aiormq import spec
from aiormq.exceptions import ChannelNotFoundEntity

from shared.contracts import Answer, Event, Hint, Message, Question
from shared.observability import metrics

from . import topology
from .answering import Hearing
from .asking import answered
from .bus import BusUnavailableError, DeadLetter, MessageRefusedError
from .envelope import headers
from .handling import Able, Subscription
from .rabbit_answering import Answerer
from .rabbit_asking import Asker, hint_properties
from .rabbit_consumer import Consumer
from .rabbit_dead import DeadLetters
from .rabbit_link import Link

R = TypeVar("R", bound=Answer)
PERSISTENT: Final = 2
#: Whoever hints has something better to do than to wait for a broker.
HINT_WITHIN_S: Final = 1.0

log = structlog.get_logger()


class RabbitBus:
    """One broker, as one process sees it."""

    def __init__(self, url: str, *, name: str = "gitploy") -> None:
        self._link = Link(url, name)
        self._asker = Asker(self._link)

    async def publish(self, message: Message[Event]) -> None:
        """Return once every bound queue has it on disk (law 2)."""
        properties = spec.Basic.Properties(
            headers=dict(headers(message)),
            content_type="application/json",
            message_id=message.id,
            delivery_mode=PERSISTENT,
        )
        body = message.data.model_dump_json().encode()
        await self._link.send(type(message.data).__name__, body, properties)

    async def consume(
        self, service: str, subscription: Subscription, able: Able | None = None
    ) -> None:
        """Take messages until cancelled; then finish those in hand."""
        await Consumer(service, subscription, self._link.connect, able).run()

    async def ask(self, question: Question[R], within: timedelta) -> R | None:
        """Ask a service, and wait so long for its answer; none if none came."""
        return await answered(question, self._asker.ask(question, within))

    async def hint(self, hint: Hint) -> None:
        """Say it if that is possible at once; losing it costs only time."""
        name = type(hint).__name__
        body = hint.model_dump_json().encode()
        try:
            async with asyncio.timeout(HINT_WITHIN_S):
                about = hint_properties(hint, self._link.name)
                await self._link.send(name, body, about)
        except (BusUnavailableError, MessageRefusedError, TimeoutError) as error:
            metrics.hints_lost.labels(name).inc()
            log.info("hint_lost", hint=name, subject=hint.subject, reason=str(error))

    async def answer(self, service: str, hearing: Hearing) -> None:
        """Answer questions and hear hints until cancelled."""
        await Answerer(service, hearing, self._link.connect).run()

    async def remembers(self, service: str) -> bool:
        """Whether the mark that this service left is still there."""
        async with self._link.speaking():
            channel = await (await self._link.connection()).channel()
            try:
                await channel.get_queue(topology.marker(service), ensure=True)
            except ChannelNotFoundEntity:
                return False
            await channel.close()
        return True

    async def remember(self, service: str) -> None:
        """Leave the mark, and the queues that a wiped broker lacks."""
        async with self._link.speaking():
            channel = await (await self._link.connection()).channel()
            await topology.declare(channel)
            await topology.declare_marker(channel, service)
            await channel.close()

    async def ready(self) -> None:
        """Raises BusUnavailableError with the reason."""
        async with self._link.speaking():
            await self._link.publisher()

    async def dead_letters(self) -> list[DeadLetter]:
        """What nobody could handle, of all services."""
        async with await self._link.connect() as connection:
            return await DeadLetters(connection).list(datetime.now(UTC))

    async def revive(self, message_id: str | None = None) -> int:
        """Send dead letters (one, or all) back to their queues; how many there were."""
        async with await self._link.connect() as connection:
            return await DeadLetters(connection).revive(message_id)

    async def drop(self, message_id: str, service: str | None = None) -> int:
        """Destroy a dead letter, of one service or of all; how many there were."""
        async with await self._link.connect() as connection:
            return await DeadLetters(connection).drop(message_id, service)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._link.hang_up()
