"""What GitHub tells about a webhook, and the gateway about itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.client import reached
from gitploy.doctoring import Finding, of_gateway, of_github

NAME = "demo/shop"
HOOKS = "https://gitploy.example/hooks"
HOOK: dict[str, Any] = {
    "id": 9, "active": True, "events": ["deployment_status", "push"],
    "config": {"url": HOOKS, "secret": "********"},
}  # fmt: skip
DELIVERY = {
    "delivered_at": "2026-01-05T09:00:00Z", "status": "OK", "status_code": 202,
    "event": "push",
}  # fmt: skip


class FakeGitHub:
    def __init__(self) -> None:
        self.repository: tuple[int, Any] = (200, {"permissions": {"push": True}})
        self.hook: tuple[int, Any] = (200, HOOK)
        self.deliveries: tuple[int, Any] = (200, [DELIVERY])

    async def show(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer ghp"
        status, told = self.repository
        return web.json_response(told, status=status)

    async def show_hook(self, _: web.Request) -> web.Response:
        status, told = self.hook
        return web.json_response(told, status=status)

    async def list_deliveries(self, _: web.Request) -> web.Response:
        status, told = self.deliveries
        return web.json_response(told, status=status)


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
async def settings(github: FakeGitHub) -> AsyncIterator[dict[str, str]]:
    app = web.Application()
    here = f"/api/v3/repos/{NAME}"
    app.add_routes(
        [
            web.get(here, github.show),
            web.get(f"{here}/hooks/9", github.show_hook),
            web.get(f"{here}/hooks/9/deliveries", github.list_deliveries),
        ]
    )
    async with TestServer(app) as server:
        yield {
            "GITPLOY_GITHUB_API_URL": str(server.make_url("/api/v3")),
            "GITPLOY_GITHUB_TOKEN": "ghp",
            "GITPLOY_HOOKS_URL": HOOKS,
        }


async def found(settings: dict[str, str]) -> dict[str, Finding]:
    return {each.about: each async for each in of_github(NAME, 9, settings)}


async def test_a_webhook_that_works(settings: dict[str, str]) -> None:
    findings = await found(settings)
    assert list(findings) == ["GitHub token", "webhook", "secret", "delivery"]
    assert {each.state for each in findings.values()} == {"good"}


@pytest.mark.parametrize(
    ("what", "answer", "about", "said"),
    [
        ("repository", (401, {}), "GitHub token", "doesn't take it"),
        ("repository", (404, {}), "GitHub token", "shows it no"),
        ("repository", (403, {"message": "SSO"}), "GitHub token", "SSO"),
        (
            "repository", (200, {"permissions": {"push": False}}),
            "GitHub token", "may not write",
        ),
        ("hook", (404, {}), "webhook", "none"),
        ("hook", (403, {}), "webhook", "HTTP 403"),
        ("hook", (200, {**HOOK, "active": False}), "webhook", "switched off"),
        ("hook", (200, {**HOOK, "events": ["push"]}), "webhook", "deployment_status"),
        ("hook", (200, {**HOOK, "config": {"url": "x"}}), "webhook", "goes to x"),
        ("hook", (200, {**HOOK, "config": {"url": HOOKS}}), "secret", "none"),
        (
            "deliveries", (200, [{**DELIVERY, "status_code": 401}]),
            "delivery", "signature",
        ),
        (
            "deliveries", (200, [{**DELIVERY, "status_code": 0, "status": "late"}]),
            "delivery", "late",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_at_github_is_found(
    github: FakeGitHub,
    settings: dict[str, str],
    what: str,
    answer: tuple[int, Any],
    about: str,
    said: str,
) -> None:
    setattr(github, what, answer)
    finding = (await found(settings))[about]
    assert finding.state == "bad"
    assert said in finding.said
    assert finding.do


async def test_a_webhook_that_was_never_used_is_doubtful(
    github: FakeGitHub, settings: dict[str, str]
) -> None:
    github.deliveries = 200, []
    assert (await found(settings))["delivery"].state == "doubtful"


async def test_without_a_token_it_says_what_was_not_looked_at() -> None:
    [finding] = (await found({})).values()
    assert finding.state == "unknown"
    assert "GITPLOY_GITHUB_TOKEN" in finding.do
    assert "GITPLOY_GITHUB_APP_PRIVATE_KEY" in finding.do


async def test_a_github_that_is_away_is_said_so() -> None:
    away = {
        "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
        "GITPLOY_GITHUB_TOKEN": "ghp",
    }
    assert (await found(away))["GitHub"].state == "bad"


@pytest.mark.parametrize(
    ("ready", "user", "states"),
    [
        ({"missing": {}, "degraded": {}}, 200, ["good", "good"]),
        ({"missing": {}, "degraded": {"bus": "is away"}}, 200, ["bad", "good"]),
        ({"missing": {}, "degraded": {}}, 401, ["good", "bad"]),
        (["something else"], 200, ["doubtful", "good"]),
    ],
)
async def test_the_gateway_and_who_we_are(
    ready: Any, user: int, states: list[str]
) -> None:
    async def readyz(_: web.Request) -> web.Response:
        return web.json_response(ready)

    async def me(_: web.Request) -> web.Response:
        told = {"login": "ada", "admin": True, "message": "No"}
        return web.json_response(told, status=user)

    app = web.Application()
    app.add_routes([web.get("/readyz", readyz), web.get("/api/v1/user", me)])
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with reached(url, "token") as client:
            assert [each.state async for each in of_gateway(client)] == states


async def test_a_gateway_that_is_away_is_one_finding() -> None:
    async with reached("http://127.0.0.1:9", "token") as client:
        [finding] = [each async for each in of_gateway(client)]
    assert finding.state == "bad"
