"""The whole system in one process as a GitHub App, with a sandbox that has that App."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pygit2
from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet

import github_sandbox.bootstrap
import github_sandbox.settings
from github_sandbox.bootstrap import SANDBOX
from github_sandbox.sandbox import Sandbox
from gitploy.local.kept import free_port
from shared.testing import until
from standalone.bootstrap import opened
from standalone.settings import Settings
from tests.integration.github_sandbox.signing import APP, PEM, signed

from .world import GITHUB_TOKEN, REPOSITORY, TOKEN, make_repository

SECRET = "the app's secret"
REPO = f"/api/v1/repos/{REPOSITORY}"
STATUSES = f"/repos/{REPOSITORY}/deployments/{{id}}/statuses"
CONFIG = """
envs:
  - name: production
    required_contexts: []
  - name: staging
    auto_deploy_on: refs/heads/main
    required_contexts: []
"""


@dataclass
class AsApp:
    api: ClientSession
    github: ClientSession
    sandbox: Sandbox
    origin: Path

    async def activate(self) -> tuple[int, Any]:
        async with self.api.patch(REPO, json={"active": True}) as answer:
            return answer.status, await answer.json()

    async def deploy(self) -> Any:
        made = await self.ask_to_deploy()
        assert made["status"] == "created", made
        return made

    async def ask_to_deploy(self) -> Any:
        """What is answered: the deployment, or why there is none."""
        body = {"type": "branch", "ref": "main", "env": "production"}
        async with self.api.post(f"{REPO}/deployments", json=body) as answer:
            return await answer.json()

    async def running(self) -> int:
        """A deployment that the tool has begun."""
        number = int((await self.deploy())["number"])
        await self.tool_says("in_progress")
        await self.stands(number, status="running")
        return number

    async def deployment(self, number: int) -> Any:
        async with self.api.get(f"{REPO}/deployments/{number}") as answer:
            return await answer.json()

    async def stands(self, number: int, **wanted: str) -> None:
        """Return once the deployment shows all of this."""

        async def does() -> bool:
            shown = await self.deployment(number)
            return all(shown.get(name) == value for name, value in wanted.items())

        await until(does)

    async def at_github(self, method: str, path: str, body: Any = None) -> Any:
        async with self.github.request(method, path, json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def deployments(self) -> Any:
        return await self.at_github("GET", f"/repos/{REPOSITORY}/deployments")

    async def tool_says(self, state: str) -> None:
        """Of the newest deployment."""
        newest, *_ = await self.deployments()
        await self.at_github("POST", STATUSES.format(**newest), {"state": state})

    async def change_app(self, **told: bool) -> None:
        await self.at_github("PUT", "/_sandbox/app", told)

    async def faults(self, **parts: Mapping[str, Any]) -> None:
        await self.at_github("PUT", "/_sandbox/faults", parts)

    def push(self) -> str:
        repository = pygit2.Repository(str(self.origin))
        head = repository.references["refs/heads/main"].target
        tree = repository[head].peel(pygit2.Tree).id
        who = pygit2.Signature("Octo", "octo@example.com")
        made = repository.create_commit(
            "refs/heads/main", who, who, "Go on", tree, [head]
        )
        return str(made)

    async def sign_in(self, login: str) -> str:
        """A session."""
        begun = await self._get("/signin")
        url = f"{begun.headers['Location']}&login={login}"
        async with self.github.get(url, allow_redirects=False) as chosen:
            back = chosen.headers["Location"].partition("?")[2]
        kept = [f"{name}={told.value}" for name, told in begun.cookies.items()]
        ended = await self._get(f"/signin?{back}", Cookie="; ".join(kept))
        assert ended.status == 302, await ended.text()
        return str(ended.cookies["__sess__"].value)

    async def personal_token(self, session: str) -> str:
        body = {"name": "script", "scope": "read"}
        url, headers = "/api/v1/user/tokens", bearer(session)
        async with self.api.post(url, json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["token"])

    async def minted(self, permissions: Mapping[str, str]) -> str:
        """A token of the installation that may do this."""
        installation = self.sandbox.installation
        assert installation is not None
        url = f"/app/installations/{installation.id}/access_tokens"
        body, headers = {"permissions": dict(permissions)}, bearer(signed())
        async with self.github.post(url, json=body, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["token"])

    async def seen_by(self, session: str, path: str = REPO) -> int:
        return (await self._get(path, Authorization=f"Bearer {session}")).status

    async def _get(self, path: str, **headers: str) -> ClientResponse:
        async with self.api.get(path, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer


@asynccontextmanager
async def system_as_app(tmp_path: Path, **more: Any) -> AsyncIterator[AsApp]:
    origin, port = tmp_path / "shop.git", free_port()
    make_repository(origin, CONFIG)
    hooks_url = f"http://127.0.0.1:{port}/hooks"
    told = github_sandbox.settings.Settings(
        repository=origin,
        full_name=REPOSITORY,
        data=tmp_path / "sandbox",
        tokens={GITHUB_TOKEN: "deploy-tool"},
        app=replace(APP, hook_url=hooks_url, hook_secret=SECRET),
        watch_every_s=0.02,
    )
    sandbox = github_sandbox.bootstrap.build(told)
    async with TestServer(sandbox) as github:
        url = str(github.make_url("")).rstrip("/")
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{tmp_path}/data/",
                "http_port": port,
                "hooks_url": hooks_url,
                "webhook_secret": SECRET,
                "api_token": TOKEN,
                "github_api_url": url,
                "github_graphql_url": f"{url}/graphql",
                "github_web_url": url,
                "github_app_client_id": APP.client.id,
                "github_app_private_key": PEM,
                "github_client_id": APP.client.id,
                "github_client_secret": APP.client.secret,
                "public_url": "https://gitploy.example",
                "encryption_keys": Fernet.generate_key().decode(),
                "sweep_interval_s": 0.2,
                **more,
            }
        )
        asking = bearer(TOKEN) | {"Prefer": "wait=60"}
        async with (
            opened(settings) as system,
            TestServer(system, port=port) as gateway,
            ClientSession(gateway.make_url(""), headers=asking) as api,
            ClientSession(github.make_url(""), headers=bearer(GITHUB_TOKEN)) as tool,
        ):
            yield AsApp(api, tool, sandbox[SANDBOX], origin)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
