"""What is promised of every operation, asked of every operation of the description."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from .at_github import AtGitHub, at_github

#: Live events are no document.
ENDLESS = "GET /api/v1/stream/events"
TOO_MUCH = 1024 * 1024 + 1
PORTAL = "https://portal.example.com"
REPO = "/api/v1/repos/{namespace}/{name}"
#: Nobody is asked for a review here.
ABSENT = {f"GET {REPO}/deployments/{{number}}/review"}
NAMES = {"namespace": "octo", "name": "shop", "number": "1", "env": "production"}
QUERIES = {f"{REPO}/environments/{{env}}/preflight": "?type=branch&ref=main"}


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[AtGitHub]:
    """Give the test a deployment, a lock and a tag."""
    limits = {"requests_per_minute": 10**6, "cors_origins": (PORTAL,)}
    async with at_github(tmp_path, **limits) as hub:
        sha = hub.git.commit()
        await hub.deployed(sha, 1)
        hub.git("tag", "v1.0")
        hub.world.github.write("envs:\n- name: production\n")
        yield hub


async def described(hub: AtGitHub) -> dict[str, Any]:
    """The operations that need a token, by method and path."""
    told = await (await hub.world.api.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") != []
    }


def address(hub: AtGitHub, label: str, lock: int = 1) -> tuple[str, str]:
    """The method, and the path with the names of what is there."""
    method, path = label.split(" ")
    sha = hub.git("rev-parse", "HEAD")
    names = NAMES | {"branch": "main", "tag": "v1.0", "sha": sha, "id": str(lock)}
    return method, path.format(**names) + QUERIES.get(path, "")


async def ask(hub: AtGitHub, label: str, lock: int = 1, **more: Any) -> Any:
    method, path = address(hub, label, lock)
    return await hub.world.api.request(method, path, allow_redirects=False, **more)


async def test_each_read_says_when_nothing_has_changed(hub: AtGitHub) -> None:
    locked = await hub.world.post("/locks", {"env": "production"})
    lock = (await locked.json())["id"]
    reads = [
        label
        for label, operation in (await described(hub)).items()
        if "304" in operation["responses"]
    ]
    assert len(reads) > 30
    for label in reads:
        first = await ask(hub, label, lock)
        if label in ABSENT:
            assert first.status == 404, label
            continue
        assert first.status == 200, f"{label}: {await first.text()}"
        same = {"If-None-Match": first.headers["ETag"]}
        again = await ask(hub, label, lock, headers=same)
        assert (again.status, await again.read()) == (304, b""), label
        assert again.headers["ETag"] == first.headers["ETag"]
        long = len(await first.read()) >= 1024
        assert first.headers.get("Content-Encoding") == ("gzip" if long else None)
        plain = await ask(hub, label, lock, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers


async def test_each_body_has_a_limit(hub: AtGitHub) -> None:
    operations = await described(hub)
    taking = [label for label, each in operations.items() if "requestBody" in each]
    assert len(taking) > 15
    before = await hub.world.recorded()
    for label in taking:
        answer = await ask(hub, label, data=BytesIO(b" " * TOO_MUCH))
        told = await answer.json()
        assert (answer.status, told["code"]) == (413, "body_too_large"), label
    assert await hub.world.recorded() == before


async def test_each_write_may_be_repeated(hub: AtGitHub) -> None:
    """The second time nothing is recorded, and the answer is the first one's."""
    operations = await described(hub)
    posts = [label for label in operations if label.startswith("POST ")]
    done = set()
    for label in posts:
        operation = operations[label]
        named = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
        assert "Idempotency-Key" in named, label
        content = operation.get("requestBody", {}).get("content", {})
        body = content["application/json"]["example"] if content else None
        sent: Any = {
            "json": body,
            "headers": {"Idempotency-Key": label.replace(" ", "-")},
        }
        first = await ask(hub, label, **sent)
        before = await hub.world.recorded()
        again = await ask(hub, label, **sent)
        if first.status < 300:
            done.add(label)
            assert await hub.world.recorded() == before, label
            if "tokens" not in label:  # A token is shown once.
                assert again.status == first.status, label
    assert len(done) >= 6, done


@pytest.mark.usefixtures("one_moment")
async def test_each_operation_counts_against_the_limit(tmp_path: Path) -> None:
    async with at_github(tmp_path, requests_per_minute=2) as hub:
        for label in await described(hub):
            for _ in range(3):
                answer = await ask(hub, label)
            told = await answer.json()
            assert (answer.status, told["code"]) == (429, "rate_limited"), label
            assert int(answer.headers["Retry-After"]) > 0


async def test_each_operation_is_for_sites_of_the_settings(hub: AtGitHub) -> None:
    operations = await described(hub)
    for label in (each for each in operations if " /api/" in each):
        method, path = address(hub, label)
        asks = {"Access-Control-Request-Method": method, "Authorization": ""}
        ours = await hub.world.api.options(path, headers={**asks, "Origin": PORTAL})
        assert ours.status == 204, label
        assert method in ours.headers["Access-Control-Allow-Methods"]
        theirs = {**asks, "Origin": "https://evil.example.com"}
        refused = await hub.world.api.options(path, headers=theirs)
        assert "Access-Control-Allow-Origin" not in refused.headers, label
        assert "Access-Control-Allow-Credentials" not in ours.headers
