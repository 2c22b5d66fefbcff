"""The bus loses what it had confirmed: asking again heals every loss (law 6)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import (
    DeploymentSynced,
    DeployRequested,
    Event,
    GitHubDeploymentCreated,
    GitHubDeploymentSeen,
    RefVerified,
    StatusUpdated,
    SyncRequested,
)

from .world import STEP, World, world

#: A deployment takes about six messages; asked ones may get lost, too.
LOSSES = st.lists(st.booleans(), max_size=8)


async def deploy(here: World) -> None:
    number = (await here.ask_to_deploy())["number"]
    # Not longer than the verdict holds: by then all must be healed.
    for _ in range(timedelta(minutes=12) // STEP):
        await here.pass_time(STEP)
        if (await here.deployment(number))["phase"] == "created":
            break
    assert (await here.deployment(number))["phase"] == "created"
    (deployment,) = await here.at_github()
    await here.tool_says(deployment["id"], "success")
    await here.pass_time(timedelta(minutes=45))
    await here.phase_is(number, "success")
    assert len(await here.at_github()) == 1


@settings(max_examples=8, deadline=None)
@given(LOSSES)
def test_asking_again_heals_every_loss(losses: list[bool]) -> None:
    async def deploy_with(directory: Path) -> None:
        async with world(directory) as here:
            here.bus.losses = losses
            await deploy(here)

    with TemporaryDirectory() as directory:
        asyncio.run(deploy_with(Path(directory)))


@pytest.mark.parametrize(
    "once",
    [
        {DeployRequested},
        {RefVerified},
        {GitHubDeploymentSeen},
        {GitHubDeploymentCreated},
        {RefVerified, GitHubDeploymentCreated},
        {StatusUpdated},
        {StatusUpdated, SyncRequested},
        {StatusUpdated, DeploymentSynced},
    ],
    ids=lambda kinds: " and ".join(sorted(kind.__name__ for kind in kinds)),
)
async def test_each_message_may_get_lost(
    once: set[type[Event]], tmp_path: Path
) -> None:
    async with world(tmp_path) as here:
        here.bus.loses = set(once)
        await deploy(here)
        assert not here.bus.loses, "it was never said"
