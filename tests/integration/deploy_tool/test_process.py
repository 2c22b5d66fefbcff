"""The tool as a process, with a stand-in for GitHub's API."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.local.kept import free_port
from tests.integration.deploy_tool.running import (
    PATIENCE_S,
    SECRET,
    TOKEN,
    running,
)


@dataclass
class StandIn:
    """Keeps hooks and statuses; answers the next `broken` writes with 502."""

    hooks: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    broken: int = 0
    url: str = ""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/repos/octo/hello/hooks", self.list_hooks)
        app.router.add_post("/repos/octo/hello/hooks", self.make_hook)
        app.router.add_post(
            "/repos/octo/hello/deployments/{id}/statuses", self.make_status
        )
        return app

    async def list_hooks(self, request: web.Request) -> web.Response:
        return web.json_response(self.hooks)

    async def make_hook(self, request: web.Request) -> web.Response:
        return await self.keep(request, self.hooks)

    async def make_status(self, request: web.Request) -> web.Response:
        return await self.keep(request, self.statuses)

    async def keep(self, request: web.Request, where: list[Any]) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        if self.broken:
            self.broken -= 1
            raise web.HTTPBadGateway
        async with self.news:
            where.append(await request.json())
            self.news.notify_all()
        return web.json_response({}, status=201)

    def states(self) -> list[str]:
        return [status["state"] for status in self.statuses]

    async def wait_for_state(self, state: str) -> None:
        async with asyncio.timeout(PATIENCE_S), self.news:
            await self.news.wait_for(lambda: state in self.states())


@pytest.fixture
async def github() -> AsyncIterator[StandIn]:
    github = StandIn()
    server = TestServer(github.app())
    await server.start_server()
    github.url = str(server.make_url("")).rstrip("/")
    yield github
    await server.close()


@pytest.fixture
def port() -> int:
    return free_port()


async def test_it_makes_its_hook_once(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    for _ in range(2):
        async with running(github.url, tmp_path, port) as tool:
            config = {"url": f"{tool.url}/webhook", "content_type": "json"}
    assert [hook["config"] for hook in github.hooks] == [config | {"secret": SECRET}]
    assert github.hooks[0]["events"] == ["deployment"]


async def test_a_signed_deployment_is_carried_out_once(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port) as tool:
        assert await tool.deliver() == 202
        assert await tool.deliver() == 200
        await github.wait_for_state("success")
        assert await tool.deliver() == 200
        async with (
            aiohttp.ClientSession() as session,
            session.get(github.statuses[-1]["log_url"]) as log,
        ):
            assert log.content_type == "text/plain"
            assert "Deploying c0ffee to production\n" in await log.text()
    assert github.states() == ["queued", "in_progress", "success"]


async def test_what_is_not_signed_or_not_readable_is_refused(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port) as tool:
        assert await tool.deliver(secret="another") == 401
        assert await tool.deliver(id="seven") == 400
        assert await tool.deliver(id=8) == 202
        await github.wait_for_state("success")
    assert len(github.statuses) == 3


async def test_it_insists_when_github_gives_no_answer(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port) as tool:
        github.broken = 2
        await tool.deliver()
        await github.wait_for_state("success")
    assert github.states() == ["queued", "in_progress", "success"]


async def test_it_fails_an_environment_as_told(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port, "--fail-environment", "qa") as tool:
        await tool.deliver(environment="qa")
        await github.wait_for_state("failure")


async def test_it_goes_on_after_a_kill(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port, "--step-seconds", "60") as tool:
        await tool.deliver()
        await github.wait_for_state("queued")
        await tool.kill()
    async with running(github.url, tmp_path, port):
        await github.wait_for_state("success")
    assert github.states()[-2:] == ["in_progress", "success"]


async def test_it_ends_with_its_parent(
    github: StandIn, tmp_path: Path, port: int
) -> None:
    async with running(github.url, tmp_path, port, "--step-seconds", "60") as tool:
        await tool.deliver()
        assert tool.process.stdin is not None
        tool.process.stdin.close()
        assert await asyncio.wait_for(tool.process.wait(), PATIENCE_S) == 0


async def test_it_ends_at_a_signal(github: StandIn, tmp_path: Path, port: int) -> None:
    async with running(github.url, tmp_path, port) as tool:
        tool.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(tool.process.wait(), PATIENCE_S) == 0


async def test_a_refusal_of_github_at_the_start_is_one_line(tmp_path: Path) -> None:
    server = TestServer(web.Application())
    await server.start_server()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy_tool", "--repository", "octo/hello"),
        *("--github-url", str(server.make_url("")), "--port", str(free_port())),
        *("--directory", str(tmp_path)),
        stderr=PIPE,
        env=os.environ | {"DEPLOY_TOOL_TOKEN": TOKEN, "DEPLOY_TOOL_SECRET": SECRET},
    )
    _, said = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    await server.close()
    assert process.returncode == 1
    assert said.decode().startswith("deploy-tool: GET http")
    assert said.count(b"\n") == 1
