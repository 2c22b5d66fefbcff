"""A sandbox that is served, the repository under it, and a receiver of webhooks."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from github_sandbox.bootstrap import SANDBOX, build
from github_sandbox.sandbox import Sandbox
from github_sandbox.settings import Settings

NAME = "octo/shop"
REPO = f"/repos/{NAME}"
TOKEN = "sandbox-token"
SECRET = "the hook's secret"
#: Not how long it takes: how long a machine that does much else may need.
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Repository:
    """A working copy that tests commit to, as a person would."""

    path: Path

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", "-C", str(self.path), *who, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, file: str = "README.md", text: str = "hello\n") -> str:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self.git("add", file)
        self.git("commit", "-q", "--allow-empty", "-m", f"Change {file}")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, *, off: str = "main") -> None:
        self.git("checkout", "-q", "-B", name, off)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.raw)


@dataclass(frozen=True)
class Hook:
    """One webhook as it arrived."""

    event: str
    guid: str
    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    url: str = ""
    status: int = 200
    got: list[Hook] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        hook = Hook(
            event=headers["x-github-event"],
            guid=headers["x-github-delivery"],
            headers=headers,
            body=await request.read(),
        )
        async with self._news:
            self.got.append(hook)
            self._news.notify_all()
        return web.Response(status=self.status, text="received")

    def of(self, event: str) -> list[Hook]:
        return [hook for hook in self.got if hook.event == event]

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(enough)

    async def first(self, event: str) -> Hook:
        await self.until(lambda: bool(self.of(event)))
        return self.of(event)[0]


@dataclass
class World:
    repository: Repository
    receiver: Receiver
    url: str
    session: ClientSession
    #: None: it runs in a process of its own.
    sandbox: Sandbox | None = None

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
        data: bytes | None = None,
    ) -> Reply:
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else self.url + path
        async with self.session.request(
            method,
            url,
            data=orjson.dumps(body) if body is not None else data,
            headers=sent,
        ) as answer:
            kept = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, kept, await answer.read())

    async def deploy(self, ref: str = "main", **more: Any) -> Any:
        body = {"ref": ref, "auto_merge": False, "required_contexts": [], **more}
        reply = await self.call("POST", f"{REPO}/deployments", body)
        assert reply.status == 201, reply.raw
        return reply.json

    async def post_status(self, deployment: int, state: str, **more: Any) -> Any:
        path = f"{REPO}/deployments/{deployment}/statuses"
        reply = await self.call("POST", path, {"state": state, **more})
        assert reply.status == 201, reply.raw
        return reply.json

    async def hook(self, *events: str, **config: str) -> int:
        told = {"url": self.receiver.url, "content_type": "json", "secret": SECRET}
        body = {"config": told | config, "events": list(events or ("*",))}
        reply = await self.call("POST", f"{REPO}/hooks", body)
        assert reply.status == 201, reply.raw
        return int(reply.json["id"])

    async def fault(self, **parts: Any) -> None:
        reply = await self.call("PUT", "/_sandbox/faults", parts, token=None)
        assert reply.status == 200, reply.raw

    async def delivered(self, hook: int, count: int) -> Any:
        """What was delivered to a hook, once it is so much; newest first."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := await self.deliveries(hook)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found

    async def deliveries(self, hook: int, query: str = "") -> Any:
        path = f"{REPO}/hooks/{hook}/deliveries{query}"
        return (await self.call("GET", path)).json


def a_repository(path: Path) -> Repository:
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    repository = Repository(path)
    repository.commit("deploy.yml", "envs:\n- name: production\n")
    return repository


def settings(repository: Repository, data: Path) -> Settings:
    return Settings(
        repository=repository.path,
        full_name=NAME,
        data=data,
        tokens={TOKEN: "mona", "other-token": "hubot"},
        watch_every_s=0.02,
    )


@asynccontextmanager
async def a_world(tmp_path: Path, **changes: Any) -> AsyncIterator[World]:
    """A sandbox; its App's hook, if it has an App, is at the receiver."""
    repository = Repository(tmp_path / "shop")
    if not repository.path.exists():
        a_repository(repository.path)
    receiver = Receiver()
    receiving = web.Application()
    receiving.router.add_post("/hook", receiver.receive)
    async with TestServer(receiving) as hooks, AsyncExitStack() as stack:
        receiver.url = str(hooks.make_url("/hook"))
        told = replace(settings(repository, tmp_path / "data"), **changes)
        if told.app:
            told = replace(told, app=replace(told.app, hook_url=receiver.url))
        app = build(told)
        server = await stack.enter_async_context(TestServer(app))
        session = await stack.enter_async_context(ClientSession())
        url = str(server.make_url("")).rstrip("/")
        yield World(repository, receiver, url, session, app[SANDBOX])
