"""The bus on a real RabbitMQ: as every bus, and it survives what brokers do."""

from collections.abc import AsyncIterator
from datetime import timedelta

import aio_pika
import pytest

from shared.contracts import SERVICES
from shared.messaging import (
    MessageRefusedError,
    RabbitBus,
    Retry,
    Subscription,
    topology,
)
from shared.testing import until
from shared.testing.bus import TAKER, BusConformance, Taker, a_message, consuming


@pytest.fixture
async def bus(amqp_url: str) -> AsyncIterator[RabbitBus]:
    bus = RabbitBus(amqp_url)
    yield bus
    await bus.close()


class TestRabbitBus(BusConformance):
    pass


async def wipe(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        for service in SERVICES:
            await channel.queue_delete(service)
            await channel.queue_delete(topology.marker(service))


async def test_a_wiped_broker_has_forgotten_the_mark(
    bus: RabbitBus, amqp_url: str
) -> None:
    await bus.remember("verifier")
    await wipe(amqp_url)
    assert not await bus.remembers("verifier")


async def test_consumer_and_publisher_go_on_after_their_queues_were_deleted(
    bus: RabbitBus, amqp_url: str
) -> None:
    taker = Taker()
    async with consuming(bus, taker):
        await bus.publish(a_message(1))
        await until(lambda: taker.finished == 1)
        await wipe(amqp_url)
        await bus.publish(a_message(2))
        await until(lambda: taker.finished == 2, timeout_s=20)


async def test_a_message_that_cannot_be_read_dies_with_its_reason_and_others_go_on(
    bus: RabbitBus, amqp_url: str
) -> None:
    taker = Taker()
    async with consuming(bus, taker):
        await bus.publish(a_message(1))
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            rubbish = aio_pika.Message(b"{", message_id="rubbish")
            await channel.default_exchange.publish(rubbish, routing_key=TAKER)
        await bus.publish(a_message(2))
        await until(lambda: taker.finished == 2)

        async def dead() -> bool:
            return len(await bus.dead_letters()) == 1

        await until(dead)
    (letter,) = await bus.dead_letters()
    assert letter.id == "rubbish"
    assert "cloudEvents:type" in letter.reason


class Deaf(Taker):
    """A version that does not know the message yet."""

    @property
    def subscription(self) -> Subscription:
        return {}


async def test_a_dead_letter_is_sent_back(bus: RabbitBus) -> None:
    message, taker = a_message(), Taker()

    async def dead() -> bool:
        return [letter.id for letter in await bus.dead_letters()] == [message.id]

    async with consuming(bus, Deaf()):
        await bus.publish(message)
        await until(dead)
    assert await bus.revive(message.id) == 1
    async with consuming(bus, taker):
        await until(lambda: taker.finished == 1)
    assert taker.taken == [message]
    assert await bus.dead_letters() == []


async def test_what_is_too_large_is_refused(bus: RabbitBus) -> None:
    message = a_message()
    large = message.data.model_copy(update={"reason": "x" * 9_000_000})
    with pytest.raises(MessageRefusedError):
        await bus.publish(type(message)(**{**message.__dict__, "data": large}))


async def test_the_ladder_brings_back_after_its_delay(bus: RabbitBus) -> None:
    taker = Taker([Retry(timedelta(seconds=1)), Retry(timedelta(seconds=1))])
    async with consuming(bus, taker):
        await bus.publish(a_message())
        await until(lambda: taker.finished == 1)
    assert len(taker.taken) == 3


async def test_one_that_cannot_climb_the_ladder_does_not_stay_in_hand(
    bus: RabbitBus, amqp_url: str
) -> None:
    taker = Taker([Retry(timedelta(seconds=1))])
    async with consuming(bus, taker):
        await bus.publish(a_message(1))
        await until(lambda: taker.finished == 1)
        taker.fail_next(Retry(timedelta(seconds=1)))
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            await channel.queue_delete(topology.later(TAKER, timedelta(seconds=1)))
        await bus.publish(a_message(2))
        await until(lambda: taker.finished == 2, timeout_s=30)
