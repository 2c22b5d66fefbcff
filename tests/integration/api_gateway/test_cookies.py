"""What GitHub gives one caller as a cookie is not sent for another."""

from datetime import timedelta
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api_gateway.bootstrap import build
from shared.messaging import MemoryBus
from shared.testing import FakeClock

from .conftest import settings_of
from .others import TOKEN
from .people_at_github import bearer, folder

LIMIT = {"limit": 5000, "remaining": 4999, "reset": 1_900_000_000}


async def test_cookies_of_github_are_not_kept(tmp_path: Path) -> None:
    sent: list[str | None] = []

    async def rate_limit(request: web.Request) -> web.Response:
        sent.append(request.headers.get("Cookie"))
        body = {"resources": {"core": LIMIT}, "rate": LIMIT}
        answer = web.json_response(body)
        answer.set_cookie("_gh_sess", "somebody")
        return answer

    github = web.Application()
    github.router.add_get("/rate_limit", rate_limit)
    # By its number a host gets no cookies anyway.
    async with TestServer(github, host="localhost") as server:
        url = str(server.make_url("")).rstrip("/")
        clock = FakeClock()
        settings = settings_of(folder(tmp_path), github_api_url=url)
        bus = MemoryBus(queues=["api-gateway"], clock=clock)
        service = build(settings, bus=bus, clock=clock)
        async with TestClient(TestServer(service.app())) as api:
            for _ in range(2):
                path = "/api/v1/user/rate-limit"
                answer = await api.get(path, headers=bearer(TOKEN))
                assert answer.status == 200, await answer.text()
                clock.advance(timedelta(minutes=1))
        service.store.close()
    assert sent == [None, None]
