"""What GitHub tells of our App, its installation and its one webhook."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitploy.doctoring import Finding, of_github
from tests.integration.github_sandbox.signing import APP, PEM, app_delivery
from tests.integration.github_sandbox.world import NAME, World, a_world

RIGHTS = dict(APP.permissions)
PAGE = "/settings/apps/gitploy"


@asynccontextmanager
async def world_of(tmp_path: Path, **changes: Any) -> AsyncIterator[World]:
    """With an App of which something is different."""
    async with a_world(tmp_path, app=replace(APP, **changes)) as world:
        yield world


def settings(world: World) -> dict[str, str]:
    return {
        "GITPLOY_GITHUB_API_URL": world.url,
        "GITPLOY_GITHUB_APP_CLIENT_ID": APP.client.id,
        "GITPLOY_GITHUB_APP_PRIVATE_KEY": PEM,
        "GITPLOY_HOOKS_URL": world.receiver.url,
    }


async def found(
    world: World, name: str | None = NAME, **changed: str
) -> dict[str, Finding]:
    told = settings(world) | changed
    return {each.about: each async for each in of_github(name, 0, told)}


async def test_an_app_that_lacks_nothing(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        assert (await found(world))["delivery"].state == "doubtful"
        await world.deploy()
        await app_delivery(world, "success")
        findings = await found(world)
        without = await found(world, None)
    assert list(findings) == [
        "GitHub App", "events", "installation", "webhook", "secret", "delivery",
    ]  # fmt: skip
    assert {each.state for each in findings.values()} == {"good"}
    assert without.keys() == findings.keys() - {"installation"}


@pytest.mark.parametrize(
    ("changes", "about", "state", "said"),
    [
        (
            {"permissions": RIGHTS | {"deployments": "read"}},
            "GitHub App", "bad", "deployments: write",
        ),
        (
            {"permissions": {k: v for k, v in RIGHTS.items() if k != "members"}},
            "GitHub App", "doubtful", "members: read",
        ),
        ({"events": ("push", "status")}, "events", "bad", "deployment_status"),
        (
            {"events": tuple(e for e in APP.events if e != "check_run")},
            "events", "doubtful", "check_run",
        ),
        ({"hook_secret": ""}, "secret", "bad", "has none"),
    ],
)  # fmt: skip
async def test_what_the_app_lacks_is_found_with_where_to_click(
    changes: dict[str, Any], about: str, state: str, said: str, tmp_path: Path
) -> None:
    async with world_of(tmp_path, **changes) as world:
        finding = (await found(world))[about]
    assert finding.state == state
    assert said in finding.said
    assert PAGE in finding.do


@pytest.mark.parametrize(
    ("owner_says", "said", "state"),
    [
        ({"covers": False}, "/installations/new", "bad"),
        ({"suspended": True}, "suspended", "bad"),
        ({"permissions": RIGHTS | {"deployments": "read"}}, "deployments", "bad"),
        (
            {"permissions": {k: v for k, v in RIGHTS.items() if k != "actions"}},
            "actions: read", "doubtful",
        ),
    ],
)  # fmt: skip
async def test_an_installation_that_is_not_enough_is_found(
    owner_says: dict[str, Any], said: str, state: str, tmp_path: Path
) -> None:
    async with world_of(tmp_path) as world:
        await world.call("PUT", "/_sandbox/app", owner_says, token=None)
        finding = (await found(world))["installation"]
    assert finding.state == state
    assert said in finding.said


async def test_a_webhook_that_goes_elsewhere_or_fails_is_found(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        elsewhere = await found(world, GITPLOY_HOOKS_URL="https://else.example/hooks")
        assert elsewhere["webhook"].state == "bad"
        assert "https://else.example/hooks" in elsewhere["webhook"].do
        world.receiver.status = 401
        await world.deploy()
        await app_delivery(world, "failure")
        unsigned = (await found(world))["delivery"]
    assert unsigned.state == "bad"
    assert "GITPLOY_WEBHOOK_SECRET" in unsigned.do


async def test_a_key_of_another_app_is_one_finding(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        other = await found(world, GITPLOY_GITHUB_APP_CLIENT_ID="Iv23other")
    [finding] = other.values()
    assert (finding.state, finding.about) == ("bad", "GitHub App")
    assert "clock" in finding.do


@pytest.mark.parametrize("key", ["", "no key"])
async def test_without_a_key_github_is_not_asked(key: str, tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        there = await found(world, GITPLOY_GITHUB_APP_PRIVATE_KEY=key)
    [finding] = there.values()
    assert finding.state == "unknown"
    assert "KEY" in finding.said or "PEM" in finding.said


async def test_a_github_that_is_away_is_said_so(tmp_path: Path) -> None:
    async with world_of(tmp_path) as world:
        told = await found(world, GITPLOY_GITHUB_API_URL="http://127.0.0.1:9")
    assert told["GitHub"].state == "bad"
