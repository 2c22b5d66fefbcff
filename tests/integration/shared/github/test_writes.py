"""Writes: sent once, never on their own initiative again, and classified."""

import asyncio
import socket
from datetime import timedelta

import orjson
from aiohttp import web

from shared.github import (
    Ambiguous,
    Created,
    Deleted,
    GitHubClient,
    HookSaved,
    Invalid,
    RateLimited,
    Redirected,
    StatusCreated,
    Timeouts,
    Unreachable,
    WriteBudget,
)

from .conftest import Clock, Connect, GitHub

DEPLOYMENT = {"id": 7, "sha": "a" * 40, "ref": "main"}


async def test_a_deployment_is_created_with_githubs_headers(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(201, DEPLOYMENT)
    outcome = await client.create_deployment("o/r", {"ref": "main"})
    assert isinstance(outcome, Created)
    assert outcome.deployment.id == 7
    (seen,) = github.seen
    assert (seen.method, seen.path) == ("POST", "/api/v3/repos/o/r/deployments")
    assert orjson.loads(seen.body) == {"ref": "main"}
    assert seen.headers["authorization"] == "Bearer secret-token"
    assert seen.headers["accept"] == "application/vnd.github+json"
    assert seen.headers["x-github-api-version"] == "2022-11-28"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"]


async def test_an_empty_201_is_ambiguous(github: GitHub, client: GitHubClient) -> None:
    github.says(201, b"")
    assert isinstance(await client.create_deployment("o/r", {}), Ambiguous)


async def test_trouble_at_github_is_not_answered_by_another_write(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(502, b"<html>").says(201, DEPLOYMENT)
    assert isinstance(await client.create_deployment("o/r", {}), Ambiguous)
    assert len(github.seen) == 1


async def test_no_answer_in_time_is_ambiguous(github: GitHub, connect: Connect) -> None:
    release = asyncio.Event()

    async def late(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response(status=201)

    github.replies.append(late)
    client = connect(timeouts=Timeouts(write=0.05))
    outcome = await client.create_deployment("o/r", {})
    release.set()
    assert outcome == Ambiguous("GitHub did not answer in time")


async def test_a_connection_that_breaks_before_the_answer_is_ambiguous(
    github: GitHub, client: GitHubClient
) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.abort()
        return web.Response()

    github.replies.append(hang_up)
    outcome = await client.create_deployment("o/r", {})
    assert isinstance(outcome, Ambiguous)
    assert len(github.seen) == 1


async def test_a_connection_that_breaks_within_the_answer_is_ambiguous(
    github: GitHub, client: GitHubClient
) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=201, headers={"Content-Length": "900"})
        await response.prepare(request)
        await response.write(b'{"id": 7, "sha": ')
        assert request.transport
        request.transport.close()
        return response

    github.replies.append(half)
    assert isinstance(await client.create_deployment("o/r", {}), Ambiguous)


async def test_a_refused_connection_is_surely_not_sent(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = connect(api_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        outcome = await client.create_deployment("o/r", {})
    assert isinstance(outcome, Unreachable)


async def test_a_host_without_tls_is_surely_not_sent(
    github: GitHub, connect: Connect
) -> None:
    client = connect(api_url=github.url.replace("http:", "https:"))
    assert isinstance(await client.create_deployment("o/r", {}), Unreachable)
    assert github.seen == []


async def test_an_unknown_host_is_surely_not_sent(connect: Connect) -> None:
    client = connect(api_url="http://nowhere.invalid")
    assert isinstance(await client.create_deployment("o/r", {}), Unreachable)


async def test_too_late_to_begin_is_not_sent(
    github: GitHub, client: GitHubClient, clock: Clock
) -> None:
    begin_by = clock() - timedelta(seconds=1)
    outcome = await client.create_deployment("o/r", {}, begin_by=begin_by)
    assert outcome == Unreachable("it is too late to begin")
    assert github.seen == []


async def test_a_redirect_is_told_and_not_followed(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(307, {}, Location="/api/v3/repositories/1/deployments")
    outcome = await client.create_deployment("o/r", {"ref": "main"})
    assert outcome == Redirected("/api/v3/repositories/1/deployments")
    assert github.paths == ["POST /api/v3/repos/o/r/deployments"]


async def test_a_rate_limit_holds_the_next_write_back(
    github: GitHub, client: GitHubClient, clock: Clock
) -> None:
    github.says(403, {"message": "You have exceeded a secondary rate limit."})
    limited = RateLimited(clock() + timedelta(seconds=60), secondary=True)
    assert await client.create_deployment("o/r", {}) == limited
    assert await client.create_status("o/r", 7, {}) == RateLimited(limited.retry_at)
    assert len(github.seen) == 1
    clock.forward(60)
    github.says(201, {"id": 1, "state": "error"})
    outcome = await client.create_status("o/r", 7, {"state": "error"})
    assert isinstance(outcome, StatusCreated)


async def test_the_budget_is_kept(
    github: GitHub, connect: Connect, clock: Clock
) -> None:
    client = connect(budget=WriteBudget(per_minute=60, burst=1, clock=clock))
    github.says(201, DEPLOYMENT)
    await client.create_deployment("o/r", {})
    outcome = await client.create_deployment("o/r", {})
    assert outcome == RateLimited(clock() + timedelta(seconds=1))
    assert len(github.seen) == 1


async def test_a_hook_is_made_changed_and_deleted(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(201, {"id": 4, "events": ["push"]}).says(200, {"id": 4}).says(204, b"")
    made = await client.create_hook("o/r", "https://us/hooks", "s3cret", {"push"})
    assert isinstance(made, HookSaved)
    sent = orjson.loads(github.seen[0].body)
    assert sent["config"]["secret"] == "s3cret"
    assert sent["config"]["content_type"] == "json"
    assert sent["events"] == ["push"]
    changed = await client.update_hook("o/r", 4, "https://us/hooks", "s3cret", ["push"])
    assert isinstance(changed, HookSaved)
    assert await client.delete_hook("o/r", 4) == Deleted()
    assert github.paths[1:] == [
        "PATCH /api/v3/repos/o/r/hooks/4",
        "DELETE /api/v3/repos/o/r/hooks/4",
    ]


async def test_a_refused_status_says_what_is_wrong(
    github: GitHub, client: GitHubClient
) -> None:
    error = {"field": "description", "code": "custom", "message": "is too long"}
    github.says(422, {"message": "Validation Failed", "errors": [error]})
    outcome = await client.create_status("o/r", 7, {"state": "error"})
    assert outcome == Invalid("Validation Failed", (error,))
