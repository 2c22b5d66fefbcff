"""What the services ask GitHub goes through the proxy that the environment names."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.github import GitHubClient
from shared.github.limits import utc_now
from shared.github.settings import GitHubSettings


async def test_github_is_asked_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    async def pass_on(request: web.Request) -> web.Response:
        asked.append(f"{request.host} {request.path}")
        return web.json_response({"slug": "gitploy"})

    proxy = web.Application()
    proxy.router.add_get("/{rest:.*}", pass_on)
    settings = GitHubSettings.model_validate(
        {"github_api_url": "http://github.invalid", "github_token": "ghp"}
    )
    async with TestServer(proxy) as server:
        monkeypatch.setenv("http_proxy", str(server.make_url("")))
        async with settings.github_session() as session:
            client: GitHubClient = settings.github_client(session, utc_now)
            assert (await client.get_app()).slug == "gitploy"
    assert asked == ["github.invalid /app"]
