"""What the tests' own fixtures promise."""

import aio_pika
import psycopg


def test_a_test_gets_an_empty_database(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE mine (id int)")


def test_another_test_gets_another(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE mine (id int)")


async def test_a_test_gets_an_empty_virtual_host(amqp_url: str) -> None:
    await declare_mine(amqp_url)


async def test_another_test_gets_another_virtual_host(amqp_url: str) -> None:
    await declare_mine(amqp_url)


async def declare_mine(url: str) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("mine", durable=True)
        assert queue.declaration_result.message_count == 0
        await channel.default_exchange.publish(aio_pika.Message(b"1"), "mine")
