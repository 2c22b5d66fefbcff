from pathlib import Path

import aio_pika
import pytest

from gitploy.local.backing import RabbitMQ, ServerMissingError, rabbitmq
from tests.conftest import start_or_skip


async def test_it_takes_work_when_start_returns_and_keeps_it_after_a_kill(
    tmp_path: Path,
) -> None:
    server = RabbitMQ(tmp_path)
    try:
        url = start_or_skip(server.start)
        async with await aio_pika.connect(url) as connection:
            await (await connection.channel()).declare_queue("kept", durable=True)
        # A kill may take back the queues of the last second or two: see `kill`.
        server.stop()
        server.start()
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            message = aio_pika.Message(b"hello", delivery_mode=2)
            await channel.default_exchange.publish(message, "kept")
        server.kill()
        assert not server.running()
        assert server.start() == url
        async with await aio_pika.connect(url) as connection:
            queue = await (await connection.channel()).get_queue("kept")
            assert (await queue.get(no_ack=True, timeout=60)).body == b"hello"
    finally:
        server.stop()
    assert not server.running()


def test_a_missing_server_is_one_sentence_that_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbitmq, "SCRIPTS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerMissingError, match="package `rabbitmq-server`"):
        RabbitMQ(tmp_path).start()
