"""The client of the gateway: what it sends, what it repeats, and what it says."""

import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gitploy.client import Client, reached
from gitploy.failing import ABSENT, FAILED, FORBIDDEN, UNREACHED, WRONG, CommandError
from gitploy.refusals import Refused

MISSING = {"code": "entity_not_found", "message": "Gone fishing"}


class FakeGateway:
    def __init__(self) -> None:
        self.keys: list[str | None] = []
        #: So many connections are lost before an answer.
        self.loses = 0
        self.answer: tuple[int, Any] = (200, {"fine": True})
        self.headers: dict[str, str] = {}
        self.queries: list[dict[str, str]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        self.queries.append(dict(request.query))
        if self.loses:
            self.loses -= 1
            assert request.transport
            request.transport.abort()
        status, body = self.answer
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        return web.json_response(body, status=status, headers=self.headers)

    async def pages(self, request: web.Request) -> web.Response:
        """Numbers from above; with each page one more comes in at the front."""
        assert request.query["odd"] == "a b"
        size, first = int(request.query["per_page"]), 230 + len(self.queries)
        self.queries.append(dict(request.query))
        below = int(request.query.get("cursor", first))
        numbers = list(range(max(0, below - size), below))[::-1]
        if numbers[-1] == 0:
            return web.json_response(numbers)
        # Wherever it points to, it is asked for here.
        after = request.url.with_host("elsewhere.example").update_query(
            cursor=numbers[-1]
        )
        first_page = f'<{request.url}>; rel="first"'
        link = f'{first_page}, <{after}>; rel="next"'
        return web.json_response(numbers, headers={"Link": link})


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def app(fake: FakeGateway) -> web.Application:
    app = web.Application()
    app.router.add_get("/api/v1/numbers", fake.pages)
    app.router.add_route("*", "/api/v1/{rest:.*}", fake.take)
    return app


@pytest.fixture
async def client(app: web.Application) -> AsyncIterator[Client]:
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with reached(url, "token") as client:
            yield client


async def test_what_is_there_is_read(fake: FakeGateway, client: Client) -> None:
    told = await client.get("/repos", q="shop", env=None, history=True)
    assert told == {"fine": True}
    assert fake.queries == [{"q": "shop", "history": "true"}]


async def test_what_may_be_absent_has_a_stand_in(
    fake: FakeGateway, client: Client
) -> None:
    fake.answer = 404, MISSING
    assert await client.get("/repos/demo/shop", or_else=None) is None


async def test_every_page_is_read(client: Client) -> None:
    assert await client.all("/numbers", odd="a b") == list(range(230))[::-1]


async def test_a_list_that_grows_meanwhile_repeats_nothing(
    fake: FakeGateway, client: Client
) -> None:
    fake.queries.append({})
    numbers = await client.all("/numbers", odd="a b")
    assert numbers == list(range(231))[::-1]
    assert [each.get("cursor") for each in fake.queries[1:]] == [None, "131", "31"]


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    fake: FakeGateway, client: Client
) -> None:
    fake.loses = 1
    assert await client.post("/repos/demo/shop/deployments", {}) == {"fine": True}
    first, second = fake.keys
    assert first
    assert first == second


async def test_every_post_has_a_key_of_its_own(
    fake: FakeGateway, client: Client
) -> None:
    for _ in range(2):
        await client.post("/repos/demo/shop/locks", {})
    assert len({*fake.keys, None}) == 3


async def test_an_answer_that_is_lost_twice_is_not_asked_for_a_third_time(
    fake: FakeGateway, client: Client
) -> None:
    fake.loses = 9
    with pytest.raises(CommandError, match="gives no answer") as ended:
        await client.post("/repos/demo/shop/deployments", {})
    assert len(fake.keys) == 2
    assert ended.value.code == UNREACHED


