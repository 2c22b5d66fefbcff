"""Gitploy's own client signs people in at the sandbox, and sees what they see."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from github_sandbox.clients import Client
from shared.github import (
    CodeRefused,
    GitHubNotFound,
    GitHubUnauthorized,
    Grant,
    OAuthApp,
    People,
    RefreshRefused,
    new_secret,
)

from .signing import APP, CALLBACK, OAUTH
from .world import NAME, World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, oauth=OAUTH, app=APP) as made:
        yield made


async def sign_in(world: World, login: str, client: Client = OAUTH) -> Grant:
    app, verifier = an_app(world, client), new_secret()
    url = app.authorize_url(
        redirect_uri=CALLBACK,
        state="s",
        verifier=verifier,
        scopes=["repo", "read:user", "read:org"],
    )
    code = await choose(world.session, url, login)
    traded = await app.exchange(code, verifier=verifier, redirect_uri=CALLBACK)
    assert isinstance(traded, Grant)
    again = await app.exchange(code, verifier=verifier, redirect_uri=CALLBACK)
    assert isinstance(again, CodeRefused)
    return traded


def an_app(world: World, client: Client) -> OAuthApp:
    return OAuthApp(world.session, world.url, client.id, client.secret)


async def choose(session: ClientSession, url: str, login: str) -> str:
    async with session.get(f"{url}&login={login}", allow_redirects=False) as answer:
        back = answer.headers["Location"]
    assert back.startswith(CALLBACK)
    return back.partition("code=")[2].partition("&")[0]


@pytest.mark.parametrize(
    ("login", "push", "admin"),
    [("reader", False, False), ("deployer", True, False), ("admin", True, True)],
)
async def test_somebody_sees_what_they_may_see(
    world: World, login: str, push: bool, admin: bool
) -> None:
    granted = await sign_in(world, login)
    assert granted.scopes == {"repo", "read:user", "read:org"}
    assert granted.expires_at is None
    token, people = granted.access_token, People(world.session, world.url)
    assert (await people.user(token)).login == login
    assert [one.login for one in await people.organizations(token)] == ["octo"]
    (shop,) = await people.repositories(token)
    may = shop.permissions
    assert (shop.full_name, may.pull, may.push, may.admin) == (NAME, True, push, admin)
    assert await people.repository(token, NAME) == shop


async def test_many_repositories_come_in_pages(world: World) -> None:
    others = {f"octo/other-{number:03}": "write" for number in range(250)}
    told = {"repositories": others}
    await world.call("PUT", "/_sandbox/people/reader", told, token=None)
    token = (await sign_in(world, "reader")).access_token
    found = await People(world.session, world.url).repositories(token)
    assert {one.full_name for one in found} == {NAME, *others}
    assert len({one.id for one in found}) == 251


async def test_somebody_who_loses_their_right_sees_nothing(world: World) -> None:
    token = (await sign_in(world, "deployer")).access_token
    people = People(world.session, world.url)
    assert len(await people.repositories(token)) == 1
    role = {"role": "none"}
    await world.call("PUT", "/_sandbox/people/deployer", role, token=None)
    assert await people.repositories(token) == []
    with pytest.raises(GitHubNotFound):
        await people.repository(token, NAME)
    await world.call("DELETE", "/_sandbox/people/deployer/tokens", token=None)
    with pytest.raises(GitHubUnauthorized):
        await people.user(token)


async def test_a_token_of_an_app_is_refreshed(world: World) -> None:
    granted = await sign_in(world, "admin", APP.client)
    assert granted.expires_at is not None
    assert granted.refresh_token is not None
    app, people = an_app(world, APP.client), People(world.session, world.url)
    fresh = await app.refresh(granted.refresh_token)
    assert isinstance(fresh, Grant)
    assert (await people.user(fresh.access_token)).login == "admin"
    with pytest.raises(GitHubUnauthorized):
        await people.user(granted.access_token)
    assert isinstance(await app.refresh(granted.refresh_token), RefreshRefused)
