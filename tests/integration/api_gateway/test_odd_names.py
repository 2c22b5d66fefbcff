"""Names that are right and look wrong: each route finds what is called so."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from yarl import URL

from .at_github import AtGitHub, at_github
from .conftest import World

#: git allows all of these.
REFS = (
    "feature/two/parts",
    "grün",
    "日本語/機能",
    "100%",
    "a%2Fb",
    "%2e%2e",
    "v1.0+build-7",
    "a#b",
    "x&page=2",
    "a;b=c,d",
    "@home",
    'it\'s"quoted"',
    "main-2",
    "a…b",
)
ENVIRONMENTS = (
    "prod/eu",
    "a b",
    "grün",
    "100%",
    "%2F",
    "..",
    "a/../b",
    "?x=1#y",
    "&",
    ".",
    "queue",
)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[AtGitHub]:
    async with at_github(tmp_path) as hub:
        yield hub


def encoded(path: str) -> URL:
    return URL(path, encoded=True)


async def get(world: World, path: str) -> Any:
    url = encoded(f"/api/v1/repos/octo/shop{path}")
    answer = await world.api.get(url)
    assert answer.status == 200, f"{path}: {await answer.text()}"
    return await answer.json()


async def test_a_branch_or_a_tag_is_found_by_its_name(hub: AtGitHub) -> None:
    for name in REFS:
        sha = hub.git.commit(name)
        hub.git("branch", name)
        hub.git("tag", f"t/{name}")
        found = {"name": name, "commit_sha": sha}
        whole = quote(name, safe="")
        assert await get(hub.world, f"/branches/{quote(name)}") == found
        assert await get(hub.world, f"/branches/{whole}") == found
        tag = {"name": f"t/{name}", "commit_sha": sha}
        assert await get(hub.world, f"/tags/t/{whole}") == tag
        commits = await get(hub.world, f"/commits?branch={whole}&per_page=1")
        assert commits[0]["sha"] == sha, name
        hub.world.github.write("envs:\n- name: production\n", ref=name)
        config = await get(hub.world, f"/config?ref={whole}")
        assert [env["name"] for env in config["envs"]] == ["production"]
    listed = await get(hub.world, "/branches?per_page=100")
    assert {*REFS} <= {branch["name"] for branch in listed}


async def test_a_deployment_is_of_the_ref_as_it_is_called(active: World) -> None:
    for name in REFS:
        made = await (await active.deploy(ref=name)).json()
        assert made["ref"] == name
        path = f"/api/v1/search/deployments?ref={quote(name, safe='')}"
        found = await (await active.api.get(encoded(path))).json()
        assert [one["ref"] for one in found] == [name]


async def test_an_environment_is_found_by_its_name(active: World) -> None:
    for name in ENVIRONMENTS:
        made = await (await active.deploy(env=name)).json()
        assert made["env"] == name
        whole = quote(name, safe="").replace(".", "%2E")
        shown = await get(active, f"/environments/{whole}")
        assert (shown["name"], len(shown["running"])) == (name, 1)
        assert await get(active, f"/environments/{whole}/queue") == []
        listed = await get(active, f"/deployments?env={whole}")
        assert [one["env"] for one in listed] == [name]
        locked = await active.post("/locks", {"env": name})
        assert locked.status == 201, await locked.text()
        [lock] = await get(active, f"/locks?env={whole}")
        assert lock["env"] == name
