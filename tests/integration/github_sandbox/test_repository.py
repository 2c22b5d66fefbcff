"""What becomes of the repository itself: renamed, archived, hidden, deleted."""

from pathlib import Path
from typing import Any

import pytest

from github_sandbox import pushes

from .world import NAME, REPO, World, a_world

RENAMED = "/repos/octo/market"


async def rename(world: World, name: str = "market") -> Any:
    reply = await world.call("PATCH", REPO, {"name": name})
    assert reply.status == 200, reply.raw
    return reply.json


async def test_a_repository_that_is_renamed_is_found_by_its_new_name(
    world: World,
) -> None:
    before = (await world.call("GET", REPO)).json
    after = await rename(world)
    assert (after["id"], after["full_name"]) == (before["id"], "octo/market")
    shown = (await world.call("GET", RENAMED)).json
    assert shown["url"].endswith(RENAMED)
    assert (await world.call("GET", f"/repositories/{after['id']}")).json == shown


async def test_a_former_name_leads_to_the_number(world: World) -> None:
    number = (await rename(world))["id"]
    shown = await world.call("GET", f"{REPO}/deployments?environment=x")
    assert (shown.status, shown.json) == (200, [])
    body = {"ref": "main", "auto_merge": False, "required_contexts": []}
    async with world.session.post(
        f"{world.url}{REPO}/deployments",
        json=body,
        headers={"Authorization": "Bearer sandbox-token"},
        allow_redirects=False,
    ) as answer:
        assert answer.status == 307
        to = answer.headers["Location"]
    assert to == f"{world.url}/repositories/{number}/deployments"
    assert (await world.call("POST", to, body)).status == 201


async def test_a_name_that_is_taken_back_leads_nowhere_else(world: World) -> None:
    await rename(world)
    reply = await world.call("PATCH", RENAMED, {"name": "shop"})
    assert reply.json["full_name"] == NAME
    assert (await world.call("GET", REPO)).status == 200


async def test_graphql_follows_renames(world: World) -> None:
    await rename(world)
    query = '{repository(owner: "octo", name: "shop") {nameWithOwner}}'
    reply = await world.call("POST", "/graphql", {"query": query})
    assert reply.json == {"data": {"repository": {"nameWithOwner": "octo/market"}}}


async def test_hooks_hear_of_the_new_name_and_use_it(world: World) -> None:
    await world.hook("repository", "push")
    await rename(world)
    told = (await world.receiver.first("repository")).payload
    assert told["action"] == "renamed"
    assert told["changes"] == {"repository": {"name": {"from": "shop"}}}
    assert told["repository"]["full_name"] == "octo/market"
    world.repository.commit()
    pushed = (await world.receiver.first("push")).payload
    assert pushed["repository"]["full_name"] == "octo/market"


async def test_a_new_name_outlives_a_restart(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await rename(world)
    async with a_world(tmp_path) as world:
        assert (await world.call("GET", RENAMED)).status == 200


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 101])
async def test_a_name_that_is_none_is_refused(world: World, name: str) -> None:
    assert (await world.call("PATCH", REPO, {"name": name})).status == 422
    assert (await world.call("GET", REPO)).json["full_name"] == NAME


async def test_an_archived_repository_says_so_once(world: World) -> None:
    await world.hook("repository")
    for _ in range(2):
        reply = await world.call("PATCH", REPO, {"archived": True})
        assert reply.json["archived"] is True
    await world.call("PATCH", REPO, {"archived": False})
    await world.receiver.until(lambda: len(world.receiver.of("repository")) == 2)
    actions = {one.payload["action"] for one in world.receiver.of("repository")}
    assert actions == {"archived", "unarchived"}


async def test_a_deleted_repository_is_nowhere(world: World) -> None:
    number = (await world.call("GET", REPO)).json["id"]
    assert (await world.call("DELETE", REPO)).status == 204
    for path in (REPO, f"/repositories/{number}", f"/repositories/{number}/hooks"):
        assert (await world.call("GET", path)).status == 404
    query = '{repository(owner: "octo", name: "shop") {nameWithOwner}}'
    reply = await world.call("POST", "/graphql", {"query": query})
    assert reply.json["errors"][0]["type"] == "NOT_FOUND"
    assert (await world.call("GET", "/user")).status == 200


async def test_hooks_of_a_deleted_repository_hear_nothing_more(world: World) -> None:
    await world.hook("push", "repository")
    await world.fault(webhooks={"deleted": True})
    await world.call("DELETE", REPO)
    told = (await world.receiver.first("repository")).payload
    assert told["action"] == "deleted"
    world.repository.commit()
    assert world.sandbox
    await pushes.look(world.sandbox)
    events = {delivery.event for delivery in world.sandbox.store.deliveries}
    assert events == {"ping", "repository"}


async def test_a_hidden_repository_comes_back(world: World) -> None:
    await world.fault(answers={"hide_repository": True})
    for method, path in (("GET", REPO), ("POST", f"{REPO}/deployments")):
        assert (await world.call(method, path, {})).status == 404
    await world.fault(answers={"hide_repository": False})
    assert (await world.call("GET", REPO)).status == 200


async def test_a_job_that_names_an_environment_files_a_deployment(
    world: World,
) -> None:
    await world.hook("deployment", "deployment_status")
    body = {"ref": "main", "environment": "staging", "event": "deployment"}
    reply = await world.call("POST", "/_sandbox/deployments", body, token=None)
    assert (reply.status, reply.json["environment"]) == (201, "staging")
    told = (await world.receiver.first("deployment")).payload
    run = told["workflow_run"]
    assert (run["event"], run["head_sha"]) == ("deployment", reply.json["sha"])
    await world.post_status(reply.json["id"], "success")
    status = (await world.receiver.first("deployment_status")).payload
    assert status["workflow_run"] == run


async def test_who_filed_a_deployment_outlives_a_restart(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        body = {"ref": "main"}
        reply = await world.call("POST", "/_sandbox/deployments", body, token=None)
    async with a_world(tmp_path) as world:
        await world.hook("deployment_status")
        await world.post_status(reply.json["id"], "success")
        told = (await world.receiver.first("deployment_status")).payload
        assert told["workflow_run"]["event"] == "push"


@pytest.mark.parametrize("body", [{}, {"ref": "nowhere"}, {"ref": 1}])
async def test_a_job_needs_a_commit(world: World, body: Any) -> None:
    reply = await world.call("POST", "/_sandbox/deployments", body, token=None)
    assert reply.status == 422
