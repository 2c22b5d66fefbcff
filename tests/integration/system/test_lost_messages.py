"""The bus loses what it had confirmed: asking again heals every loss (law 6)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from .world import STEP, world

#: A deployment takes about six messages; asked ones may get lost, too.
LOSSES = st.lists(st.booleans(), max_size=8)


async def deploy_with(losses: list[bool], directory: Path) -> None:
    async with world(directory) as here:
        here.bus.losses = losses
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
    with TemporaryDirectory() as directory:
        asyncio.run(deploy_with(losses, Path(directory)))
