"""A client of the live events that sees all that is sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from shared.service import Service

URL = "/api/v1/stream/events"
Api = TestClient[Any, Any]
#: Not how long it takes: how long a machine that does much else may need.
PATIENCE_S = 60


@dataclass
class Events:
    """A client of the stream."""

    response: ClientResponse
    #: What the stream began with.
    begun: Mapping[str, Any]

    async def block(self) -> dict[str, Any]:
        """What comes next, whatever it is; empty at the end."""
        lines: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE_S):
            while line := (await self.response.content.readline()).decode().rstrip():
                name, _, value = line.partition(": ")
                lines[name] = json.loads(value) if name == "data" else value
        return lines

    async def next(self) -> dict[str, Any]:
        """The next event that is no heartbeat."""
        while (told := await self.block()).get("event") == "ping":
            pass
        return told

    async def take(self, count: int) -> list[dict[str, Any]]:
        return [await self.next() for _ in range(count)]

    async def rest(self) -> list[dict[str, Any]]:
        """All up to the end."""
        told = []
        while one := await self.next():
            told.append(one)
        return told


@asynccontextmanager
async def listening(
    api: Api, last: object = None, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Events]:
    sent = dict(headers or {})
    if last is not None:
        sent["Last-Event-ID"] = str(last)
    async with api.get(URL, headers=sent) as response:
        assert response.status == 200, await response.text()
        events = Events(response, {})
        events.begun = await events.block()
        yield events


def listeners(service: Service) -> Any:
    """Those who have arrived at what happens now."""
    return _stream(service)._listening


def shown(service: Service) -> int:
    """How far the log is shown, also to who listens."""
    reached: int = _stream(service)._feed.position
    return reached


def _stream(service: Service) -> Any:
    [part] = service.parting
    return part.__self__  # type: ignore[attr-defined]


def position(told: Mapping[str, Any]) -> int:
    """Where in the log an event stands."""
    return int(told["id"].partition("-")[0])
