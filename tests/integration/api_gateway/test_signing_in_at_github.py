"""Signing in at the sandbox, over HTTP, with an OAuth app and with a GitHub App."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from api_gateway.bootstrap import build
from github_sandbox.clients import Client
from shared.messaging import MemoryBus
from shared.store import utc_now
from shared.testing import FakeClock
from tests.integration.github_sandbox.signing import APP, OAUTH
from tests.integration.github_sandbox.world import TOKEN as GITHUB_TOKEN
from tests.integration.github_sandbox.world import World, a_world

from .others import TOKEN as GITPLOY
from .others import Others
from .people_at_github import bearer, begun_in, folder, signing_in

PATH = "/api/v1/repos/octo/shop"


@dataclass
class Browser:
    """Somebody's browser, between Gitploy and GitHub."""

    api: TestClient[Any, Any]
    github: World
    bus: MemoryBus

    async def begin(self) -> tuple[str, Mapping[str, str]]:
        """Where GitHub is, and what the browser keeps."""
        answer = await self.api.get("/signin", allow_redirects=False)
        return answer.headers["Location"], begun_in(answer)

    async def choose(self, url: str, login: str) -> str:
        """What GitHub sends back behind `/signin`."""
        get = self.github.session.get(f"{url}&login={login}", allow_redirects=False)
        async with get as answer:
            back = answer.headers["Location"]
        assert back.startswith("https://gitploy.example/signin?")
        return back.partition("?")[2]

    async def end(self, query: str, kept: Mapping[str, str]) -> Any:
        return await self.api.get(
            f"/signin?{query}", cookies=kept, allow_redirects=False
        )

    async def sign_in(self, login: str) -> str:
        url, kept = await self.begin()
        answer = await self.end(await self.choose(url, login), kept)
        assert answer.status == 302, await answer.text()
        return str(answer.cookies["__sess__"].value)

    async def follow(self) -> None:
        """Activate octo/shop, with the other services around."""
        others = asyncio.create_task(Others(self.bus, FakeClock(utc_now())).run())
        answer = await self.api.patch(
            PATH, json={"active": True}, headers=bearer(GITPLOY)
        )
        assert answer.status == 200, await answer.text()
        others.cancel()
        await asyncio.wait([others])

    async def status(self, secret: str, path: str = PATH) -> int:
        return int((await self.api.get(path, headers=bearer(secret))).status)

    async def control(self, method: str, path: str, body: Any = None) -> None:
        url = f"{self.github.url}/_sandbox/{path}"
        async with self.github.session.request(method, url, json=body) as answer:
            assert answer.status < 300, await answer.text()


@asynccontextmanager
async def browsing(
    path: Path, client: Client = OAUTH, **more: Any
) -> AsyncIterator[Browser]:
    async with a_world(path, oauth=OAUTH, app=APP) as github:
        settings = signing_in(
            folder(path),
            github_api_url=github.url,
            github_graphql_url=f"{github.url}/graphql",
            github_web_url=github.url,
            github_token=GITHUB_TOKEN,
            github_client_id=client.id,
            github_client_secret=client.secret,
            # What GitHub says is asked for anew at each request.
            **({"permissions_fresh_s": 0.001} | more),
        )
        bus = MemoryBus(queues=["api-gateway"], clock=utc_now)
        service = build(settings, bus=bus)
        async with TestClient(TestServer(service.app())) as api:
            yield Browser(api, github, bus)
        service.store.close()


@pytest.fixture(params=[OAUTH, APP.client], ids=["OAuth app", "GitHub App"])
async def browser(
    tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Browser]:
    async with browsing(tmp_path, request.param) as browser:
        yield browser


@pytest.mark.parametrize("login", ["reader", "deployer", "admin"])
async def test_the_sample_people_may_what_github_lets_them(
    browser: Browser, login: str
) -> None:
    session = await browser.sign_in(login)
    shown = await (
        await browser.api.get("/api/v1/repos", headers=bearer(session))
    ).json()
    assert [(one["namespace"], one["name"]) for one in shown] == [("octo", "shop")]
    path = f"{PATH}?wait=0"
    answer = await browser.api.patch(
        path,
        json={"active": True},
        headers=bearer(session) | {"Prefer": "wait=0"},
    )
    # Nobody is there who would answer the command.
    assert answer.status == (202 if login == "admin" else 403)


