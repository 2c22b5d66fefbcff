"""GraphQL is parsed and executed; its errors are GitHub's."""

import os
import subprocess
from typing import Any

from .world import NAME, World

REPOSITORY = "repository(owner: $owner, name: $name)"


async def ask(world: World, fields: str, **variables: Any) -> Any:
    owner, name = NAME.split("/")
    query = f"query($owner: String!, $name: String!) {{ {fields} }}"
    told = {"owner": owner, "name": name, **variables}
    reply = await world.call("POST", "/graphql", {"query": query, "variables": told})
    assert reply.status == 200
    return reply.json


def commit(world: World, message: str, date: str) -> None:
    """Commit as if it were another day."""
    told = ["git", "-C", str(world.repository.path), "commit", "-q", "--allow-empty"]
    name = {"GIT_AUTHOR_NAME": "Mona", "GIT_AUTHOR_EMAIL": "mona@example.com"}
    name |= {k.replace("AUTHOR", "COMMITTER"): v for k, v in name.items()}
    environ = os.environ | name | {"GIT_COMMITTER_DATE": f"{date}T00:00:00Z"}
    subprocess.run([*told, "-m", message], check=True, env=environ)


async def test_refs_objects_and_files(world: World) -> None:
    sha = world.repository.commit("deploy.yml", "envs: []\n")
    world.repository.git("tag", "-a", "v1", "-m", "One")
    world.repository.git("tag", "-a", "v2", "v1", "-m", "A tag of a tag")
    told = await ask(
        world,
        REPOSITORY
        + """{ databaseId
        defaultBranchRef { name target { oid ... on Commit {
          file(path: "deploy.yml") { object { ... on Blob { text } } } } } }
        branch: ref(qualifiedName: "refs/heads/main") { name prefix target { oid } }
        none: ref(qualifiedName: "refs/heads/none") { name }
        object(expression: "v2") { __typename oid ... on Tag { name target {
          __typename ... on Tag { name target { __typename oid } } } } }
        file: object(expression: "main:deploy.yml") { ... on Blob { byteSize } }
        refs(refPrefix: "refs/tags/", first: 1) { totalCount nodes { name }
          pageInfo { hasNextPage } } }""",
    )
    repository = told["data"]["repository"]
    by_number = f"/repositories/{repository['databaseId']}"
    assert (await world.call("GET", by_number)).json["full_name"] == NAME
    head = repository["defaultBranchRef"]
    assert head["target"]["oid"] == sha
    assert head["target"]["file"]["object"]["text"] == "envs: []\n"
    assert repository["branch"]["prefix"] == "refs/heads/"
    assert repository["none"] is None
    nested = repository["object"]["target"]["target"]
    assert nested == {"__typename": "Commit", "oid": sha}
    assert repository["file"]["byteSize"] == 9
    assert repository["refs"] == {
        "totalCount": 2,
        "nodes": [{"name": "v1"}],
        "pageInfo": {"hasNextPage": True},
    }


async def test_tags_are_ordered_by_the_dates_of_their_commits(world: World) -> None:
    git = world.repository.git
    for tag, date in (("b", "2030-01-03"), ("c", "2030-01-01"), ("a", "2030-01-02")):
        commit(world, tag, date)
        git("tag", "-a", tag, "-m", tag)
    order = "orderBy: {field: TAG_COMMIT_DATE, direction: DESC}"
    fields = f'{{ refs(refPrefix: "refs/tags/", first: 2, {order}) {{ nodes {{ name }}'
    told = await ask(world, f"{REPOSITORY}{fields} pageInfo {{ hasNextPage }} }} }}")
    refs = told["data"]["repository"]["refs"]
    assert [node["name"] for node in refs["nodes"]] == ["b", "a"]
    assert refs["pageInfo"] == {"hasNextPage": True}


