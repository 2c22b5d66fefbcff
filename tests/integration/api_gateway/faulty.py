"""A gateway where people have signed in, and a GitHub with all its bad days."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from api_gateway.bootstrap import build
from github_sandbox.bootstrap import build as build_sandbox
from github_sandbox.settings import Settings as SandboxSettings
from shared.messaging import MemoryBus
from shared.testing import FakeClock, until
from tests.integration.github_sandbox.signing import OAUTH

from .at_github import GITHUB_TOKEN, Git
from .others import REPO, TOKEN, Others, status
from .people_at_github import bearer, begun_in, folder, signing_in

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: How long the gateway waits for GitHub here: for one that works as long as it takes.
PATIENCE_S: Final = 2.0
LONG_S: Final = 60.0
ASKING: Final = "api_gateway.accounts.access.ASK_WITHIN_S"
SHOP: Final = "/repos/octo/shop"
HOUR: Final = timedelta(hours=1)
RULES: Final = "envs: [{name: production}]\n"


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    raise web.HTTPGatewayTimeout


async def hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()


def says(
    status: int, text: str = "", headers: Mapping[str, str] | None = None
) -> Handler:
    async def say(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, headers=headers)

    return say


def limits(status: int, message: str, **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return says(status, f'{{"message": "{message}"}}', named)


USED_UP: Final = "API rate limit exceeded for user ID 1."
TOO_QUICK: Final = "You have exceeded a secondary rate limit."
#: What GitHub does, by what it means for whoever reads.
AWAY: Final[Mapping[str, Handler]] = {
    "hangs": hang,
    "hangs up": hang_up,
    "bad gateway": says(502, "<html>Bad Gateway</html>"),
    "unavailable": says(503, "", {"Retry-After": "30"}),
    "error": says(500, '{"message": "Server Error"}'),
    "nonsense": says(200, "<html>Unicorn!</html>"),
}
LIMITED: Final[Mapping[str, Handler]] = {
    "primary limit": limits(
        403,
        USED_UP,
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset=str(int(FakeClock()().timestamp()) + 3600),
    ),
    "primary limit, in its new way": limits(
        429,
        USED_UP,
        X_RateLimit_Remaining="0",
        X_RateLimit_Reset=str(int(FakeClock()().timestamp()) + 3600),
    ),
    "secondary limit": limits(403, TOO_QUICK, Retry_After="60"),
    "secondary limit without a time": limits(429, TOO_QUICK),
}
REFUSED: Final = says(401, '{"message": "Bad credentials"}')


@dataclass
class Patience:
    """Like `Timeouts`, but it may end."""

    connect: float = LONG_S
    read: float = LONG_S
    write: float = LONG_S


@dataclass
class Faulty:
    """A gateway; the sandbox behind it does what a test wants instead of its work."""

    api: TestClient[Any, Any]
    git: Git
    clock: FakeClock
    others: Others
    patching: pytest.MonkeyPatch
    patience: Patience = field(default_factory=Patience)
    #: None: it does its work.
    fault: Handler | None = None

    def suffer(self, fault: Handler) -> None:
        """This is what GitHub does from now on."""
        self.fault = fault
        if fault is hang:
            self.patience.read = PATIENCE_S
            self.patching.setattr(ASKING, PATIENCE_S)

    def recover(self) -> None:
        """It does its work again, and is waited for."""
        self.fault = None
        self.patience.read = LONG_S
        self.patching.setattr(ASKING, LONG_S)

    @property
    def sha(self) -> str:
        """The commit of main, and of the tag `v1`."""
        return self.git("rev-parse", "main")

    async def deployed(self) -> None:
        """Two commits, one after the other."""
        for n in (1, 2):
            body = {"type": "branch", "ref": "main", "env": "production"}
            self.others.sha = self.sha
            answer = await self.ask(TOKEN, f"{SHOP}/deployments", "POST", json=body)
            made = await answer.json()
            assert answer.status == 201, made
            told = status(made["uuid"], n, "success")
            ours = {"github_deployment_id": 900 + n}
            await self.others.say(told.model_copy(update=ours))
            path = f"{SHOP}/deployments/{n}"

            async def is_live(path: str = path) -> bool:
                shown = await (await self.ask(TOKEN, path)).json()
                return bool(shown["phase"] == "success")

            await until(is_live)

    async def ask(
        self, secret: str, path: str, method: str = "GET", **more: Any
    ) -> ClientResponse:
        url = path if path.startswith("/link") else f"/api/v1{path}"
        answer: ClientResponse = await self.api.request(
            method, url, headers=bearer(secret), allow_redirects=False, **more
        )
        await answer.read()
        return answer

    async def chosen(self, login: str) -> tuple[str, Mapping[str, str]]:
        """What GitHub sends somebody back with, and what the browser has kept."""
        begun = await self.api.get("/signin", allow_redirects=False)
        at_github = f"{begun.headers['Location']}&login={login}"
        async with self.api.session.get(at_github, allow_redirects=False) as chosen:
            back = chosen.headers["Location"].partition("?")[2]
        return back, begun_in(begun)

    async def come_back(self, back: str, kept: Mapping[str, str]) -> ClientResponse:
        answer: ClientResponse = await self.api.get(
            f"/signin?{back}", cookies=kept, allow_redirects=False
        )
        self.api.session.cookie_jar.clear()
        return answer

    async def sign_in(self, login: str) -> str:
        ended = await self.come_back(*await self.chosen(login))
        assert ended.status == 302, await ended.text()
        secret = str(ended.cookies["__sess__"].value)
        # What they may see is asked for beside the answer.
        assert (await self.ask(secret, "/sync", "POST")).status == 200
        return secret


@asynccontextmanager
async def faulty(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Faulty]:
    git = Git(path / "shop")
    (git.path / "deploy.yml").write_text(RULES)
    git("add", "deploy.yml")
    git.commit("First")
    git("tag", "v1")
    clock = FakeClock()
    app = build_sandbox(
        SandboxSettings(
            repository=git.path,
            full_name="octo/shop",
            data=path / "sandbox",
            tokens={GITHUB_TOKEN: "mona"},
            watch_every_s=0.02,
            repository_id=REPO.id,
            oauth=OAUTH,
        )
    )
    bus = MemoryBus(queues=["api-gateway"], clock=clock)
    api: Any = None
    made = Faulty(api, git, clock, Others(bus, clock), monkeypatch)
    monkeypatch.setattr(ASKING, LONG_S)
    monkeypatch.setattr("api_gateway.bootstrap.PATIENCE", made.patience)

    @web.middleware
    async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await (made.fault or handler)(request)

    app.middlewares.append(misbehave)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        settings = signing_in(
            folder(path),
            github_api_url=url,
            github_graphql_url=f"{url}/graphql",
            github_web_url=url,
            github_token=GITHUB_TOKEN,
            github_client_id=OAUTH.id,
            github_client_secret=OAUTH.secret,
        )
        service = build(settings, bus=bus, clock=clock)
        task = asyncio.create_task(made.others.run())
        async with TestClient(TestServer(service.app())) as made.api:
            answer = await made.ask(TOKEN, SHOP, "PATCH", json={"active": True})
            assert answer.status == 200, await answer.text()
            await made.deployed()
            yield made
        service.store.close()
        task.cancel()
        await asyncio.wait([task])
