"""What a client has already, what is made small, and who else may see it."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.web import ApiError, Origins, caching, problem_middleware

PORTAL = "https://portal.example.com"
LONG = b'"' + b"x" * 2000 + b'"'


async def show(request: web.Request) -> web.Response:
    """Answer as the path says."""
    match request.match_info["what"]:
        case "long":
            told = {"Link": "<x>; rel=next", "X-Gitploy-Stale": "github_unavailable"}
            return web.Response(body=LONG, headers=told)
        case "wrong":
            raise ApiError(422, "entity_unprocessable", "No.")
        case what:
            return web.Response(text=f'"{what}"', content_type="application/json")


async def stream(request: web.Request) -> web.StreamResponse:
    """Say something bit by bit."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(LONG)
    return response


@pytest.fixture
async def api() -> AsyncIterator[TestClient[Any, Any]]:
    """Give the test a server that says the same again and again."""
    origins = Origins([PORTAL], "/api/")
    app = web.Application(
        middlewares=[problem_middleware, origins.middleware, caching("/api/")]
    )
    app.on_response_prepare.append(origins.permit)
    app.add_routes(
        [
            web.get("/api/stream", stream),
            web.get("/api/{what}", show),
            web.post("/api/{what}", show),
            web.get("/{what}", show),
        ]
    )
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        yield client


async def test_what_has_not_changed_is_not_sent_again(
    api: TestClient[Any, Any],
) -> None:
    first = await api.get("/api/long")
    assert first.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    again = await api.get("/api/long", headers=known)
    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    # What they say may have changed, though the rest has not.
    for name in ("Link", "Vary", "X-Gitploy-Stale"):
        assert again.headers[name] == first.headers[name]
    other = await api.get("/api/short", headers=known)
    assert (other.status, await other.text()) == (200, '"short"')


@pytest.mark.parametrize(
    "known", ['W/"nope", {}', "{}", "*", '"strong-nope", {}, W/"x"']
)
async def test_one_of_several_tags_is_enough(
    api: TestClient[Any, Any], known: str
) -> None:
    tag = (await api.get("/api/short")).headers["ETag"]
    again = await api.get("/api/short", headers={"If-None-Match": known.format(tag)})
    assert again.status == 304


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/short"), ("GET", "/api/wrong"), ("GET", "/short")],
)
async def test_only_reads_of_the_api_that_succeed_have_a_tag(
    api: TestClient[Any, Any], method: str, path: str
) -> None:
    answer = await api.request(method, path, headers={"If-None-Match": "*"})
    assert answer.status in (200, 422)
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "small"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("br", False),
        ("identity", False),
    ],
)
async def test_what_is_long_is_compressed_for_who_takes_it(
    api: TestClient[Any, Any], accepted: str, small: bool
) -> None:
    answer = await api.get("/api/long", headers={"Accept-Encoding": accepted})
    body = await answer.read()
    assert (answer.headers.get("Content-Encoding") == "gzip") is small
    assert (gzip.decompress(body) if small else body) == LONG
    assert "Accept-Encoding" in answer.headers.getall("Vary")


async def test_what_is_short_or_comes_bit_by_bit_is_not(
    api: TestClient[Any, Any],
) -> None:
    for path in ("/api/short", "/api/stream"):
        answer = await api.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers


async def test_a_site_of_the_settings_may_ask_and_see(
    api: TestClient[Any, Any],
) -> None:
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
    allowed = await api.options("/api/short", headers=asked)
    assert allowed.status == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Idempotency-Key" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    for path in ("/api/short", "/api/wrong", "/api/stream"):
        answer = await api.get(path, headers={"Origin": PORTAL})
        assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
        assert "Link" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/api/short", "https://evil.example.com"),
        ("/api/short", f"{PORTAL}.evil.example.com"),
        ("/short", PORTAL),
    ],
)
async def test_another_site_may_not(
    api: TestClient[Any, Any], path: str, origin: str
) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert (await api.options(path, headers=asked)).status == 405
    answer = await api.get(path, headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers
