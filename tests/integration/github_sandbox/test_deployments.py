"""Creating deployments as GitHub does, and what its tools say about them."""

from typing import Any

import pytest

from .world import REPO, World

DEPLOYMENTS = f"{REPO}/deployments"


async def test_a_deployment_is_of_the_commit_that_its_ref_means(world: World) -> None:
    sha = world.repository.commit()
    world.repository.git("tag", "-a", "v1", "-m", "One")
    for ref in ("main", "refs/heads/main", "v1", sha):
        made = await world.deploy(ref)
        assert (made["sha"], made["ref"]) == (sha, ref)
    assert made["creator"]["login"] == "mona"
    assert made["id"] > 2**31


@pytest.mark.parametrize("payload", [{"a": [1, None]}, "text", '{"json": "text"}'])
async def test_a_payload_comes_back_as_it_was_sent(world: World, payload: Any) -> None:
    made = await world.deploy(payload=payload)
    again = await world.call("GET", made["url"])
    assert again.json["payload"] == payload


async def test_the_environment_says_whether_it_is_production(world: World) -> None:
    assert (await world.deploy())["production_environment"] is True
    staging = await world.deploy(environment="staging")
    assert staging["production_environment"] is False


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, '"ref" wasn\'t supplied.'),
        ({"ref": "nowhere"}, "No ref found for: nowhere"),
        ({"ref": "main", "payload": [1]}, "properties/payload"),
        ({"ref": "main", "required_contexts": None}, "properties/required_contexts"),
        ({"ref": "main", "auto_merge": 1}, "properties/auto_merge"),
    ],
)
async def test_a_bad_request_is_refused_in_githubs_words(
    world: World, body: Any, said: str
) -> None:
    reply = await world.call("POST", DEPLOYMENTS, body)
    assert reply.status == 422
    assert said in reply.json["message"]
    assert (await world.call("GET", DEPLOYMENTS)).json == []


async def test_a_body_that_is_no_json_object_is_refused(world: World) -> None:
    assert (await world.call("POST", DEPLOYMENTS, data=b"{nope")).status == 400
    assert (await world.call("POST", DEPLOYMENTS, data=b"[]")).status == 400


async def test_a_branch_that_is_behind_is_merged_instead(world: World) -> None:
    world.repository.branch("topic")
    world.repository.commit("topic.txt")
    world.repository.git("checkout", "-q", "main")
    tip = world.repository.commit("main.txt")

    reply = await world.call("POST", DEPLOYMENTS, {"ref": "topic"})

    assert reply.status == 202
    assert reply.json == {"message": "Auto-merged main into topic on deployment."}
    assert (await world.call("GET", DEPLOYMENTS)).json == []
    parents = world.repository.git("rev-parse", "topic^1", "topic^2").split()
    assert parents[1] == tip
    assert (await world.call("POST", DEPLOYMENTS, {"ref": "topic"})).status == 201


async def test_what_cannot_be_merged_is_a_conflict(world: World) -> None:
    world.repository.branch("topic")
    sha = world.repository.commit("same.txt", "topic\n")
    world.repository.git("checkout", "-q", "main")
    world.repository.commit("same.txt", "main\n")

    for ref in ("topic", sha):
        reply = await world.call("POST", DEPLOYMENTS, {"ref": ref})
        assert reply.status == 409
        assert reply.json["message"] == f"Conflict merging main into {ref}."
        assert "errors" not in reply.json
    assert world.repository.git("rev-parse", "topic") == sha


async def test_a_branch_that_somebody_has_checked_out_is_not_moved(
    world: World,
) -> None:
    world.repository.branch("topic")
    sha = world.repository.commit("topic.txt")
    world.repository.git("checkout", "-q", "main")
    world.repository.commit("main.txt")
    world.repository.git("checkout", "-q", "topic")

    assert (await world.call("POST", DEPLOYMENTS, {"ref": "topic"})).status == 409
    assert world.repository.git("rev-parse", "topic") == sha


