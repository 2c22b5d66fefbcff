"""status-sync as a real server over SQLite, and GitHub as whoever signs webhooks."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from github_sandbox.bootstrap import build as sandbox
from github_sandbox.settings import Settings as SandboxSettings
from shared.contracts import GATEWAY, STATUS_SYNC, Event, Message, taken_by
from shared.github.signature import sign
from shared.messaging import MemoryBus
from shared.service import Service
from status_sync.bootstrap import build
from status_sync.settings import Settings

from .world import NAME, SECRET, TOKEN, GitHub, a_repository

REPOSITORY = {"id": 7, "full_name": "octo/shop"}


@dataclass
class Hooks:
    """Posts webhooks, signed unless a test spoils it."""

    service: Service
    client: TestClient[Request, Application]

    async def post(
        self,
        body: bytes,
        *,
        event: str = "deployment_status",
        content_type: str = "application/json",
        spoilt: Mapping[str, str | None] = MappingProxyType({}),
    ) -> ClientResponse:
        headers = {
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": "guid-1",
            "X-Hub-Signature-256": sign(SECRET, body),
            "Content-Type": content_type,
        }
        return await self.client.post(
            "/hooks",
            data=BytesIO(body),
            headers={k: v for k, v in {**headers, **spoilt}.items() if v is not None},
        )

    async def recorded(self) -> list[Any]:
        return [one.message.data for one in await self.service.store.log(0)]

    async def counted(self, line: str) -> float:
        """The value of a line of `/metrics`, 0 if it isn't there."""
        text = await (await self.client.get("/metrics")).text()
        found = [one for one in text.splitlines() if one.startswith(line + " ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus(queues=[STATUS_SYNC, GATEWAY])


@pytest.fixture
async def heard(bus: MemoryBus) -> AsyncIterator[list[Event]]:
    """What the gateway hears."""
    events: list[Event] = []

    async def hear(message: Message[Event]) -> None:
        events.append(message.data)

    subscription = dict.fromkeys(taken_by(GATEWAY), hear)
    listening = asyncio.create_task(bus.consume(GATEWAY, subscription))
    yield events
    listening.cancel()
    await asyncio.wait([listening])


@pytest.fixture
async def hooks(tmp_path: Path, bus: MemoryBus) -> AsyncIterator[Hooks]:
    service = build(settings(tmp_path, "http://127.0.0.1:9", "none"), bus=bus)
    async with TestClient(TestServer(service.app())) as client:
        yield Hooks(service, client)
    service.store.close()


@pytest.fixture
async def github(tmp_path: Path) -> AsyncIterator[GitHub]:
    where = SandboxSettings(
        repository=a_repository(tmp_path / "shop"),
        full_name=NAME,
        data=tmp_path,
        tokens={TOKEN: "octo"},
        watch_every_s=0.02,
    )
    async with (
        TestServer(sandbox(where)) as server,
        ClientSession() as session,
    ):
        url = str(server.make_url("")).rstrip("/")
        yield GitHub(session, url, where.id, where.repository)


@pytest.fixture
async def sync(tmp_path: Path, bus: MemoryBus, github: GitHub) -> AsyncIterator[Hooks]:
    impatient = {
        "sweep_interval_s": 0.05,
        "repository_gone_after_s": 0.2,
        "foreign_after_s": 0.2,
    }
    service = build(settings(tmp_path, github.url, TOKEN, **impatient), bus=bus)
    client: TestClient[Request, Application]
    async with TestClient(TestServer(service.app())) as client:
        yield Hooks(service, client)
    service.store.close()


def settings(
    data: Path, github_url: str, github_token: str | None = None, **others: Any
) -> Settings:
    return Settings(
        amqp_url="memory://",
        database_url=f"sqlite:///{data}/",
        github_api_url=github_url,
        github_graphql_url=f"{github_url}/graphql",
        github_token=github_token,
        webhook_secret=SECRET,
        **others,
    )


def status_webhook(number: int = 901, state: str = "queued", **extra: Any) -> bytes:
    return orjson.dumps(
        {
            "action": "created",
            "repository": REPOSITORY,
            "deployment": {"id": 4001, "sha": "a" * 40, "environment": "production"},
            "deployment_status": {
                "id": number,
                "state": state,
                "description": "",
                "created_at": "2026-01-05T09:00:00Z",
            },
            **extra,
        }
    )
