"""Pushes that find no rules, through the four services: people see why."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pygit2
import pytest

from shared.testing import until

from .world import REPOSITORY, World, world

WELL = """
envs:
  - name: production
    auto_deploy_on: refs/heads/main
    required_contexts: []
"""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """Give the test a repository whose rules have a mistake."""
    async with world(tmp_path, "envs: 1\n") as here:
        yield here


def push(origin: Path, config: str) -> str:
    repository = pygit2.Repository(str(origin))
    parent = repository.references["refs/heads/main"].target
    tree = repository.TreeBuilder()
    tree.insert("deploy.yml", repository.create_blob(config.encode()), 0o100644)
    who = pygit2.Signature("Octo", "octo@example.com")
    made = repository.create_commit(
        "refs/heads/main", who, who, "Change the rules", tree.write(), [parent]
    )
    return str(made)


async def problem(here: World) -> Any:
    async with here.api.get(f"/api/v1/repos/{REPOSITORY}") as answer:
        return (await answer.json())["auto_deploy_problem"]


async def test_who_pushes_without_rules_sees_why_nothing_is_deployed(
    here: World, tmp_path: Path
) -> None:
    assert await problem(here) is None
    sha = push(tmp_path / "shop.git", "envs: 2\n")

    async def told() -> bool:
        return await problem(here) is not None

    await until(told)
    shown = await problem(here)
    assert (shown["ref"], shown["sha"]) == ("main", sha)
    assert shown["message"].startswith(f"The push of main ({sha[:7]}) was deployed no")
    assert shown["message"].endswith(
        "has a mistake: line 1, column 1: `envs` must be a list, not 2. "
        "Mend that, then push again or deploy by hand."
    )
    push(tmp_path / "shop.git", WELL)

    async def well() -> bool:
        made = (await here.deployment(1)).get("phase")
        return made == "created" and await problem(here) is None

    await until(well)