async def test_checks_that_did_not_succeed_are_a_conflict(world: World) -> None:
    sha = world.repository.git("rev-parse", "main")
    await world.call(
        "POST", f"{REPO}/statuses/{sha}", {"state": "pending", "context": "ci"}
    )
    run = {"name": "test", "head_sha": sha, "conclusion": "skipped"}
    await world.call("POST", f"{REPO}/check-runs", run)

    reply = await world.call("POST", DEPLOYMENTS, {"ref": "main"})

    assert reply.status == 409
    (error,) = reply.json["errors"]
    assert error["field"] == "required_contexts"
    assert error["contexts"] == [
        {"context": "ci", "state": "pending"},
        {"context": "test", "state": "skipped"},
    ]
    for required, status in (([], 201), (["ci"], 409), (["absent"], 409)):
        body = {"ref": "main", "required_contexts": required}
        assert (await world.call("POST", DEPLOYMENTS, body)).status == status


async def test_deployments_are_listed_newest_first_and_in_pages(world: World) -> None:
    made = [(await world.deploy(environment=f"e{n % 2}"))["id"] for n in range(5)]

    first = await world.call("GET", f"{DEPLOYMENTS}?per_page=2")
    assert [one["id"] for one in first.json] == [made[4], made[3]]
    link = first.headers["link"]
    assert 'rel="next"' in link
    assert 'rel="last"' in link
    after = link.partition("<")[2].partition(">")[0]
    assert [one["id"] for one in (await world.call("GET", after)).json] == made[2:0:-1]

    chosen = await world.call("GET", f"{DEPLOYMENTS}?environment=e1&task=deploy")
    assert [one["id"] for one in chosen.json] == [made[3], made[1]]


async def test_statuses_are_kept_in_order(world: World) -> None:
    made = (await world.deploy())["id"]
    url = "https://logs.example/1"
    queued = await world.post_status(made, "queued", log_url=url)
    done = await world.post_status(made, "success", environment="green")

    listed = (await world.call("GET", f"{DEPLOYMENTS}/{made}/statuses")).json
    assert [one["id"] for one in listed] == [done["id"], queued["id"]]
    assert (queued["log_url"], queued["target_url"]) == (url, url)
    assert (await world.call("GET", queued["url"])).json == queued
    shown = (await world.call("GET", f"{DEPLOYMENTS}/{made}")).json
    assert shown["environment"] == "green"
    assert shown["original_environment"] == "production"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "done"}, "state"),
        ({"state": "success", "description": "x" * 141}, "description"),
        ({"state": "success", "environment_url": "ftp://x"}, "environment_url"),
    ],
)
async def test_a_bad_status_is_refused(world: World, body: Any, field: str) -> None:
    made = (await world.deploy())["id"]
    reply = await world.call("POST", f"{DEPLOYMENTS}/{made}/statuses", body)
    assert reply.status == 422
    assert reply.json["errors"][0]["field"] == field


async def test_a_success_retires_the_earlier_ones_of_its_environment(
    world: World,
) -> None:
    async def succeed(**about: Any) -> int:
        made = int((await world.deploy(**about))["id"])
        await world.post_status(made, "success")
        return made

    old = await succeed(environment="staging")
    production = await succeed()
    transient = await succeed(environment="staging", transient_environment=True)
    await succeed(environment="staging")
    await succeed()

    async def latest(deployment: int) -> str:
        path = f"{DEPLOYMENTS}/{deployment}/statuses?per_page=1"
        return str((await world.call("GET", path)).json[0]["state"])

    assert await latest(old) == "inactive"
    assert await latest(production) == "success"
    assert await latest(transient) == "success"


async def test_only_what_is_inactive_or_alone_can_be_deleted(world: World) -> None:
    old, new = [(await world.deploy())["id"] for _ in range(2)]
    await world.post_status(old, "success")
    assert (await world.call("DELETE", f"{DEPLOYMENTS}/{old}")).status == 422
    await world.post_status(old, "failure")
    assert (await world.call("DELETE", f"{DEPLOYMENTS}/{old}")).status == 204
    assert (await world.call("GET", f"{DEPLOYMENTS}/{old}")).status == 404
    assert (await world.call("DELETE", f"{DEPLOYMENTS}/{new}")).status == 204
