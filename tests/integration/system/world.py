"""The four services, a bus and GitHub's stand-in in one process, in virtual time.

Everything is real but the clock: it stands still until the test moves it, so an hour
without GitHub takes a second or two.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pygit2
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import bindparam, func, select, text

import github_sandbox.bootstrap
import github_sandbox.settings
from api_gateway.read_model.tables import DEPLOYMENTS
from github_sandbox.bootstrap import SANDBOX
from github_sandbox.deliveries import Courier
from gitploy.local.kept import free_port
from shared.contracts import SERVICES, Event, Message
from shared.messaging import MemoryBus
from shared.service import Service, app_of
from shared.testing import FakeClock, until
from standalone.bootstrap import BUILDS
from standalone.settings import Settings

REPOSITORY = "octo/shop"
TOKEN = "api-token"
GITHUB_TOKEN = "github-token"
STEP = timedelta(seconds=30)
#: The longest that an answer waits for what becomes of a request.
WAIT_S = 60
OVERDUE = (
    select(func.count())
    .select_from(DEPLOYMENTS)
    .where(DEPLOYMENTS.c.due_at <= bindparam("now"))
)


CONFIG = """
envs:
  - name: production
    serialization: true
"""


def make_repository(path: Path, config: str) -> None:
    repository = pygit2.init_repository(str(path), bare=True, initial_head="main")
    who = pygit2.Signature("Octo", "octo@example.com")
    tree = repository.TreeBuilder()
    tree.insert("deploy.yml", repository.create_blob(config.encode()), 0o100644)
    repository.create_commit("refs/heads/main", who, who, "Begin", tree.write(), [])


@dataclass
class World:
    """What a test does with it."""

    clock: FakeClock
    bus: "LossyBus"
    services: list[Service]
    api: ClientSession
    github: ClientSession
    #: Carries GitHub's webhooks.
    courier: Courier
    settings: Settings
    #: What has to be stopped with the services.
    up: AsyncExitStack

    async def start(self) -> None:
        """Let all four live, over the files that are there."""
        self.services[:] = [
            build(self.settings, bus=self.bus, clock=self.clock) for build in BUILDS
        ]
        for service in self.services:
            self.up.callback(service.store.close)
        app = app_of(*self.services)
        server = TestServer(app, port=self.settings.http_port)
        await self.up.enter_async_context(server)

    async def stop(self) -> None:
        await self.up.aclose()

    async def activate(self) -> None:
        active, path = {"active": True}, f"/api/v1/repos/{REPOSITORY}"
        async with self.api.patch(path, json=active) as answer:
            assert answer.status == 200, await answer.text()

    async def deploy(self) -> dict[str, Any]:
        """Until GitHub has it."""
        return await self._post(wait_s=WAIT_S, status=201)

    async def ask_to_deploy(self) -> dict[str, Any]:
        """Without waiting for what becomes of it."""
        return await self._post(wait_s=0, status=202)

    async def _post(self, wait_s: int, status: int) -> dict[str, Any]:
        body = {"type": "branch", "ref": "main", "env": "production"}
        path = f"/api/v1/repos/{REPOSITORY}/deployments"
        wait = {"Prefer": f"wait={wait_s}"}
        async with self.api.post(path, json=body, headers=wait) as answer:
            shown: dict[str, Any] = await answer.json()
            assert answer.status == status, shown
            return shown

    async def deployment(self, number: int) -> dict[str, Any]:
        path = f"/api/v1/repos/{REPOSITORY}/deployments/{number}"
        async with self.api.get(path) as answer:
            return dict(await answer.json())

    async def events(self, number: int) -> list[str]:
        """What was said about it, by name and in order."""
        path = f"/api/v1/repos/{REPOSITORY}/deployments/{number}/events"
        async with self.api.get(path) as answer:
            return [each["type"].split(".")[2] for each in await answer.json()]

    async def phase_is(self, number: int, phase: str) -> None:
        async def holds() -> bool:
            return bool((await self.deployment(number))["phase"] == phase)

        await until(holds)

    async def at_github(self) -> list[dict[str, Any]]:
        async with self.github.get(f"/repos/{REPOSITORY}/deployments") as answer:
            return list(await answer.json())

    async def tool_says(self, github_deployment_id: int, state: str) -> None:
        path = f"/repos/{REPOSITORY}/deployments/{github_deployment_id}/statuses"
        async with self.github.post(path, json={"state": state}) as answer:
            assert answer.status == 201, await answer.text()

    async def faults(self, **parts: Any) -> None:
        async with self.github.put("/_sandbox/faults", json=parts) as answer:
            assert answer.status == 200, await answer.text()

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass in steps; after each, everything that is due is done."""
        end = self.clock.now + span
        while self.clock.now < end:
            self.clock.advance(STEP)
            for service in SERVICES:
                self.bus.bring_due(service)
            await until(self._at_rest)

    async def _at_rest(self) -> bool:
        """Whether nothing is on its way, nor was while that was looked at."""
        before = await self._recorded_and_told()
        if any(told < recorded for recorded, told in before):
            return False
        if self.courier._under_way or not self.bus.idle() or await self._overdue():
            return False
        return before == await self._recorded_and_told()

    async def _recorded_and_told(self) -> list[tuple[int, int]]:
        return [
            (await each.store.last_position(), await self._told(each))
            for each in self.services
        ]

    async def _told(self, service: Service) -> int:
        position = text("SELECT position FROM relay_position")

        def read() -> int:
            with service.store.views.reader.connect() as connection:
                return int(connection.scalar(position) or 0)

        return await service.store.run(read)

    async def _overdue(self) -> int:
        store = self.services[0].store
        now = int(self.clock.now.timestamp() * 1_000_000)

        def read() -> int:
            with store.views.reader.connect() as connection:
                return int(connection.scalar(OVERDUE, {"now": now}) or 0)

        return await store.run(read)


