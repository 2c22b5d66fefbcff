"""Bad input: the documented status and code, what is wrong, and nothing recorded."""

import json
from functools import reduce
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientSession

from api_gateway.bootstrap import build
from shared.messaging import MemoryBus
from shared.process import listening

from .conftest import TOKEN, FakeGitHub, World, settings_of

REPO = "/api/v1/repos/octo/shop"
#: The first twenty of its digits are a small number.
LONG = "0" * 19 + "1" + "9" * 30
POST = ("POST", f"{REPO}/deployments")
BODY = {"type": "branch", "ref": "main", "env": "production"}
#: A list in a list in a list …
DEEP = reduce(lambda inner, _: [inner], range(20), cast("Any", 1))


def body(**change: Any) -> str:
    return json.dumps({k: v for k, v in (BODY | change).items() if v != "-"})


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ("{", "JSON"),
        ("", "type"),
        ("[]", "body"),
        ('"text"', "body"),
        ("null", "body"),
        (b"\xff\xfe", "JSON"),
        ('{"ref": "\\ud800"}', "JSON"),
        (body(type="-"), "type"),
        (body(type="pull"), "type"),
        (body(type=5), "type"),
        (body(ref="-"), "ref"),
        (body(ref=""), "ref"),
        (body(ref=5), "ref"),
        (body(ref=None), "ref"),
        (body(ref="a b"), "ref"),
        (body(ref="a..b"), "ref"),
        (body(ref="a~1"), "ref"),
        (body(ref="a^{}"), "ref"),
        (body(ref="a:b"), "ref"),
        (body(ref="-a"), "ref"),
        (body(ref="/a"), "ref"),
        (body(ref="a/"), "ref"),
        (body(ref="a//b"), "ref"),
        (body(ref="a.lock"), "ref"),
        (body(ref="a@{1}"), "ref"),
        (body(ref="@"), "ref"),
        (body(ref="a\\b"), "ref"),
        (body(ref="a\u0000b"), "ref"),
        (body(ref="a\nb"), "ref"),
        (body(ref="é" * 128), "ref"),
        (body(type="commit", ref="main"), "ref"),
        (body(env="-"), "env"),
        (body(env=" "), "env"),
        (body(env="a\u0007"), "env"),
        (body(env="e" * 256), "env"),
        (body(env=["a"]), "env"),
        (body(dynamic_payload="x"), "dynamic_payload"),
        (body(dynamic_payload=[1]), "dynamic_payload"),
        (body(dynamic_payload={"a": "x" * 40_000}), "dynamic_payload"),
        (body(dynamic_payload={"a": DEEP}), "dynamic_payload"),
        (body(dynamic_payload={"a": "\0"}), "dynamic_payload"),
        (body(dynamic_payload={"\0": 1}), "dynamic_payload"),
        (body(expected_sha="main"), "expected_sha"),
        (body(expected_sha="abc1234"), "expected_sha"),
        (body(expected_sha="a" * 64 + "a"), "expected_sha"),
        (body(wait_for_checks="yes"), "wait_for_checks"),
        (body(override={}), "override.checks"),
        (body(override={"checks": [], "reason": "r"}), "override.checks"),
        (body(override={"checks": ["frozen"]}), "override.reason"),
        (body(override={"checks": ["frozen"], "reason": " "}), "override.reason"),
        (body(override={"checks": ["frozen"], "reason": "a\0"}), "override.reason"),
        (body(override={"checks": ["ref"], "reason": "r"}), "nobody may override"),
        (body(override={"checks": ["?"], "reason": "r"}), "nobody may override"),
        (body(override={"checks": "frozen", "reason": "r"}), "override.checks"),
        (body(override=True), "override"),
    ],
)
async def test_a_wrong_body_is_explained(
    active: World, sent: str | bytes, named: str
) -> None:
    before = await active.recorded()
    answer = await active.api.request(*POST, data=sent)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid"), problem
    assert named in problem["message"]
    assert problem["status"] == 400
    assert await active.recorded() == before