async def test_a_branch_is_compared_with_the_default_branch(world: World) -> None:
    world.repository.branch("topic")
    topic = world.repository.commit("topic.txt")
    world.repository.git("checkout", "-q", "main")
    world.repository.commit("main.txt")
    fields = """{ defaultBranchRef { compare(headRef: "%s") {
        status aheadBy behindBy headTarget { oid } } } }"""
    for head in ("topic", topic, "octo:topic"):
        told = await ask(world, REPOSITORY + fields % head)
        assert told["data"]["repository"]["defaultBranchRef"]["compare"] == {
            "status": "DIVERGED",
            "aheadBy": 1,
            "behindBy": 1,
            "headTarget": {"oid": topic},
        }
    told = await ask(world, REPOSITORY + fields % "nowhere")
    assert told["data"]["repository"]["defaultBranchRef"]["compare"] is None


async def test_deployments_and_their_latest_status(world: World) -> None:
    old = await world.deploy(payload="text", environment="staging")
    new = await world.deploy(payload={"a": 1})
    await world.post_status(new["id"], "success", log_url="https://logs.example")
    fields = """{ deployments(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) {
        totalCount nodes { databaseId state payload latestStatus { state logUrl } } }
        staging: deployments(environments: ["staging"], first: 5) {
          nodes { databaseId state payload latestStatus { state } } } }"""
    told = (await ask(world, REPOSITORY + fields))["data"]["repository"]
    assert told["deployments"]["totalCount"] == 2
    assert told["deployments"]["nodes"] == [
        {
            "databaseId": new["id"],
            "state": "ACTIVE",
            "payload": '{"a":1}',
            "latestStatus": {"state": "SUCCESS", "logUrl": "https://logs.example"},
        }
    ]
    assert told["staging"]["nodes"] == [
        {
            "databaseId": old["id"],
            "state": "PENDING",
            "payload": "text",
            "latestStatus": None,
        }
    ]


async def test_pages_follow_a_cursor(world: World) -> None:
    made = [(await world.deploy())["id"] for _ in range(3)]
    fields = """{ deployments(first: 2 %s) {
        nodes { databaseId } pageInfo { endCursor hasNextPage } } }"""
    first = (await ask(world, REPOSITORY + fields % ""))["data"]["repository"]
    cursor = first["deployments"]["pageInfo"]["endCursor"]
    after = f', after: "{cursor}"'
    second = (await ask(world, REPOSITORY + fields % after))["data"]["repository"]
    pages = [page["deployments"]["nodes"] for page in (first, second)]
    assert [node["databaseId"] for page in pages for node in page] == made
    assert not second["deployments"]["pageInfo"]["hasNextPage"]


async def test_a_list_without_bounds_is_refused(world: World) -> None:
    for bounds, kind in (
        ("(last: 101)", "EXCESSIVE_PAGINATION"),
        ("", "MISSING_PAGINATION_BOUNDARIES"),
    ):
        told = await ask(
            world, REPOSITORY + f"{{ deployments{bounds} {{ totalCount }} }}"
        )
        assert told["errors"][0]["type"] == kind


async def test_what_cannot_be_answered_says_why_with_status_200(world: World) -> None:
    told = await ask(world, REPOSITORY + "{ name }", name="other")
    assert told["data"] == {"repository": None}
    (error,) = told["errors"]
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository"])
    unknown = await ask(world, REPOSITORY + "{ surprise }")
    assert "surprise" in unknown["errors"][0]["message"]
    assert "data" not in unknown
    broken = await world.call("POST", "/graphql", {"query": "{"})
    assert broken.json["errors"]
    assert (await world.call("POST", "/graphql", {})).status == 400


async def test_the_viewer_and_the_limit(world: World) -> None:
    told = await ask(world, REPOSITORY + "{ id } viewer { login } rateLimit { cost }")
    assert told["data"]["viewer"]["login"] == "mona"
    assert told["data"]["rateLimit"]["cost"] == 1
