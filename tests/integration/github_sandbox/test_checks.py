"""Statuses, check runs and their suites, over REST and GraphQL."""

from typing import Any

from .world import NAME, REPO, World

QUERY = """
query($owner: String!, $name: String!, $expr: String!) {
  repository(owner: $owner, name: $name) {
    object(expression: $expr) { ... on Commit {
      status { state contexts { context state } }
      statusCheckRollup { state contexts(first: 10) { totalCount nodes {
        __typename
        ... on CheckRun { databaseId name status conclusion checkSuite {
          databaseId status workflowRun { event workflow { name } } } }
        ... on StatusContext { context state } } } }
      checkSuites(first: 10) { nodes {
        status conclusion app { slug } workflowRun { event }
        checkRuns(first: 1) { totalCount } } }
    } } } }
"""


async def gate(world: World) -> Any:
    owner, name = NAME.split("/")
    variables = {"owner": owner, "name": name, "expr": "main"}
    body = {"query": QUERY, "variables": variables}
    told = (await world.call("POST", "/graphql", body)).json
    assert "errors" not in told
    return told["data"]["repository"]["object"]


async def report(world: World, **more: Any) -> Any:
    sha = world.repository.git("rev-parse", "main")
    body = {"head_sha": sha, "name": "test", **more}
    reply = await world.call("POST", f"{REPO}/check-runs", body)
    assert reply.status == 201, reply.raw
    return reply.json


async def test_nothing_reported_is_not_pending(world: World) -> None:
    told = await gate(world)
    assert told["statusCheckRollup"] is None
    assert told["status"] is None
    combined = (await world.call("GET", f"{REPO}/commits/main/status")).json
    assert (combined["state"], combined["total_count"]) == ("pending", 0)


async def test_the_newest_status_of_a_context_counts(world: World) -> None:
    await world.hook("status")
    sha = world.repository.git("rev-parse", "main")
    for state in ("pending", "failure", "success"):
        body = {"state": state, "context": "ci", "target_url": "https://ci.example"}
        reply = await world.call("POST", f"{REPO}/statuses/{sha}", body)
        assert reply.status == 201
    told = await gate(world)
    assert told["statusCheckRollup"]["state"] == "SUCCESS"
    assert told["status"]["contexts"] == [{"context": "ci", "state": "SUCCESS"}]
    combined = (await world.call("GET", f"{REPO}/commits/main/status")).json
    assert (combined["state"], combined["total_count"]) == ("success", 1)
    listed = (await world.call("GET", f"{REPO}/commits/main/statuses")).json
    assert [one["state"] for one in listed] == ["success", "failure", "pending"]
    heard = await world.receiver.first("status")
    assert (heard.payload["sha"], heard.payload["branches"][0]["name"]) == (sha, "main")


async def test_a_status_of_no_commit_is_refused(world: World) -> None:
    path = f"{REPO}/statuses/{'0' * 40}"
    assert (await world.call("POST", path, {"state": "success"})).status == 422
    sha = world.repository.git("rev-parse", "main")
    path = f"{REPO}/statuses/{sha}"
    assert (await world.call("POST", path, {"state": "done"})).status == 422


async def test_a_run_goes_from_queued_to_completed(world: World) -> None:
    await world.hook("check_run", "check_suite")
    run = await report(world)
    assert (run["status"], run["conclusion"]) == ("queued", None)
    assert (await gate(world))["statusCheckRollup"]["state"] == "PENDING"

    path = f"{REPO}/check-runs/{run['id']}"
    done = (await world.call("PATCH", path, {"conclusion": "failure"})).json
    assert (done["status"], done["conclusion"]) == ("completed", "failure")
    assert done["completed_at"]
    told = await gate(world)
    assert told["statusCheckRollup"]["state"] == "FAILURE"
    assert told["checkSuites"]["nodes"][0]["conclusion"] == "FAILURE"
    completed = await world.receiver.first("check_suite")
    assert completed.payload["check_suite"]["conclusion"] == "failure"
    await world.receiver.until(lambda: len(world.receiver.of("check_run")) == 2)
    actions = {hook.payload["action"] for hook in world.receiver.of("check_run")}
    assert actions == {"created", "completed"}


async def test_the_newest_run_of_a_name_counts(world: World) -> None:
    await report(world, conclusion="failure")
    newest = await report(world, conclusion="neutral")
    path = f"{REPO}/commits/main/check-runs"
    latest = (await world.call("GET", path)).json
    assert [one["id"] for one in latest["check_runs"]] == [newest["id"]]
    assert (await world.call("GET", f"{path}?filter=all")).json["total_count"] == 2
    assert (await gate(world))["statusCheckRollup"]["state"] == "SUCCESS"


async def test_a_run_must_say_how_it_ended(world: World) -> None:
    sha = world.repository.git("rev-parse", "main")
    body = {"head_sha": sha, "name": "test", "status": "completed"}
    assert (await world.call("POST", f"{REPO}/check-runs", body)).status == 422
    body = {"head_sha": "0" * 40, "name": "test"}
    assert (await world.call("POST", f"{REPO}/check-runs", body)).status == 422


async def test_a_workflows_run_is_a_suite_that_knows_what_started_it(
    world: World,
) -> None:
    sha = world.repository.git("rev-parse", "main")
    run = {"head_sha": sha, "name": "deploy", "conclusion": "failure"}
    for more in (
        {"workflow": "CD", "event": "deployment"},
        {"workflow": "CI", "event": "push", "suite_status": "in_progress"},
    ):
        reply = await world.call("POST", "/_sandbox/check-runs", run | more, token=None)
        assert reply.status == 201, reply.raw
    told = await gate(world)
    started = [
        (node["workflowRun"]["event"], node["status"], node["checkRuns"]["totalCount"])
        for node in told["checkSuites"]["nodes"]
    ]
    assert started == [("deployment", "COMPLETED", 1), ("push", "IN_PROGRESS", 1)]
    nodes = told["statusCheckRollup"]["contexts"]["nodes"]
    workflows = [
        node["checkSuite"]["workflowRun"]["workflow"]["name"] for node in nodes
    ]
    assert workflows == ["CD", "CI"]
    suites = (await world.call("GET", f"{REPO}/commits/main/check-suites")).json
    assert suites["total_count"] == 2


async def test_an_apps_own_run_has_no_workflow(world: World) -> None:
    await report(world)
    (suite,) = (await gate(world))["checkSuites"]["nodes"]
    assert suite["workflowRun"] is None
