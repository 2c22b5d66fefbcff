"""A gateway that asks a sandbox over a git repository, which a test commits to."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestServer

from github_sandbox.bootstrap import SANDBOX
from github_sandbox.bootstrap import build as build_sandbox
from github_sandbox.sandbox import Sandbox
from github_sandbox.settings import Settings as SandboxSettings

from .conftest import World, settings_of, world_of
from .others import REPO, status

#: That of the gateway's settings.
GITHUB_TOKEN = "t"
NOREPLY = "@users.noreply.github.sandbox"


class Git:
    """A working copy whose commits are a minute apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.minute = 0
        subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)

    def __call__(self, *arguments: str, given: str | None = None) -> str:
        at = f"2030-01-01T00:{self.minute:02}:00Z"
        who = {"NAME": "Mona", "EMAIL": "mona@example.com", "DATE": at}
        told = {
            f"GIT_{r}_{k}": v for r in ("AUTHOR", "COMMITTER") for k, v in who.items()
        }
        command = ["git", "-C", str(self.path), *arguments]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env=os.environ | told,
            input=given,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str = "Change", *, email: str | None = None) -> str:
        self.minute += 1
        author = ["--author", f"Mona <{email}>"] if email else []
        self("commit", "-q", "--allow-empty", "-m", message, *author)
        return self("rev-parse", "HEAD")


@dataclass
class AtGitHub:
    world: World
    git: Git
    sandbox: Sandbox

    async def get(self, path: str, status: int = 200) -> Any:
        answer = await self.ask(path)
        assert answer.status == status, await answer.text()
        return await answer.json()

    async def ask(self, path: str) -> ClientResponse:
        url = path if path.startswith("/link") else f"/api/v1{path}"
        answer: ClientResponse = await self.world.api.get(url, allow_redirects=False)
        return answer

    async def of_shop(self, path: str, status: int = 200) -> Any:
        return await self.get(f"/repos/octo/shop{path}", status)

    async def post(self, path: str, body: Any) -> None:
        """Tell GitHub something."""
        url = f"{self.world.settings.github_api_url}/repos/octo/shop{path}"
        headers = {"Authorization": f"Bearer {GITHUB_TOKEN}"}
        async with self.world.api.session.post(url, json=body, headers=headers) as told:
            assert told.status == 201, await told.text()

    async def deployed(self, sha: str, n: int, env: str = "production") -> Any:
        """A deployment of a commit that has succeeded."""
        made = await self.wanted(sha, env)
        told = status(made["uuid"], n, "success")
        ours = {"github_deployment_id": 900 + made["number"]}
        await self.world.others.say(told.model_copy(update=ours))
        return await self.world.until_phase(made["number"], "success")

    async def wanted(self, sha: str, env: str = "production") -> Any:
        self.world.others.sha = sha
        answer = await self.world.deploy(env=env)
        assert answer.status == 201, await answer.text()
        return await answer.json()

    @property
    def asked(self) -> list[tuple[str, int]]:
        """What GitHub was asked, and what it answered."""
        return [(one["path"], one["status"]) for one in self.sandbox.journal.requests]


@asynccontextmanager
async def at_github(tmp_path: Path, **more: Any) -> AsyncIterator[AtGitHub]:
    git = Git(tmp_path / "shop")
    git.commit("First")
    settings = SandboxSettings(
        repository=git.path,
        full_name="octo/shop",
        data=tmp_path / "sandbox",
        tokens={GITHUB_TOKEN: "mona"},
        watch_every_s=0.02,
        repository_id=REPO.id,
    )
    app = build_sandbox(settings)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        told = settings_of(
            f"sqlite:///{tmp_path}/",
            github_api_url=url,
            github_graphql_url=f"{url}/graphql",
            github_web_url="https://github.com",
            **more,
        )
        async with world_of(told) as world:
            await world.activate()
            yield AtGitHub(world, git, app[SANDBOX])
