"""The gateway as a real server over SQLite, and the other services as fakes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from api_gateway import bootstrap
from api_gateway.accounts import access, syncing
from api_gateway.bootstrap import build
from api_gateway.routes import reading
from api_gateway.settings import Settings
from shared.contracts import DeployRequested
from shared.github import Timeouts
from shared.messaging import MemoryBus
from shared.service import Service
from shared.testing import FakeClock, until
from shared.web import MAX_LINE
from shared.web.rates import Rates

from .configured import settings_of as settings_of
from .conforming import conforming
from .live_events import shown
from .others import CHECKS as CHECKS
from .others import REPO as REPO
from .others import SHA as SHA
from .others import TOKEN as TOKEN
from .others import FakeGitHub as FakeGitHub
from .others import Others as Others
from .others import creation as creation
from .others import rejection as rejection
from .others import status as status
from .others import verdict as verdict
from .people_at_github import Town
from .people_at_github import active as active_town


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for outcomes and GitHub for long: other tests keep the machine busy.

    Who wants it to be too long for somebody says so.
    """
    monkeypatch.setattr(reading, "DEFAULT_WAIT_S", reading.MAX_WAIT_S)
    monkeypatch.setattr(bootstrap, "PATIENCE", Timeouts(60, 60, 60))
    monkeypatch.setattr(access, "ASK_WITHIN_S", 60.0)
    monkeypatch.setattr(syncing, "ASK_WITHIN_S", 60.0)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count requests as if all came at once, however long the test takes."""
    standing = partialmethod(Rates.__init__, clock=lambda: 0.0)
    monkeypatch.setattr(Rates, "__init__", standing)


@dataclass
class World:
    """A gateway, and everything around it."""

    api: TestClient[Any, Any]
    service: Service
    others: Others
    github: FakeGitHub
    clock: FakeClock
    settings: Settings

    async def activate(self) -> None:
        answer = await self.api.patch("/api/v1/repos/octo/shop", json={"active": True})
        assert answer.status == 200, await answer.text()
        # Asked for, answered, and told to those who have to know.
        await until(lambda: shown(self.service) >= 3)

    async def deploy(self, headers: Any = None, **body: Any) -> Any:
        return await self.api.post(
            "/api/v1/repos/octo/shop/deployments",
            json={"type": "branch", "ref": "main", "env": "production"} | body,
            headers=headers,
        )

    async def unanswered(self, **body: Any) -> DeployRequested:
        """A request that the verifier has not answered."""
        self.others.verdict = "none"
        before = len(self.others.of(DeployRequested))
        sent = {"type": "branch", "ref": "main", "env": "production"} | body
        await self.post("/deployments", sent, Prefer="wait=0")
        await until(lambda: len(self.others.of(DeployRequested)) > before)
        request: DeployRequested = self.others.of(DeployRequested)[-1].data
        return request

    async def post(self, path: str, sent: Any = None, **headers: str) -> Any:
        return await self.api.post(
            f"/api/v1/repos/octo/shop{path}", json=sent or {}, headers=headers
        )

    async def get(self, path: str) -> Any:
        answer = await self.api.get(f"/api/v1/repos/octo/shop{path}")
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def until_phase(self, number: int, phase: str) -> Any:
        """Answer with the deployment once it stands there."""
        path = f"/api/v1/repos/octo/shop/deployments/{number}"

        async def reached() -> bool:
            return bool((await (await self.api.get(path)).json()).get("phase") == phase)

        await until(reached)
        return await self.get(f"/deployments/{number}")

    async def recorded(self) -> int:
        """How much is recorded."""
        return await self.service.store.last_position()


@asynccontextmanager
async def serving(
    settings: Settings, bus: MemoryBus, github: FakeGitHub, clock: FakeClock
) -> AsyncIterator[tuple[Service, TestClient[Any, Any]]]:
    service = build(settings, bus=bus, github=github, clock=clock)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    app = service.app()
    with conforming(app):
        server = TestServer(app)
        # As a process does.
        await server.start_server(max_line_size=MAX_LINE)
        async with TestClient(server, headers=headers) as api:
            yield service, api
    service.store.close()


@asynccontextmanager
async def world_of(settings: Settings) -> AsyncIterator[World]:
    clock, github = FakeClock(), FakeGitHub()
    bus = MemoryBus(queues=["api-gateway"], clock=clock)
    others = Others(bus, clock)
    task = asyncio.create_task(others.run())
    async with serving(settings, bus, github, clock) as (service, api):
        yield World(api, service, others, github, clock, settings)
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Give the test a gateway that knows no repository yet."""
    async with world_of(settings_of(f"sqlite:///{tmp_path}/")) as world:
        yield world


@pytest.fixture
async def active(world: World) -> World:
    """Give the test a gateway that follows one repository."""
    await world.activate()
    return world


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Give the test a gateway that follows one repository, and where people sign in."""
    async with active_town(tmp_path) as town:
        yield town
