"""The whole system as a GitHub App: followed without a webhook, deployed to the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

import github_sandbox.bootstrap
import github_sandbox.settings
from gitploy.kept import free_port
from shared.testing import until
from standalone.bootstrap import opened
from standalone.settings import Settings
from tests.integration.github_sandbox.signing import APP, PEM

from .world import CONFIG, GITHUB_TOKEN, REPOSITORY, TOKEN, make_repository

SECRET = "the app's secret"
REPO = f"/api/v1/repos/{REPOSITORY}"


@dataclass
class AsApp:
    api: ClientSession
    github: ClientSession

    async def activate(self) -> tuple[int, Any]:
        async with self.api.patch(REPO, json={"active": True}) as answer:
            return answer.status, await answer.json()

    async def deploy(self) -> Any:
        body = {"type": "branch", "ref": "main", "env": "production"}
        async with self.api.post(f"{REPO}/deployments", json=body) as answer:
            assert answer.status == 201, await answer.text()
            return await answer.json()

    async def status(self, number: int) -> str:
        async with self.api.get(f"{REPO}/deployments/{number}") as answer:
            return str((await answer.json())["status"])

    async def at_github(self, method: str, path: str, body: Any = None) -> Any:
        async with self.github.request(method, path, json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()


@pytest.fixture
async def as_app(tmp_path: Path) -> AsyncIterator[AsApp]:
    repository, port = tmp_path / "shop.git", free_port()
    make_repository(repository, CONFIG)
    hooks_url = f"http://127.0.0.1:{port}/hooks"
    sandbox = github_sandbox.settings.Settings(
        repository=repository,
        full_name=REPOSITORY,
        data=tmp_path / "sandbox",
        tokens={GITHUB_TOKEN: "deploy-tool"},
        app=replace(APP, hook_url=hooks_url, hook_secret=SECRET),
    )
    async with TestServer(github_sandbox.bootstrap.build(sandbox)) as github:
        settings = Settings.model_validate(
            {
                "database_url": f"sqlite:///{tmp_path}/data/",
                "http_port": port,
                "hooks_url": hooks_url,
                "webhook_secret": SECRET,
                "api_token": TOKEN,
                "github_api_url": str(github.make_url("")),
                "github_app_client_id": APP.client.id,
                "github_app_private_key": PEM,
            }
        )
        async with (
            opened(settings) as system,
            TestServer(system, port=port) as gateway,
            ClientSession(gateway.make_url(""), headers=bearer(TOKEN)) as api,
            ClientSession(github.make_url(""), headers=bearer(GITHUB_TOKEN)) as tool,
        ):
            yield AsApp(api, tool)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_deployment_goes_all_the_way(as_app: AsApp) -> None:
    status, repository = await as_app.activate()
    assert (status, repository["active"]) == (200, True)
    assert await as_app.at_github("GET", f"/repos/{REPOSITORY}/hooks") == []
    number = (await as_app.deploy())["number"]
    (made,) = await as_app.at_github("GET", f"/repos/{REPOSITORY}/deployments")
    assert made["creator"]["login"] == "gitploy[bot]"
    statuses = f"/repos/{REPOSITORY}/deployments/{made['id']}/statuses"
    await as_app.at_github("POST", statuses, {"state": "success"})

    async def done() -> bool:
        return await as_app.status(number) == "success"

    await until(done)


async def test_where_the_app_is_not_installed_is_the_link(as_app: AsApp) -> None:
    await as_app.at_github("PUT", "/_sandbox/app", {"covers": False})
    status, refused = await as_app.activate()
    assert (status, refused["code"]) == (422, "app_not_installed")
    assert "/apps/gitploy/installations/new" in refused["message"]
    await as_app.at_github("PUT", "/_sandbox/app", {"covers": True})
    assert (await as_app.activate())[0] == 200
