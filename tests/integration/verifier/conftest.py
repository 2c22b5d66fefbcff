"""The verifier over SQLite and a bus in memory, and a GitHub over a git repository."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from github_sandbox.bootstrap import build as build_sandbox
from github_sandbox.settings import Settings as SandboxSettings
from github_sandbox.settings import stable_number
from shared.contracts import (
    GATEWAY,
    VERIFIER,
    DeployRequested,
    Event,
    Message,
    Person,
    Ref,
    RefRejected,
    RefVerified,
    Repository,
    taken_by,
)
from shared.messaging import MemoryBus
from shared.store import utc_now
from shared.testing import said, until
from verifier.bootstrap import build
from verifier.settings import Settings

NAME = "octo/shop"
TOKEN = "sandbox-token"
REPOSITORY = Repository(id=stable_number(NAME), full_name=NAME)
YAML = """\
envs:
  - name: production
    production_environment: true
  - name: staging
    serialization: true
  - name: lined
    serialization: true
    queue: true
  - name: strict
    auto_merge: true
    required_contexts: [test]
"""


@dataclass(frozen=True)
class Git:
    """A working copy that tests commit to, as a person would."""

    path: Path

    def __call__(self, *arguments: str) -> str:
        who = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", "-C", str(self.path), *who, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, file: str = "README.md", text: str = "hello\n") -> str:
        (self.path / file).write_text(text)
        self("add", file)
        self("commit", "-q", "--allow-empty", "-m", f"Change {file}")
        return self("rev-parse", "HEAD")


def a_request(
    number: int, name: str = "main", kind: str = "branch", **changes: Any
) -> DeployRequested:
    given = {
        "deployment_id": uuid4(),
        "number": number,
        "repository": REPOSITORY,
        "environment": "production",
        "ref": Ref.model_validate({"type": kind, "name": name}),
        "requested_by": Person(id=1, login="mona"),
        "requested_at": utc_now(),
        "not_after": utc_now() + timedelta(minutes=15),
    }
    return DeployRequested.model_validate(given | changes)


@dataclass
class World:
    """People ask for deployments, and hear what comes of them."""

    git: Git
    bus: MemoryBus
    session: ClientSession
    url: str
    heard: dict[UUID, list[Event]] = field(default_factory=dict)
    numbers: int = 0

    async def ask(
        self, name: str = "main", kind: str = "branch", **changes: Any
    ) -> RefVerified | RefRejected:
        """Ask for a deployment and wait for the verdict."""
        self.numbers += 1
        request = a_request(self.numbers, name, kind, **changes)
        await self.bus.publish(said(request))
        return await self.verdict(request.deployment_id)

    async def verdict(self, id_: UUID) -> RefVerified | RefRejected:
        await until(lambda: id_ in self.heard)
        (verdict,) = self.heard[id_]
        assert isinstance(verdict, RefVerified | RefRejected)
        return verdict

    async def hear(self, message: Message[Any]) -> None:
        self.heard.setdefault(message.data.deployment_id, []).append(message.data)

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        data = orjson.dumps(body) if body is not None else None
        url = self.url + path
        async with self.session.request(
            method, url, data=data, headers=headers
        ) as answer:
            raw = await answer.read()
            assert answer.status < 300, raw
            return orjson.loads(raw)

    async def questions(self) -> int:
        """How often GitHub was asked."""
        requests = await self.call("GET", "/_sandbox/requests")
        return sum(r["path"] == "/graphql" for r in requests)

    async def status(self, sha: str, state: str, context: str = "test") -> None:
        body = {"state": state, "context": context}
        await self.call("POST", f"/repos/{NAME}/statuses/{sha}", body)

    async def run(self, sha: str, conclusion: str | None, **more: Any) -> None:
        """Report a run of a workflow."""
        done = {"status": "completed", "conclusion": conclusion} if conclusion else {}
        body = {"name": "build", "head_sha": sha, **done, **more}
        await self.call("POST", "/_sandbox/check-runs", body)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    path = tmp_path / "shop"
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    made = Git(path)
    made.commit("deploy.yml", YAML)
    return made


@pytest.fixture
async def github_url(git: Git, tmp_path: Path) -> AsyncIterator[str]:
    settings = SandboxSettings(
        repository=git.path,
        full_name=NAME,
        data=tmp_path / "sandbox",
        tokens={TOKEN: "mona"},
        watch_every_s=0.02,
    )
    async with TestServer(build_sandbox(settings)) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
def settings(github_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings.model_validate(
        {
            "amqp_url": "amqp://nobody@localhost/",
            "database_url": f"sqlite:///{tmp_path / 'data'}/",
            "github_api_url": github_url,
            "github_graphql_url": f"{github_url}/graphql",
            "github_token": TOKEN,
        }
    )


@pytest.fixture
async def world(git: Git, github_url: str, settings: Settings) -> AsyncIterator[World]:
    async with ClientSession() as session, asyncio.TaskGroup() as group:
        bus = MemoryBus(queues=[VERIFIER, GATEWAY])
        made = World(git, bus, session, github_url)
        listening = group.create_task(
            bus.consume(GATEWAY, dict.fromkeys(taken_by(GATEWAY), made.hear))
        )
        service = build(settings, bus=bus)
        async with service.living():
            yield made
        service.store.close()
        listening.cancel()
    await bus.close()
