"""Asks over RabbitMQ, and hears the answers on a queue of this process alone.

The queue is exclusive: it dies with the connection, and with it whatever is on its way
there. Then who waits learns it at once instead of at the end of its patience.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from aio_pika.abc import AbstractIncomingMessage
from aiormq import spec

from shared.contracts import QUESTIONS, Answer, Hint, Question, Unrecorded
from shared.observability import metrics

from .answering import LIFE
from .bus import BusUnavailableError, MessageRefusedError
from .envelope import UnreadableMessageError, read_unrecorded, unrecorded_headers
from .rabbit_link import Link

NOT_PERSISTENT: Final = 1

#: What came back, or why nothing can come any more.
Outcome = Unrecorded | None | BusUnavailableError

log = structlog.get_logger()


class Asker:
    """Who asks on behalf of one process."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting: dict[str, asyncio.Future[Outcome]] = {}
        #: Where answers go, as long as the connection lives.
        self._queue: str | None = None
        self._opening = asyncio.Lock()

    async def ask(
        self, question: Question[Answer], within: timedelta
    ) -> Unrecorded | None:
        """What came back in time, if anything.

        Raises:
            BusUnavailableError: Nobody could be asked, or heard.
        """
        id_ = str(uuid4())
        future: asyncio.Future[Outcome] = asyncio.Future()
        asked = False
        try:
            async with asyncio.timeout(within.total_seconds()):
                properties = _properties(question, id_, within)
                properties.reply_to = await self._listen()
                self._waiting[id_] = future
                await self._send(question, properties)
                asked = True
                return _told(await future)
        except TimeoutError as error:
            if not asked:
                raise BusUnavailableError("RabbitMQ does not answer") from error
            return None
        finally:
            self._waiting.pop(id_, None)

    async def _send(
        self, question: Question[Answer], properties: spec.Basic.Properties
    ) -> None:
        body = question.model_dump_json().encode()
        try:
            await self._link.send(type(question).__name__, body, properties)
        except MessageRefusedError as error:
            raise BusUnavailableError(str(error)) from error

    async def _listen(self) -> str:
        """The queue where this process hears answers."""
        async with self._opening, self._link.speaking():
            if self._queue is None:
                channel = await (await self._link.connection()).channel()
                channel.close_callbacks.add(lambda *_: self._lost())
                name = f"{self._link.name}.answers.{uuid4()}"
                queue = await channel.declare_queue(
                    name, exclusive=True, arguments={"x-queue-type": "classic"}
                )
                await queue.consume(self._hear, no_ack=True)
                self._queue = name
            return self._queue

    async def _hear(self, delivery: AbstractIncomingMessage) -> None:
        future = self._waiting.get(delivery.correlation_id or "")
        if future is None or future.done():
            # It comes too late, or is none of ours.
            return
        future.set_result(_read(delivery))

    def _lost(self) -> None:
        self._queue = None
        for future in self._waiting.values():
            if not future.done():
                lost = BusUnavailableError("RabbitMQ: the connection was lost")
                future.set_result(lost)


def _told(outcome: Outcome) -> Unrecorded | None:
    if isinstance(outcome, BusUnavailableError):
        raise outcome
    return outcome


def _read(delivery: AbstractIncomingMessage) -> Unrecorded | None:
    if not delivery.body:
        # The answerer has none, and says so at once.
        return None
    try:
        return read_unrecorded(delivery.headers, delivery.body)
    except UnreadableMessageError as error:
        metrics.messages_unreadable.labels("answers").inc()
        log.error("message_unreadable", service="answers", reason=str(error))  # noqa: TRY400 - the reason is all there is to say
        return None


def _properties(
    question: Question[Answer], id_: str, within: timedelta
) -> spec.Basic.Properties:
    source = QUESTIONS[type(question)].asker
    told = unrecorded_headers(question, id_, source, datetime.now(UTC))
    return _short_lived(told, id_, min(within, LIFE))


def hint_properties(hint: Hint, source: str) -> spec.Basic.Properties:
    """How a hint is sent: it expires in its queue."""
    id_ = str(uuid4())
    told = unrecorded_headers(hint, id_, source, datetime.now(UTC))
    return _short_lived(told, id_, LIFE)


def _short_lived(
    told: Mapping[str, Any], id_: str, lives: timedelta
) -> spec.Basic.Properties:
    return spec.Basic.Properties(
        headers=dict(told),
        content_type="application/json",
        message_id=id_,
        correlation_id=id_,
        delivery_mode=NOT_PERSISTENT,
        expiration=str(max(1, int(lives.total_seconds() * 1000))),
    )
