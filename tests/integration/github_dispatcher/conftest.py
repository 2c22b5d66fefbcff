"""The dispatcher with a bus in memory, and a GitHub over a git repository.

Attempts are open for a second instead of half a minute; the clock is the real one.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from github_dispatcher.bootstrap import build
from github_dispatcher.settings import Settings
from github_sandbox.bootstrap import SANDBOX
from github_sandbox.bootstrap import build as build_sandbox
from github_sandbox.sandbox import Sandbox
from github_sandbox.settings import Settings as SandboxSettings
from github_sandbox.settings import stable_number
from shared.contracts import (
    DISPATCHER,
    GATEWAY,
    CancelRequested,
    Event,
    Message,
    Person,
    PinnedConfig,
    Ref,
    RefVerified,
    Repository,
    taken_by,
)
from shared.messaging import MemoryBus
from shared.store import Store, utc_now
from shared.testing import said, until
from tests.integration.github_sandbox.signing import APP

NAME = "octo/shop"
TOKEN = "sandbox-token"
SECRET = "the hook's secret"
HOOKS_URL = "http://127.0.0.1:9/hooks"
REPOSITORY = Repository(id=stable_number(NAME), full_name=NAME)
ANN = Person(id=1, login="ann")
E = TypeVar("E", bound=Event)


@dataclass
class World:
    """Others tell the dispatcher something, and hear what comes of it."""

    sha: str
    repository: Path
    bus: MemoryBus
    session: ClientSession
    url: str
    data: Path
    sandbox: Sandbox
    store: Store = field(init=False)
    heard: list[Event] = field(default_factory=list)

    def order(self, **changes: Any) -> RefVerified:
        given = {
            "deployment_id": uuid4(),
            "number": 1,
            "repository": REPOSITORY,
            "environment": "production",
            "ref": Ref(type="branch", name="main"),
            "sha": self.sha,
            "config": PinnedConfig(
                commit=self.sha, digest="c" * 64, environment="production"
            ),
            "requested_by": ANN,
            "checks": (),
            "resolved_at": utc_now(),
            "not_after": utc_now() + timedelta(minutes=15),
        }
        return RefVerified.model_validate(given | changes)

    def commit(self) -> str:
        """Move the branch on; the new commit."""
        return commit(self.repository)

    def cancel(self, deployment_id: UUID) -> CancelRequested:
        return CancelRequested(
            deployment_id=deployment_id,
            repository=REPOSITORY,
            by="person",
            who=ANN,
            code="canceled",
            reason="Not today.",
        )

    async def tell(self, fact: Event) -> None:
        await self.bus.publish(said(fact, time=utc_now()))

    async def hear(self, kind: type[E]) -> E:
        """Wait for the first of its kind."""
        await until(lambda: any(isinstance(fact, kind) for fact in self.heard))
        return next(fact for fact in self.heard if isinstance(fact, kind))

    async def recorded(self, kind: type[E]) -> E:
        """Wait for the first of its kind that the dispatcher says, heard or not."""
        said: list[E] = []

        async def is_there() -> bool:
            log = [entry.message.data for entry in await self.store.log(0)]
            said.extend(fact for fact in log if isinstance(fact, kind))
            return bool(said)

        await until(is_there)
        return said[0]

    async def take(self, message: Message[Event]) -> None:
        self.heard.append(message.data)

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        data = orjson.dumps(body) if body is not None else None
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.session.request(
            method, self.url + path, data=data, headers=headers
        ) as answer:
            raw = await answer.read()
            assert answer.status < 300, raw
            return orjson.loads(raw)

    async def faults(self, **parts: Any) -> None:
        await self.call("PUT", "/_sandbox/faults", parts)

    async def deployments(self) -> list[Any]:
        found: list[Any] = await self.call("GET", f"/repos/{NAME}/deployments")
        return found

    async def statuses(self, number: int) -> list[Any]:
        path = f"/repos/{NAME}/deployments/{number}/statuses"
        found: list[Any] = await self.call("GET", path)
        return found

    async def asked(self) -> list[str]:
        """What the dispatcher has asked GitHub so far."""
        requests = await self.call("GET", "/_sandbox/requests")
        return [f"{r['method']} {r['path']} {r['status']}" for r in requests]

    @asynccontextmanager
    async def dispatcher(self, **changes: Any) -> AsyncIterator[None]:
        """While it is open, the dispatcher runs."""
        service = build(settings(self.url, self.data, **changes), bus=self.bus)
        self.store = service.store
        async with service.living():
            yield
        service.store.close()


def settings(github_url: str, data: Path, **changes: Any) -> Settings:
    given = {
        "amqp_url": "amqp://nobody@localhost/",
        "database_url": f"sqlite:///{data}/",
        "github_api_url": github_url,
        "github_graphql_url": f"{github_url}/graphql",
        "github_token": TOKEN,
        "hooks_url": HOOKS_URL,
        "webhook_secret": SECRET,
        "dispatch_post_s": 0.7,
        "dispatch_spare_s": 0.3,
        "dispatch_late_look_s": 1,
    }
    return Settings.model_validate(given | changes)


def make_repository(path: Path) -> str:
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    return commit(path)


def commit(path: Path) -> str:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", "-C", str(path), *who, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("commit", "-q", "--allow-empty", "-m", "More")
    return git("rev-parse", "HEAD")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """GitHub, the bus, and a gateway that hears; the dispatcher is the test's."""
    sandbox = SandboxSettings(
        repository=tmp_path / "shop",
        full_name=NAME,
        data=tmp_path / "sandbox",
        tokens={TOKEN: "mona"},
        app=replace(APP, hook_url=HOOKS_URL),
    )
    sha = make_repository(sandbox.repository)
    (tmp_path / "data").mkdir()
    app = build_sandbox(sandbox)
    async with (
        TestServer(app) as server,
        ClientSession() as session,
        asyncio.TaskGroup() as group,
    ):
        bus = MemoryBus(queues=[DISPATCHER, GATEWAY])
        url = str(server.make_url("")).rstrip("/")
        made = World(
            sha,
            sandbox.repository,
            bus,
            session,
            url,
            tmp_path / "data",
            app[SANDBOX],
        )
        listening = group.create_task(
            bus.consume(GATEWAY, dict.fromkeys(taken_by(GATEWAY), made.take))
        )
        yield made
        listening.cancel()
    await bus.close()
