"""Addresses that are nearly right: led on where Gitploy does, explained where not."""

import pytest

from gitploy.commands.login import MAKING

from .conftest import World

REPO = "/api/v1/repos/octo/shop"


@pytest.mark.parametrize(
    ("method", "path", "status", "there"),
    [
        ("GET", "/api/v1/repos/", 301, "/api/v1/repos"),
        ("HEAD", f"{REPO}/", 301, REPO),
        (
            "GET",
            f"{REPO}/deployments/?env=x&page=2",
            301,
            f"{REPO}/deployments?env=x&page=2",
        ),
        ("POST", f"{REPO}/deployments/", 307, f"{REPO}/deployments"),
        ("PUT", f"{REPO}/deployments/1//", 307, f"{REPO}/deployments/1"),
        # What can't be asked there is said there.
        ("DELETE", f"{REPO}/deployments/", 307, f"{REPO}/deployments"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_path_without_it(
    world: World, method: str, path: str, status: int, there: str
) -> None:
    answer = await world.api.request(method, path, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (status, there)


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing/", "/api/v1//evil.example/", "/docs/api/", "/api/v1/"]
)
async def test_nobody_is_led_to_where_nothing_is(world: World, path: str) -> None:
    answer = await world.api.get(path, allow_redirects=False)
    assert answer.status == 404
    assert "Location" not in answer.headers


async def test_what_is_not_there_is_said(world: World) -> None:
    answer = await world.api.get("/api/v1/rep%0as")
    assert (await answer.json())["message"] == (
        "There is nothing at '/api/v1/rep\\ns': look at the address once more."
    )
    answer = await world.api.delete(REPO)
    assert (await answer.json())["message"] == (
        f"{REPO!r} takes no DELETE, but: GET, HEAD, PATCH."
    )


async def test_the_command_leads_to_where_tokens_are_made(world: World) -> None:
    told = await (await world.api.get("/openapi.json")).json()
    making = told["paths"]["/api/v1/user/tokens"]["post"]
    where = f"/docs/api%23/{making['tags'][0]}/{making['operationId']}"
    assert MAKING.endswith(f"?next={where}")