@pytest.mark.parametrize("declared", [True, False])
async def test_a_large_body_is_refused(active: World, declared: bool) -> None:
    async def chunks() -> Any:
        for _ in range(17):
            yield b" " * 65536

    before = await active.recorded()
    data = BytesIO(b" " * 17 * 65536) if declared else chunks()
    answer = await active.api.request(*POST, data=data)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (413, "body_too_large")
    assert problem["message"] == "The body may have at most 1048576 bytes."
    assert await active.recorded() == before


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é"])
async def test_a_wrong_key_is_explained(active: World, key: str) -> None:
    before = await active.recorded()
    headers = {"Idempotency-Key": key}
    answer = await active.api.request(*POST, data=body(), headers=headers)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert "Idempotency-Key" in problem["message"]
    assert await active.recorded() == before


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{REPO}/deployments?page=0", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?page=x", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?page=99999999999", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments/{LONG}", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?per_page=0", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?per_page=101", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?per_page=-1", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?status=done", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments?env=%00", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments/x", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments/0", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments/99999999999999", 400, "parameter_invalid"),
        ("GET", f"{REPO}/deployments/1?at=2026-01-05T09:00Z", 404, "entity_not_found"),
        ("GET", f"{REPO}/deployments/5", 404, "entity_not_found"),
        ("GET", f"{REPO}/deployments/5/statuses", 404, "entity_not_found"),
        ("GET", f"{REPO}/deployments/5/events", 404, "entity_not_found"),
        ("POST", f"{REPO}/deployments/5/cancel", 404, "entity_not_found"),
        ("GET", "/api/v1/repos/octo/other", 404, "entity_not_found"),
        ("GET", "/api/v1/repos/octo/other/deployments", 404, "entity_not_found"),
        ("GET", "/api/v1/repos/%00/other", 404, "entity_not_found"),
        ("GET", "/api/v1/nothing", 404, "entity_not_found"),
        ("PUT", f"{REPO}/deployments", 405, "method_not_allowed"),
        ("GET", "/api/v1/repos?q=%00", 400, "parameter_invalid"),
    ],
)
async def test_a_wrong_address_is_explained(
    active: World, method: str, path: str, status: int, code: str
) -> None:
    before = await active.recorded()
    answer = await active.api.request(method, path)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (status, code), problem
    assert set(problem) >= {"message", "type", "title", "status", "detail"}
    assert await active.recorded() == before


@pytest.mark.parametrize("name", ["a%00b", "a" * 256, "%20"])
async def test_a_wrong_environment_is_explained(active: World, name: str) -> None:
    answer = await active.api.get(f"{REPO}/environments/{name}")
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert problem["message"] == "env: it must be 1 to 255 printable characters"


@pytest.mark.parametrize("at", ["yesterday", "", "2026-01-05", "2026-01-05T09:00:00"])
async def test_a_wrong_time_is_explained(active: World, at: str) -> None:
    await active.deploy()
    answer = await active.api.get(f"{REPO}/deployments/1", params={"at": at})
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert problem["message"].startswith("at: ")


@pytest.mark.parametrize(
    "reason", [5, None, "x" * 1001, "bell\u0007", ["a"]], ids=lambda r: str(r)[:5]
)
async def test_a_wrong_reason_is_explained(active: World, reason: Any) -> None:
    await active.deploy()
    before = await active.recorded()
    answer = await active.api.post(
        f"{REPO}/deployments/1/cancel", json={"reason": reason}
    )
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert "reason" in problem["message"]
    assert await active.recorded() == before


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({}, "active"),
        ({"active": "yes"}, "active"),
        ({"active": 1}, "active"),
        ({"active": True, "config_path": 7}, "config_path"),
    ],
)
async def test_a_wrong_change_of_a_repository_is_explained(
    active: World, change: dict[str, Any], named: str
) -> None:
    before = await active.recorded()
    answer = await active.api.patch(REPO, json=change)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert named in problem["message"]
    assert await active.recorded() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer é"},
        {"Authorization": "Basic secret-token"},
        {"Authorization": "secret-token"},
        {"Authorization": "", "Cookie": "__sess__=wrong"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        POST,
        ("GET", f"{REPO}/deployments"),
        ("GET", "/api/v1/stream/events"),
        ("GET", "/api/v1/user"),
        ("GET", "/api/v1/nothing"),
    ],
)
async def test_without_the_token_nothing_is_told(
    active: World, headers: dict[str, str], method: str, path: str
) -> None:
    before = await active.recorded()
    answer = await active.api.request(method, path, headers=headers, data=body())
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert await active.recorded() == before


async def test_the_cookie_does_as_well(active: World) -> None:
    headers = {"Authorization": "", "Cookie": "__sess__=secret-token"}
    answer = await active.api.get("/api/v1/user", headers=headers)
    assert answer.status == 200


async def test_health_needs_no_token(world: World) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (
            await world.api.get(path, headers={"Authorization": ""})
        ).status == 200, path


async def test_a_long_address_is_refused_like_anything_else(tmp_path: Path) -> None:
    bus, settings = (
        MemoryBus(queues=["api-gateway"]),
        settings_of(f"sqlite:///{tmp_path}/"),
    )
    service = build(settings, bus=bus, github=FakeGitHub())
    async with (
        listening(service.app(), "127.0.0.1", 0) as url,
        ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        # Not a list, whose header Link repeats the address.
        path = f"{url}/api/v1/user?ignored="
        # A form or a link may be longer than what servers usually take.
        assert (await http.get(path + "x" * 20_000)).status == 200
        refused = await http.get(path + "x" * 40_000)
        problem = await refused.json()
    service.store.close()
    assert (refused.status, problem["code"]) == (414, "parameter_invalid")
    assert problem["message"] == "The address may have at most 32768 bytes."