async def test_what_has_no_key_is_not_repeated(
    fake: FakeGateway, client: Client
) -> None:
    fake.loses = 9
    with pytest.raises(CommandError):
        await client.patch("/repos/demo/shop/locks/1", {})
    assert fake.keys == [None]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, WRONG, ""),
        (401, FORBIDDEN, "gitploy login"),
        (403, FORBIDDEN, "Ask an administrator"),
        (404, ABSENT, "may not see it"),
        (422, FAILED, ""),
        (429, UNREACHED, "Try again in 7 s."),
        (503, UNREACHED, "Try again in 7 s."),
        (500, UNREACHED, "Try again in 7 s."),
        (302, FAILED, "moved to"),
    ],
)
async def test_each_refusal_has_its_exit_code_and_says_what_to_do(
    fake: FakeGateway, client: Client, status: int, code: int, said: str
) -> None:
    codes = {403: "permission_required"}
    fake.answer = status, {"code": codes.get(status), "message": "It is so"}
    fake.headers = {"Retry-After": "7"} if status in {429, 503} else {}
    with pytest.raises(Refused, match=r"It is so\.") as ended:
        await client.get("/repos")
    assert ended.value.code == code
    if status != 500:
        assert said in " ".join(ended.value.more)


async def test_what_was_said_is_not_said_twice(
    fake: FakeGateway, client: Client
) -> None:
    fake.answer = 429, {"message": "Too many requests: try again in 7 s."}
    fake.headers = {"Retry-After": "7"}
    with pytest.raises(Refused) as ended:
        await client.get("/repos")
    assert ended.value.more == []


async def test_whoever_asks_for_a_new_repository_is_told_how_it_begins(
    fake: FakeGateway, client: Client
) -> None:
    said = "Gitploy does not know the repository demo/new."
    fake.answer = 404, {"code": "entity_not_found", "message": said}
    with pytest.raises(Refused) as ended:
        await client.get("/repos/demo/new/deployments")
    assert "gitploy repo activate demo/new" in " ".join(ended.value.more)


async def test_a_refused_deployment_lists_its_checks(
    fake: FakeGateway, client: Client
) -> None:
    why = {"code": "locked", "state": "failed", "message": "ada has locked it."}
    other = {"code": "frozen", "state": "failed", "message": "It is frozen."}
    good = {"code": "ref", "state": "passed", "message": "Found."}
    fake.answer = 422, {
        "code": "deployment_locked", "message": "ada has locked it.", "number": 7,
        "checks": [good, why, other],
    }  # fmt: skip
    with pytest.raises(Refused) as ended:
        await client.post("/repos/demo/shop/deployments", {})
    assert ended.value.more == [
        "frozen: It is frozen.",
        "`gitploy explain demo/shop 7` says more.",
    ]


async def test_an_answer_of_somebody_else_is_said_so(
    fake: FakeGateway, client: Client
) -> None:
    fake.answer = 200, "<h1>Welcome</h1>"
    with pytest.raises(CommandError, match="Is it the gateway"):
        await client.get("/repos")


async def test_a_token_that_can_be_none_is_said_so() -> None:
    with pytest.raises(CommandError, match="token"):
        async with reached("http://127.0.0.1:9", "one\ntwo") as client:
            await client.get("/user")


async def test_the_proxy_of_the_environment_is_asked(
    fake: FakeGateway, app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.router.add_route("*", "/{rest:.*}", fake.take)
    async with TestServer(app) as proxy:
        monkeypatch.setenv("http_proxy", str(proxy.make_url("")))
        monkeypatch.setenv("no_proxy", "elsewhere.example")
        async with reached("http://gitploy.invalid", "token") as client:
            assert await client.get("/user") == {"fine": True}


async def test_who_vouches_for_the_gateway_can_be_named(
    app: web.Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = TestServer(app)
    await server.start_server(ssl=context)
    try:
        url = str(server.make_url("")).rstrip("/")
        async with reached(url, "token") as client:
            with pytest.raises(CommandError, match="SSL_CERT_FILE") as ended:
                await client.get("/user")
        assert ended.value.code == UNREACHED
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with reached(url, "token") as client:
            assert await client.get("/user") == {"fine": True}
    finally:
        await server.close()
