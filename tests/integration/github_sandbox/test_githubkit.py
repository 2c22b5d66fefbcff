"""An independent client, not ours, makes a whole deployment."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from githubkit import (
    AppInstallationAuthStrategy,
    GitHub,
    TokenAuthStrategy,
)
from githubkit.exception import RequestFailed

from .signing import APP, PEM, installed
from .world import NAME, TOKEN, World, a_world

OWNER, REPOSITORY = NAME.split("/")


@pytest.fixture
async def client(world: World) -> AsyncIterator[GitHub[TokenAuthStrategy]]:
    made = GitHub(TokenAuthStrategy(TOKEN), base_url=f"{world.url}/", auto_retry=False)
    async with made:
        yield made


async def test_a_whole_deployment(
    world: World, client: GitHub[TokenAuthStrategy]
) -> None:
    rest = client.rest.repos
    sha = world.repository.git("rev-parse", "main")
    hook = await rest.async_create_webhook(
        OWNER,
        REPOSITORY,
        name="web",
        config={"url": world.receiver.url, "content_type": "json", "secret": "s"},
        events=["deployment", "deployment_status"],
    )
    repository = (await rest.async_get(OWNER, REPOSITORY)).parsed_data
    branch = (
        await rest.async_get_branch(OWNER, REPOSITORY, repository.default_branch)
    ).parsed_data
    assert branch.commit.sha == sha

    made = (
        await rest.async_create_deployment(
            OWNER,
            REPOSITORY,
            ref=sha,
            auto_merge=False,
            required_contexts=[],
            environment="production",
            payload={"gitploy": {"number": 1}},
        )
    ).parsed_data
    for state in ("queued", "in_progress", "success"):
        await rest.async_create_deployment_status(
            OWNER,
            REPOSITORY,
            made.id,
            state=state,
            log_url="https://logs.example/1",
            description=f"now {state}",
        )
    statuses = (
        await rest.async_list_deployment_statuses(OWNER, REPOSITORY, made.id)
    ).parsed_data
    assert [one.state for one in statuses] == ["success", "in_progress", "queued"]
    listed = (
        await rest.async_list_deployments(OWNER, REPOSITORY, environment="production")
    ).parsed_data
    assert [one.id for one in listed] == [made.id]

    await world.delivered(hook.parsed_data.id, 5)
    deliveries = (
        await rest.async_list_webhook_deliveries(OWNER, REPOSITORY, hook.parsed_data.id)
    ).parsed_data
    assert {one.status for one in deliveries} == {"OK"}
    me = (await client.rest.users.async_get_authenticated()).parsed_data
    assert me.login == "mona"


async def test_a_refusal_is_understood(client: GitHub[TokenAuthStrategy]) -> None:
    with pytest.raises(RequestFailed) as refused:
        await client.rest.repos.async_create_deployment(
            OWNER, REPOSITORY, ref="nowhere"
        )
    assert refused.value.response.status_code == 422


async def test_graphql(client: GitHub[TokenAuthStrategy]) -> None:
    query = (
        "query($o: String!, $n: String!) { repository(owner: $o, name: $n) { name } }"
    )
    told = await client.async_graphql(query, {"o": OWNER, "n": REPOSITORY})
    assert told == {"repository": {"name": REPOSITORY}}


async def test_an_app_makes_a_deployment(tmp_path: Path) -> None:
    async with a_world(tmp_path, app=APP) as world:
        auth = AppInstallationAuthStrategy(
            APP.client.id, PEM, installation_id=await installed(world)
        )
        base = f"{world.url}/"
        async with GitHub(auth, base_url=base, auto_retry=False) as client:
            rest = client.rest.repos
            made = await rest.async_create_deployment(
                OWNER, REPOSITORY, ref="main", auto_merge=False, required_contexts=[]
            )
            assert made.status_code == 201
            seen = await client.rest.apps.async_list_repos_accessible_to_installation()
            assert seen.parsed_data.total_count == 1
            with pytest.raises(RequestFailed) as refused:
                await rest.async_list_webhooks(OWNER, REPOSITORY)
            assert refused.value.response.status_code == 403
