"""The connection to RabbitMQ, as far as it needs none."""

import asyncio
from typing import Any

import aiormq
import pytest

from shared.messaging.rabbit_link import Link


async def test_who_gives_up_as_the_broker_refuses_has_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = asyncio.get_running_loop().create_future()

    async def connect(*_: Any, **__: Any) -> Any:
        return await refused

    monkeypatch.setattr(aiormq, "connect", connect)
    attempt = asyncio.create_task(Link("amqp://nobody@localhost/", "test").connect())
    await asyncio.sleep(0)
    refused.set_exception(ConnectionRefusedError())
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