async def test_a_code_is_good_once_and_only_for_who_began(browser: Browser) -> None:
    url, kept = await browser.begin()
    query = await browser.choose(url, "reader")
    assert (await browser.end(query, kept)).status == 302
    again = await browser.end(query, kept)
    assert (again.status, "__sess__" in again.cookies) == (401, False)
    # Somebody else's code, brought back with a state of one's own.
    mine, own = await browser.begin()
    theirs = await browser.choose((await browser.begin())[0], "admin")
    state = (await browser.choose(mine, "reader")).partition("state=")[2]
    stolen = theirs.partition("&state=")[0] + f"&state={state}"
    answer = await browser.end(stolen, own)
    assert answer.status == 401
    assert "incorrect or expired" in (await answer.json())["message"]


async def test_who_cancels_is_told_so(browser: Browser) -> None:
    url, kept = await browser.begin()
    async with browser.github.session.get(
        f"{url}&cancel=1", allow_redirects=False
    ) as answer:
        query = answer.headers["Location"].partition("?")[2]
    ended = await browser.end(query, kept)
    assert ended.status == 401
    assert "denied" in (await ended.json())["message"]


async def test_who_is_removed_at_github_is_out(browser: Browser) -> None:
    session = await browser.sign_in("deployer")
    assert await browser.status(session) == 200
    await browser.control(
        "PUT", "people/deployer", {"role": "none", "organizations": []}
    )
    assert await browser.status(session) == 404
    answer = await browser.api.post("/api/v1/sync", headers=bearer(session))
    assert answer.status == 200
    listed = await browser.api.get("/api/v1/repos", headers=bearer(session))
    assert await listed.json() == []


async def test_who_takes_the_token_back_has_to_sign_in_again(
    browser: Browser,
) -> None:
    session = await browser.sign_in("deployer")
    assert await browser.status(session) == 200
    await browser.control("DELETE", "people/deployer/tokens")
    answer = await browser.api.get(PATH, headers=bearer(session))
    assert answer.status == 401
    assert "/signin" in (await answer.json())["message"]
    assert await browser.status(await browser.sign_in("deployer")) == 200


async def test_members_of_an_organization_come_in(tmp_path: Path) -> None:
    async with browsing(tmp_path, member_entries="octo") as browser:
        await browser.sign_in("reader")
        await browser.control("PUT", "people/reader", {"organizations": ["other"]})
        url, kept = await browser.begin()
        answer = await browser.end(await browser.choose(url, "reader"), kept)
        assert answer.status == 401


async def test_a_token_that_ends_is_traded_while_many_ask(tmp_path: Path) -> None:
    async with browsing(tmp_path, APP.client) as browser:
        # So short a life that it is over as soon as it has begun.
        await browser.control("PUT", "faults", {"sign_in": {"token_life_s": 60}})
        session = await browser.sign_in("deployer")
        for _ in range(3):
            found = await asyncio.gather(*(browser.status(session) for _ in range(5)))
            assert set(found) == {200}


@pytest.mark.parametrize(
    "path", [f"{PATH}/branches", f"{PATH}/tags", "/api/v1/user/rate-limit"]
)
async def test_a_token_refused_while_pages_are_read_ends_all_at_once(
    tmp_path: Path, path: str
) -> None:
    # Nobody would ask for permissions again within the hour.
    async with browsing(tmp_path, permissions_fresh_s=3600) as browser:
        session = await browser.sign_in("deployer")
        assert await browser.status(session) == 200
        await browser.follow()
        assert await browser.status(session, f"{PATH}/branches/main") == 200
        await browser.control("DELETE", "people/deployer/tokens")
        assert await browser.status(session) == 200
        assert await browser.status(session, path) == 401
        assert await browser.status(session) == 401
        answer = await browser.api.get("/api/v1/repos", headers=bearer(session))
        assert answer.status == 401


async def test_what_a_token_lacks_is_said_at_the_sign_in(tmp_path: Path) -> None:
    async with browsing(
        tmp_path, github_scopes="repo", member_entries="octo"
    ) as browser:
        url, kept = await browser.begin()
        answer = await browser.end(await browser.choose(url, "reader"), kept)
        told = await answer.json()
        assert (answer.status, told["code"]) == (403, "permission_required")
        assert "You need at least read:org scope or user scope. If" in told["message"]
        assert "its operator names it in GITPLOY_GITHUB_SCOPES" in told["message"]
        assert told["message"].endswith("Then sign in again at /signin.")
        assert "__sess__" not in answer.cookies
