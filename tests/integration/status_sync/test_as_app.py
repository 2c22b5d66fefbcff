"""status-sync as a GitHub App, with the App's webhook at the sandbox."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from github_sandbox.bootstrap import SANDBOX
from github_sandbox.bootstrap import build as sandbox
from github_sandbox.sandbox import Sandbox
from github_sandbox.settings import Settings as SandboxSettings
from shared.contracts import (
    AuthorizationRevoked,
    Event,
    RepositoryActivated,
    RepositoryGone,
)
from shared.messaging import MemoryBus
from shared.testing import said, until
from status_sync.bootstrap import build
from tests.integration.github_sandbox.signing import APP, PEM, Signing
from tests.integration.github_sandbox.world import Receiver, World
from tests.integration.github_sandbox.world import Repository as Clone

from .conftest import Hooks, settings
from .world import NAME, SECRET, TOKEN, GitHub, a_repository, of

READING = {
    "actions": "read",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "members": "read",
    "metadata": "read",
    "statuses": "read",
}


@dataclass
class AsApp:
    sync: Hooks
    github: GitHub
    sandbox: Sandbox

    async def follow(self) -> None:
        known = self.sandbox.installation
        assert known is not None
        activated = RepositoryActivated(
            command_id=UUID(int=1),
            repository=self.github.repository,
            webhook_id=0,
            installation_id=known.id,
        )
        await self.sync.service.subscription[RepositoryActivated](said(activated))

    async def change(self, **told: Any) -> None:
        await self.github.call("PUT", "/_sandbox/app", told)

    async def recorded(self, name: str) -> list[Any]:
        return [one for one in await self.sync.recorded() if type(one).__name__ == name]

    def send_to(self, url: str) -> None:
        """Have the App's webhook go there."""
        hook = self.sandbox.store.hooks.get(APP.id)
        assert hook is not None
        self.sandbox.store.hooks.update(hook, url=url)


@pytest.fixture
async def as_app(tmp_path: Path, bus: MemoryBus) -> AsyncIterator[AsApp]:
    told = SandboxSettings(
        repository=a_repository(tmp_path / "shop"),
        full_name=NAME,
        data=tmp_path,
        tokens={TOKEN: "octo"},
        app=replace(APP, hook_url="http://127.0.0.1:9/hooks", hook_secret=SECRET),
        watch_every_s=0.02,
    )
    app = sandbox(told)
    async with TestServer(app) as server, ClientSession() as session:
        url = str(server.make_url("")).rstrip("/")
        service = build(
            settings(
                tmp_path,
                url,
                github_app_client_id=APP.client.id,
                github_app_private_key=PEM,
                sweep_interval_s=0.05,
            ),
            bus=bus,
        )
        client: TestClient[Request, Application]
        async with TestClient(TestServer(service.app())) as client:
            made = AsApp(
                Hooks(service, client),
                GitHub(session, url, told.id, told.repository),
                app[SANDBOX],
            )
            made.send_to(str(client.make_url("/hooks")))
            yield made
        service.store.close()


async def test_the_apps_webhook_tells_of_what_is_followed(as_app: AsApp) -> None:
    await as_app.follow()
    deployment = await as_app.github.deploy()
    status = await as_app.github.post_status(deployment, "queued")

    async def told() -> bool:
        found = await as_app.recorded("StatusUpdated")
        return [one.github_status_id for one in found] == [status]

    await until(told)


async def test_what_did_not_arrive_is_swept_at_the_app(as_app: AsApp) -> None:
    as_app.send_to("http://127.0.0.1:9/hooks")
    await as_app.follow()
    await as_app.github.deploy()

    async def swept() -> bool:
        return bool(await as_app.recorded("DeliverySwept"))

    await until(swept)
    assert await as_app.recorded("ForeignDeploymentSeen")
    # Nothing was asked of webhooks of the repository, and no token may write.
    requests = await as_app.github.call("GET", "/_sandbox/requests")
    assert not [one for one in requests if "/hooks/" in one["path"]]
    minted = as_app.sandbox.store.installation_tokens
    assert [token.permissions for token in minted] == [READING] * len(minted)


async def test_a_repository_that_is_taken_from_the_app_is_gone(
    as_app: AsApp, heard: list[Event]
) -> None:
    await as_app.follow()
    await as_app.change(covers=False)
    await until(lambda: bool(of(RepositoryGone, heard)))
    (gone,) = of(RepositoryGone, heard)
    assert gone.reason == "out_of_reach"
    await as_app.change(covers=True)

    async def found() -> bool:
        return bool(await as_app.recorded("RepositoryFound"))

    await until(found)


async def test_an_app_that_is_uninstalled_loses_all(
    as_app: AsApp, heard: list[Event]
) -> None:
    await as_app.follow()
    await as_app.change(installed=False)
    await until(lambda: bool(of(RepositoryGone, heard)))


async def test_who_takes_back_what_they_allowed_is_told(
    as_app: AsApp, heard: list[Event]
) -> None:
    github = as_app.github
    world = World(Clone(github.path), Receiver(), github.url, github.session)
    await Signing(world, APP.client).token("deployer")
    await github.call("DELETE", "/_sandbox/people/deployer/tokens")
    await until(lambda: bool(of(AuthorizationRevoked, heard)))
    (revoked,) = of(AuthorizationRevoked, heard)
    assert revoked.person.login == "deployer"
