"""The sandbox as its own process: it ends with its parent and survives `kill -9`."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from .world import (
    NAME,
    PATIENCE_S,
    TOKEN,
    Receiver,
    Repository,
    World,
    a_repository,
    a_world,
)


@dataclass
class Process:
    popen: subprocess.Popen[str]
    url: str

    def ends(self) -> int:
        return self.popen.wait(60)

    def close(self) -> None:
        self.popen.kill()
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream:
                stream.close()


def start(
    tmp_path: Path,
    environ: Mapping[str, str] = MappingProxyType({}),
    *,
    stdin: int = subprocess.PIPE,
) -> Process:
    told = {
        "GITPLOY_SANDBOX_REPOSITORY": str(tmp_path / "shop"),
        "GITPLOY_SANDBOX_NAME": NAME,
        "GITPLOY_SANDBOX_DATA": str(tmp_path / "data"),
        "GITPLOY_SANDBOX_PORT": "0",
        "GITPLOY_SANDBOX_TOKENS": f"{TOKEN}=mona",
        **environ,
    }
    popen = subprocess.Popen(
        [sys.executable, "-m", "github_sandbox"],
        env=os.environ | told,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert popen.stdout
    line = popen.stdout.readline()
    return Process(popen, line.rpartition(" ")[2].strip())


async def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    a_repository(tmp_path / "shop")
    async with as_world(tmp_path) as (world, process):
        hook = await world.hook("deployment", "deployment_status")
        made = await world.deploy(payload={"a": 1})
        status = await world.post_status(made["id"], "queued")
        process.popen.kill()
        process.ends()
    async with as_world(tmp_path) as (world, process):
        path = made["url"].partition("/repos")[2]
        again = (await world.call("GET", f"/repos{path}")).json
        assert (again["id"], again["payload"]) == (made["id"], {"a": 1})
        statuses = (await world.call("GET", f"/repos{path}/statuses")).json
        assert [one["id"] for one in statuses] == [status["id"]]
        assert (await world.deploy())["id"] > hook
        process.popen.terminate()
        assert process.ends() == 0


@asynccontextmanager
async def as_world(tmp_path: Path) -> AsyncIterator[tuple[World, Process]]:
    """A world whose sandbox is a process."""
    process = start(tmp_path)
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    async with TestServer(app) as server, ClientSession() as session:
        receiver.url = str(server.make_url("/hook"))
        repository = Repository(tmp_path / "shop")
        try:
            yield World(repository, receiver, process.url, session), process
        finally:
            process.close()


async def test_what_was_delivered_is_not_sent_again_after_a_kill(
    tmp_path: Path,
) -> None:
    a_repository(tmp_path / "shop")
    async with as_world(tmp_path) as (world, process):
        await world.hook("deployment")
        first = await world.deploy()
        await until_delivered(world, 2)
        process.popen.kill()
        process.ends()
        process = start(tmp_path)
        try:
            again = replace(world, url=process.url)
            second = await again.deploy()
            await until_delivered(again, 1)
        finally:
            process.close()
    told = world.receiver.of("deployment")
    heard = [one.payload["deployment"]["id"] for one in told]
    assert heard == [first["id"], second["id"]]


async def until_delivered(world: World, count: int) -> None:
    """Ask the control surface, which commits nothing."""
    path, known = "/_sandbox/deliveries", -1
    async with asyncio.timeout(PATIENCE_S):
        while known != count:
            known = len((await world.call("GET", path, token=None)).json)


async def test_it_ends_when_its_parents_pipe_closes(tmp_path: Path) -> None:
    a_repository(tmp_path / "shop")
    async with as_world(tmp_path) as (_, process):
        assert process.popen.stdin
        process.popen.stdin.close()
        assert process.ends() == 0


async def test_it_ends_with_a_parent_that_gave_it_a_socket(tmp_path: Path) -> None:
    a_repository(tmp_path / "shop")
    ours, its = socket.socketpair()
    with ours, its:
        process = start(tmp_path, stdin=its.fileno())
        ours.close()
        its.close()
        try:
            assert process.ends() == 0
        finally:
            process.close()


async def test_it_ends_when_it_is_interrupted(tmp_path: Path) -> None:
    a_repository(tmp_path / "shop")
    async with as_world(tmp_path) as (_, process):
        process.popen.send_signal(signal.SIGINT)
        assert process.ends() == 0


async def test_a_webhook_that_waits_is_sent_after_a_restart(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        hook = await world.hook("deployment")
        await world.delivered(hook, 1)
        await world.fault(webhooks={"delay_s": 60})
        made = await world.deploy()
        old = world.receiver
    async with a_world(tmp_path) as world:
        # The hook still points to the receiver that is gone.
        listed = await world.delivered(hook, 2)
        assert listed[0]["event"] == "deployment"
        assert listed[0]["status"].startswith("failed to connect to host")
        assert not old.of("deployment")
        config = {"url": world.receiver.url, "content_type": "json"}
        path = f"/repos/{NAME}/hooks/{hook}"
        await world.call("PATCH", path, {"config": config})
        attempts = f"{path}/deliveries/{listed[0]['id']}/attempts"
        assert (await world.call("POST", attempts)).status == 202
        got = await world.receiver.first("deployment")
        assert got.payload["deployment"]["id"] == made["id"]
        assert got.guid == listed[0]["guid"]


async def test_a_push_while_it_was_down_is_told_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        hook = await world.hook("push")
        await world.delivered(hook, 1)
    sha = Repository(tmp_path / "shop").commit()
    async with a_world(tmp_path) as world:
        (_, push) = reversed(await world.delivered(hook, 2))
        path = f"/repos/{NAME}/hooks/{hook}/deliveries/{push['id']}"
        shown = (await world.call("GET", path)).json
        assert shown["request"]["payload"]["after"] == sha


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NAME", "no-owner", "GITPLOY_SANDBOX_NAME"),
        ("REPOSITORY", "/nowhere", "GITPLOY_SANDBOX_REPOSITORY"),
        ("PORT", "many", "GITPLOY_SANDBOX_PORT"),
        ("TOKENS", "", "GITPLOY_SANDBOX_TOKENS"),
        ("TOKENS", "secret-without-login", "GITPLOY_SANDBOX_TOKENS"),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_named(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    a_repository(tmp_path / "shop")
    process = start(tmp_path, {f"GITPLOY_SANDBOX_{name}": value})
    _, errors = process.popen.communicate()
    assert process.popen.returncode == 2
    assert said in errors
    assert errors.count("\n") == 1
    assert "secret" not in errors


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    a_repository(tmp_path / "shop")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start(tmp_path, {"GITPLOY_SANDBOX_PORT": port})
        assert process.ends() == 1
    assert process.popen.stderr
    told = process.popen.stderr.read()
    process.close()
    assert f"can't listen on 127.0.0.1:{port}: " in told
    assert told.count("\n") == 1