class LossyBus(MemoryBus):
    """Loses messages as it is told to, and says that they have arrived."""

    #: Whether the next message, and those after it, get lost.
    losses: list[bool] = []  # noqa: RUF012 - set for each bus
    #: The next message of each of these kinds does.
    loses: set[type[Event]] = set()  # noqa: RUF012 - set for each bus

    async def publish(self, message: Message[Event]) -> None:
        if self.losses and self.losses.pop(0):
            return
        if type(message.data) in self.loses:
            self.loses.remove(type(message.data))
            return
        await super().publish(message)


@asynccontextmanager
async def world(
    directory: Path, config: str = CONFIG, **more: Any
) -> AsyncIterator[World]:
    clock = FakeClock()
    repository = directory / "shop.git"
    make_repository(repository, config)
    sandbox = github_sandbox.settings.Settings(
        repository=repository,
        full_name=REPOSITORY,
        data=directory / "sandbox",
        tokens={GITHUB_TOKEN: "gitploy"},
    )
    async with AsyncExitStack() as stack:
        app = github_sandbox.bootstrap.build(sandbox)
        github = TestServer(app)
        await stack.enter_async_context(github)
        settings = Settings.model_validate(
            _settings(str(github.make_url("")), directory) | more
        )
        bus = LossyBus(queues=SERVICES, clock=clock)
        stack.push_async_callback(bus.close)
        url = f"http://127.0.0.1:{settings.http_port}"
        asking = {"Authorization": f"Bearer {TOKEN}", "Prefer": f"wait={WAIT_S}"}
        api = ClientSession(url, headers=asking)
        at_github = ClientSession(
            github.make_url(""), headers={"Authorization": f"Bearer {GITHUB_TOKEN}"}
        )
        await stack.enter_async_context(api)
        await stack.enter_async_context(at_github)
        up = await stack.enter_async_context(AsyncExitStack())
        here = World(clock, bus, [], api, at_github, app[SANDBOX].courier, settings, up)
        await here.start()
        await here.activate()
        yield here


def _settings(github_url: str, directory: Path) -> dict[str, Any]:
    github_url = github_url.rstrip("/")
    port = free_port()
    return {
        "database_url": f"sqlite:///{directory}/data/",
        "http_port": port,
        "hooks_url": f"http://127.0.0.1:{port}/hooks",
        "webhook_secret": "secret",
        "api_token": TOKEN,
        "github_token": GITHUB_TOKEN,
        "github_api_url": github_url,
        "github_graphql_url": f"{github_url}/graphql",
        "github_web_url": github_url,
        "deadlines_every_s": 0.02,
    }
