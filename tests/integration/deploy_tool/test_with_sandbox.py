"""The tool and the sandbox: what each expects of GitHub, the other does."""

from pathlib import Path

import aiohttp

from gitploy.local.kept import free_port
from tests.integration.deploy_tool.running import running
from tests.integration.github_sandbox.world import NAME, REPO, TOKEN, a_world


async def test_a_deployment_is_heard_of_carried_out_and_reported(
    tmp_path: Path,
) -> None:
    async with (
        a_world(tmp_path / "sandbox") as world,
        running(world.url, tmp_path, free_port(), repository=NAME, token=TOKEN) as tool,
    ):
        await world.hook("deployment_status")
        deployment = await world.deploy(environment="production")
        heard = world.receiver.of
        await world.receiver.until(lambda: len(heard("deployment_status")) == 3)
        reply = await world.call(
            "GET", f"{REPO}/deployments/{deployment['id']}/statuses"
        )
        assert [status["state"] for status in reply.json] == [
            "success",
            "in_progress",
            "queued",
        ]
        log_url = reply.json[0]["log_url"]
        assert log_url.startswith(tool.url)
        async with aiohttp.ClientSession() as session, session.get(log_url) as log:
            sha = deployment["sha"][:7]
            assert f"Deploying {sha} to production" in await log.text()
