"""The dispatcher as a GitHub App: what it may, and when it follows a repository."""

from typing import Any
from uuid import uuid4

import pytest

from shared.contracts import (
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
)
from tests.integration.github_sandbox.signing import APP, PEM

from .conftest import ANN, NAME, REPOSITORY, World

AS_APP = {
    "github_token": None,
    "github_app_client_id": APP.client.id,
    "github_app_private_key": PEM,
}


def activation() -> RepositoryActivationRequested:
    return RepositoryActivationRequested(
        command_id=uuid4(), repository=REPOSITORY, requested_by=ANN
    )


async def change(world: World, **told: Any) -> Any:
    return await world.call("PUT", "/_sandbox/app", told)


async def test_a_deployment_is_created_by_the_app(world: World) -> None:
    async with world.dispatcher(**AS_APP):
        await world.tell(world.order())
        created = await world.hear(GitHubDeploymentCreated)
    path = f"/repos/{NAME}/deployments/{created.github_deployment_id}"
    made = await world.call("GET", path)
    assert made["creator"]["login"] == "gitploy[bot]"


async def test_its_tokens_can_do_nothing_else(world: World) -> None:
    asked = "/app/installations/"
    async with world.dispatcher(**AS_APP):
        await world.tell(world.order())
        await world.hear(GitHubDeploymentCreated)
    assert any(asked in line for line in await world.asked())
    # What was minted is all in the sandbox's store.
    minted = [dict(t.permissions) for t in world.sandbox.store.installation_tokens]
    assert minted == [{"deployments": "write", "metadata": "read"}]


async def test_following_makes_no_webhook(world: World) -> None:
    async with world.dispatcher(**AS_APP):
        await world.tell(activation())
        activated = await world.hear(RepositoryActivated)
        await world.tell(
            RepositoryDeactivationRequested(
                command_id=uuid4(), repository=REPOSITORY, requested_by=ANN
            )
        )
        await world.hear(RepositoryDeactivated)
    known = await change(world)
    assert (activated.webhook_id, activated.installation_id) == (0, known["id"])
    assert await world.call("GET", f"/repos/{NAME}/hooks") == []


@pytest.mark.parametrize(
    ("told", "code", "where"),
    [
        ({"covers": False}, "app_not_installed", "/apps/gitploy/installations/new"),
        ({"installed": False}, "app_not_installed", "/apps/gitploy/installations/new"),
        ({"suspended": True}, "app_suspended", "/settings/installations/"),
        (
            {"permissions": {"contents": "read", "deployments": "read"}},
            "app_permissions",
            "deployments: write",
        ),
    ],
)
async def test_what_is_not_covered_is_refused_with_what_to_do(
    world: World, told: dict[str, Any], code: str, where: str
) -> None:
    await change(world, **told)
    async with world.dispatcher(**AS_APP):
        await world.tell(activation())
        refused = await world.hear(RepositoryActivationRefused)
    assert refused.code == code
    assert where in refused.message


async def test_a_webhook_that_goes_elsewhere_is_told(world: World) -> None:
    async with world.dispatcher(**AS_APP, hooks_url="https://other.example/hooks"):
        await world.tell(activation())
        refused = await world.hear(RepositoryActivationRefused)
    assert refused.code == "app_webhook"
    assert "https://other.example/hooks" in refused.message


async def test_an_app_that_is_uninstalled_creates_nothing(world: World) -> None:
    await change(world, installed=False)
    async with world.dispatcher(**AS_APP):
        await world.tell(world.order())
        refused = await world.hear(GitHubDeploymentRefused)
    assert refused.code == "repository_gone"
    assert "GitHub App's installation" in refused.message
