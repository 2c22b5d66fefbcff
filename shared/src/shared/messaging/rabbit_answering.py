"""Answers questions from RabbitMQ, and hears hints there.

A question that nobody here can answer gets an empty answer, so that who asked need not
wait to the end. Whatever can't be read is dropped: nobody will ever miss it.
"""

from datetime import UTC, datetime, timedelta

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts import Answer
from shared.observability import metrics

from . import topology
from .answering import LIFE, Hearing, hear
from .envelope import UnreadableMessageError, read_unrecorded, unrecorded_headers
from .rabbit_turns import Connect, Turns

log = structlog.get_logger()


class Answerer:
    """One replica's share of what is asked of a service, and hinted to it."""

    def __init__(self, service: str, hearing: Hearing, connect: Connect) -> None:
        self._service = service
        self._hearing = hearing
        self._turns = Turns(topology.questions(service), connect, self._deliver)

    async def run(self) -> None:
        """Answer until cancelled; then finish what is in hand."""
        await self._turns.run()

    async def _deliver(
        self, delivery: AbstractIncomingMessage, sending: AbstractChannel
    ) -> None:
        answer = await self._answer(delivery)
        if delivery.reply_to:
            letter = self._letter(answer, delivery)
            # Who asked may be gone: what has no queue any more is dropped.
            await sending.default_exchange.publish(
                letter, routing_key=delivery.reply_to, mandatory=False
            )
        await delivery.ack()

    async def _answer(self, delivery: AbstractIncomingMessage) -> Answer | None:
        try:
            said = read_unrecorded(delivery.headers, delivery.body)
        except UnreadableMessageError as error:
            metrics.messages_unreadable.labels(self._service).inc()
            log.error("message_unreadable", service=self._service, reason=str(error))  # noqa: TRY400 - the reason is all there is to say
            return None
        return await hear(self._hearing, said, _life(delivery))

    def _letter(
        self, answer: Answer | None, asked: AbstractIncomingMessage
    ) -> aio_pika.Message:
        id_ = asked.message_id or ""
        now = datetime.now(UTC)
        told = unrecorded_headers(answer, id_, self._service, now) if answer else {}
        return aio_pika.Message(
            answer.model_dump_json().encode() if answer else b"",
            headers=dict(told),
            content_type="application/json",
            correlation_id=asked.correlation_id,
            delivery_mode=aio_pika.DeliveryMode.NOT_PERSISTENT,
        )


def _life(delivery: AbstractIncomingMessage) -> timedelta:
    """How long somebody waits for it."""
    seconds = delivery.expiration
    return timedelta(seconds=seconds) if isinstance(seconds, float) else LIFE
