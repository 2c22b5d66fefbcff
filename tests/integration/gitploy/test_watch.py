"""Whoever stops watching stops nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.unit.gitploy.documents import deployment, waits

NAME = "demo/shop"
WORDS = ["deploy", NAME, "production", "main", "--type", "branch", "--watch"]


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
async def url(asked: list[str]) -> AsyncIterator[str]:
    """A gateway where a deployment waits for ever."""

    async def make(_: web.Request) -> web.Response:
        told = deployment("created", waits_for=waits("tooling"))
        return web.json_response(told, status=201)

    async def events(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.Event().wait()
        return response

    async def note(request: web.Request, _: web.StreamResponse) -> None:
        asked.append(f"{request.method} {request.path}")

    app = web.Application()
    app.on_response_prepare.append(note)
    app.router.add_post(f"/api/v1/repos/{NAME}/deployments", make)
    app.router.add_get("/api/v1/stream/events", events)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def test_ctrl_c_stops_watching_and_nothing_else(
    asked: list[str], url: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gitploy", *WORDS,
        env={**os.environ, "GITPLOY_SERVER_HOST": url, "GITPLOY_TOKEN": "t0ken"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert b"created" in await process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()
    assert process.returncode == 130
    assert said.decode().startswith("#1 goes on: `gitploy watch demo/shop 1`")
    assert b"Traceback" not in said
    assert asked == [
        "GET /api/v1/stream/events",
        f"POST /api/v1/repos/{NAME}/deployments",
    ]
