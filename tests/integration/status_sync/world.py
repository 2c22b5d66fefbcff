"""The sandbox over a git repository, as the dispatcher, tools and people use it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession

from shared.contracts import Event, Repository

SECRET = "It's a Secret to Everybody"
TOKEN = "sandbox-token"
NAME = "octo/shop"
EVENTS = ["deployment", "deployment_status", "push", "repository"]
E = TypeVar("E", bound=Event)


@dataclass
class GitHub:
    """The sandbox, as the dispatcher and the deploy tool use it."""

    session: ClientSession
    url: str
    id: int
    path: Path

    @property
    def repository(self) -> Repository:
        return Repository(id=self.id, full_name=NAME)

    def git(self, *arguments: str) -> str:
        """Do something in the repository, as a person would."""
        who = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", "-C", str(self.path), *who, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    async def call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with self.session.request(
            method, self.url + path, json=body, headers=headers
        ) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.status != 204 else None

    async def deploy(self, payload: object = None) -> int:
        body = {"ref": "main", "auto_merge": False, "required_contexts": []}
        path = f"/repos/{NAME}/deployments"
        made = await self.call("POST", path, body | {"payload": payload or {}})
        return int(made["id"])

    async def post_status(self, deployment: int, state: str) -> int:
        path = f"/repos/{NAME}/deployments/{deployment}/statuses"
        return int((await self.call("POST", path, {"state": state}))["id"])

    async def hook(self, url: str) -> int:
        body = {
            "config": {"url": url, "content_type": "json", "secret": SECRET},
            "events": EVENTS,
        }
        return int((await self.call("POST", f"/repos/{NAME}/hooks", body))["id"])

    async def deliveries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.call("GET", "/_sandbox/deliveries")
        return found


def a_repository(path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)
    author = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
    commit = ["commit", "-q", "--allow-empty", "-m", "Open the shop"]
    subprocess.run(["git", "-C", path, *author, *commit], check=True)
    return path


def of(kind: type[E], heard: list[Event]) -> list[E]:
    return [event for event in heard if isinstance(event, kind)]
