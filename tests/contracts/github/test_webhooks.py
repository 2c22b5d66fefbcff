"""Every webhook of the sandbox is one that GitHub could have sent."""

from collections.abc import Awaitable, Callable

import pytest

from tests.integration.github_sandbox.signing import APP, Signing
from tests.integration.github_sandbox.world import REPO, World

from .published import headers_of_webhook, problems_of_webhook

Cause = Callable[[World], Awaitable[None]]


async def deploy(world: World) -> None:
    world.repository.git("checkout", "-q", "main")
    for payload in ({"a": 1}, "text", {}):
        await world.deploy(payload=payload, description="A deployment")


async def follow(world: World) -> None:
    await world.fault(webhooks={"inactive": True})
    made = (await world.deploy(environment="staging"))["id"]
    for state in ("queued", "in_progress", "pending", "success", "failure", "error"):
        url = "https://logs.example"
        await world.post_status(made, state, log_url=url, environment_url=url)
    await world.post_status(made, "inactive")


async def push(world: World) -> None:
    world.repository.commit("deploy.yml", "envs: []\n")


async def branch_off(world: World) -> None:
    world.repository.git("branch", "topic")


async def drop_branch(world: World) -> None:
    world.repository.git("branch", "topic")
    await world.receiver.first("create")
    world.repository.git("branch", "-D", "topic")


async def tag(world: World) -> None:
    world.repository.git("tag", "-a", "v1", "-m", "One")


async def report_status(world: World) -> None:
    sha = world.repository.git("rev-parse", "main")
    await world.call("POST", f"{REPO}/statuses/{sha}", {"state": "success"})


async def check(world: World) -> None:
    sha = world.repository.git("rev-parse", "main")
    run = {"name": "test", "head_sha": sha, "conclusion": "success"}
    await world.call("POST", f"{REPO}/check-runs", run)


async def rename(world: World) -> None:
    await world.call("PATCH", REPO, {"name": "market"})


async def archive(world: World) -> None:
    await world.call("PATCH", REPO, {"archived": True})
    await world.call("PATCH", REPO, {"archived": False})


async def delete(world: World) -> None:
    await world.fault(webhooks={"deleted": True})
    await world.call("DELETE", REPO)


async def run_job(world: World) -> None:
    body = {"ref": "main", "event": "deployment"}
    filed = await world.call("POST", "/_sandbox/deployments", body)
    await world.post_status(filed.json["id"], "success")


async def uninstall(world: World) -> None:
    for told in (
        {"covers": False},
        {"covers": True},
        {"suspended": True},
        {"suspended": False},
        {"permissions": {"contents": "read"}},
        {"installed": False},
        {"installed": True},
    ):
        await world.call("PUT", "/_sandbox/app", told, token=None)


async def revoke(world: World) -> None:
    await Signing(world, APP.client).token("admin")
    await world.call("DELETE", "/_sandbox/people/admin/tokens", token=None)


async def nothing(world: World) -> None:
    pass


@pytest.mark.parametrize(
    ("cause", "event", "action"),
    [
        (nothing, "ping", None),
        (deploy, "deployment", "created"),
        (follow, "deployment_status", "created"),
        (push, "push", None),
        (branch_off, "push", None),
        (drop_branch, "push", None),
        (tag, "push", None),
        (branch_off, "create", None),
        (tag, "create", None),
        (drop_branch, "delete", None),
        (report_status, "status", None),
        (check, "check_run", "created"),
        (check, "check_run", "completed"),
        (check, "check_suite", "completed"),
        (run_job, "deployment", "created"),
        (run_job, "deployment_status", "created"),
        (rename, "repository", "renamed"),
        (archive, "repository", "archived"),
        (archive, "repository", "unarchived"),
        (delete, "repository", "deleted"),
        (uninstall, "installation_repositories", "removed"),
        (uninstall, "installation_repositories", "added"),
        (uninstall, "installation", "suspend"),
        (uninstall, "installation", "unsuspend"),
        (uninstall, "installation", "new_permissions_accepted"),
        (uninstall, "installation", "deleted"),
        (uninstall, "installation", "created"),
        (revoke, "github_app_authorization", "revoked"),
    ],
)
async def test_the_webhook_is_githubs(
    world: World, cause: Cause, event: str, action: str | None
) -> None:
    await world.hook("*")
    await cause(world)
    await world.receiver.until(
        lambda: any(
            one.payload.get("action") == action for one in world.receiver.of(event)
        )
    )
    wanted = headers_of_webhook(event, action) - {"x-hub-signature-256"}
    for hook in world.receiver.of(event):
        if hook.payload.get("action") == action:
            assert problems_of_webhook(event, action, hook.payload) == []
            assert wanted <= hook.headers.keys()


def test_a_wrong_webhook_is_noticed() -> None:
    assert problems_of_webhook("deployment", "created", {"action": "created"})
