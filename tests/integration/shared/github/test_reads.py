"""Reads: conditional, paged, repeated only where the caller wants it."""

import orjson
import pytest

from shared.github import (
    GitHubClient,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRejected,
    GitHubUnauthorized,
    GitHubUnavailable,
    TokenAuth,
)

from .conftest import Connect, GitHub

REPOSITORY = {"id": 1, "full_name": "o/r", "default_branch": "main", "x": [1]}
ERRORS = [
    (401, GitHubUnauthorized),
    (403, GitHubForbidden),
    (404, GitHubNotFound),
    (422, GitHubRejected),
    (429, GitHubRateLimited),
    (500, GitHubUnavailable),
    (503, GitHubUnavailable),
]


async def test_a_repository_is_read_by_name_or_id(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, REPOSITORY).says(200, REPOSITORY)
    assert (await client.get_repository("o/r")).default_branch == "main"
    assert (await client.get_repository(1)).full_name == "o/r"
    assert github.paths == ["GET /api/v3/repos/o/r", "GET /api/v3/repositories/1"]


async def test_a_renamed_repository_is_found(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(301, {}, Location="/api/v3/repositories/1").says(200, REPOSITORY)
    assert (await client.get_repository("old/name")).full_name == "o/r"


@pytest.mark.parametrize("name", ["r", "", "/r", "o/", "../r", "o/.."])
async def test_what_is_no_repositorys_name_is_not_asked_for(
    github: GitHub, client: GitHubClient, name: str
) -> None:
    with pytest.raises(ValueError, match="owner/name"):
        await client.get_repository(name)
    assert github.seen == []


async def test_no_name_leaves_its_place_in_the_address(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(404)
    with pytest.raises(GitHubNotFound):
        await client.get_repository("o/r?x=1#{id}/../hooks")
    assert github.paths == ["GET /api/v3/repos/o/r%3Fx%3D1%23%7Bid%7D%2F..%2Fhooks"]


async def test_what_somebody_may_do(github: GitHub, client: GitHubClient) -> None:
    ann = {"id": 7, "login": "ann", "type": "User"}
    github.says(200, {"permission": "write", "role_name": "maintain", "user": ann})
    told = await client.get_collaboration("o/r", "Ann")
    assert told.user
    assert (told.permission, told.user.id, told.user.login) == ("write", 7, "ann")
    assert github.paths == ["GET /api/v3/repos/o/r/collaborators/Ann/permission"]


async def test_a_teams_members(github: GitHub, client: GitHubClient) -> None:
    more = '</api/v3/orgs/o/teams/ops/members?page=2>; rel="next"'
    github.says(200, [{"id": 7, "login": "ann"}], Link=more)
    github.says(200, [{"id": 8, "login": "bob"}])
    members = client.list_team_members("o", "ops", repo="o/r")
    assert [member.id async for member in members] == [7, 8]
    assert github.paths == ["GET /api/v3/orgs/o/teams/ops/members"] * 2
    assert [seen.query for seen in github.seen] == [{"per_page": "100"}, {"page": "2"}]


async def test_no_login_leaves_its_place_in_the_address(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(404)
    with pytest.raises(GitHubNotFound):
        await client.get_collaboration("o/r", "a/../{id}?")
    path = "GET /api/v3/repos/o/r/collaborators/a%2F..%2F%7Bid%7D%3F/permission"
    assert github.paths == [path]
    for login in ("", ".", ".."):
        with pytest.raises(ValueError, match="nothing that is called"):
            await client.get_collaboration("o/r", login)


@pytest.mark.parametrize(("status", "error"), ERRORS)
async def test_what_goes_wrong_is_raised_by_kind(
    github: GitHub, client: GitHubClient, status: int, error: type[Exception]
) -> None:
    github.says(status, {"message": "Because."})
    with pytest.raises(error):
        await client.get_repository("o/r")
    assert len(github.seen) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": "x"}'])
async def test_an_unreadable_answer_is_no_answer(
    github: GitHub, client: GitHubClient, body: bytes
) -> None:
    github.says(200, body)
    with pytest.raises(GitHubUnavailable, match="can't be read"):
        await client.get_repository("o/r")


async def test_an_unchanged_answer_is_confirmed_not_repeated(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, REPOSITORY, ETag='"v1"').says(304, b"")
    first = await client.get_repository("o/r")
    assert await client.get_repository("o/r") == first
    assert "if-none-match" not in github.seen[0].headers
    assert github.seen[1].headers["if-none-match"] == '"v1"'


async def test_another_address_or_token_has_answers_of_its_own(
    github: GitHub, connect: Connect
) -> None:
    one, other = connect(), connect(auth=TokenAuth("another"))
    for _ in range(3):
        github.says(200, REPOSITORY, ETag='"v1"')
    await one.get_repository("o/r")
    await one.get_repository("o/s")
    await other.get_repository("o/r")
    assert not any("if-none-match" in seen.headers for seen in github.seen)


async def test_pages_are_read_to_the_end(github: GitHub, client: GitHubClient) -> None:
    following = "/api/v3/repositories/1/deployments/7/statuses?page=2"
    link = f'<{github.url.removesuffix("/api/v3")}{following}>; rel="next"'
    github.says(200, [{"id": 2, "state": "success"}], Link=link)
    github.says(200, [{"id": 1, "state": "queued"}])
    statuses = await client.list_statuses("o/r", 7)
    assert [status.id for status in statuses] == [2, 1]
    assert github.seen[0].query == {"per_page": "100"}
    assert github.seen[1].path == following.partition("?")[0]
    assert github.seen[1].query == {"page": "2"}


async def test_only_the_pages_that_are_wanted_are_read(
    github: GitHub, client: GitHubClient
) -> None:
    link = f'<{github.url}/more>; rel="next"'
    github.says(200, [{"id": 7, "sha": "a" * 40}], Link=link)
    found = client.list_deployments("o/r", environment="a b/c", task="deploy", sha="x")
    async for deployment in found:
        assert deployment.id == 7
        break
    (seen,) = github.seen
    assert seen.query == {
        "per_page": "100",
        "environment": "a b/c",
        "task": "deploy",
        "sha": "x",
    }


async def test_no_page_is_asked_of_another_host(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, [], Link='<http://127.0.0.2:1/x>; rel="next"')
    with pytest.raises(GitHubUnavailable, match="another host"):
        await client.list_hooks("o/r")


async def test_a_delivery_is_read_with_its_request(
    github: GitHub, client: GitHubClient
) -> None:
    listed = {"id": 5, "guid": "g", "event": "push", "status": "Invalid HTTP Response"}
    github.says(200, [listed])
    request = {"headers": {"X-GitHub-Event": "push"}, "payload": {"ref": "x"}}
    github.says(200, {**listed, "status": "OK", "request": request})
    (delivery,) = [d async for d in client.list_hook_deliveries("o/r", 4, "failure")]
    assert not delivery.arrived
    whole = await client.get_hook_delivery("o/r", 4, delivery.id)
    assert whole.arrived
    assert whole.request is not None
    assert whole.request.payload == {"ref": "x"}
    assert github.seen[0].query == {"per_page": "100", "status": "failure"}
    assert github.seen[1].path == "/api/v3/repos/o/r/hooks/4/deliveries/5"


async def test_a_hook_is_read_with_its_events(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, {"id": 4, "active": False, "events": ["push"]})
    hook = await client.get_hook(7, 4)
    assert (hook.active, hook.events) == (False, ("push",))
    assert github.seen[0].path == "/api/v3/repositories/7/hooks/4"


async def test_graphql_has_an_address_of_its_own(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(200, {"data": {"viewer": {"login": "me"}}})
    answer = await client.graphql("query Q($a: Int) { viewer }", {"a": 1})
    assert answer.data == {"viewer": {"login": "me"}}
    assert github.paths == ["POST /api/graphql"]
    sent = orjson.loads(github.seen[0].body)
    assert sent == {"query": "query Q($a: Int) { viewer }", "variables": {"a": 1}}


async def test_every_call_is_told_to_the_metrics(
    github: GitHub, connect: Connect
) -> None:
    calls: list[tuple[str, str, int]] = []
    client = connect(
        on_call=lambda method, route, status, _: calls.append((method, route, status))
    )
    github.says(200, {"id": 7, "sha": "a" * 40}).says(204, b"")
    await client.get_deployment("o/r", 7)
    await client.delete_hook("o/r", 4)
    assert calls == [
        ("GET", "/repos/{repo}/deployments/{id}", 200),
        ("DELETE", "/repos/{repo}/hooks/{id}", 204),
    ]
