"""The page that shows the description, and the files it needs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api_gateway.openapi import Assets, Published
from shared.web import problem_middleware

Api = TestClient[Any, Any]
CSS = "swagger-ui-dist/swagger-ui.css"
BUNDLE = "swagger-ui-dist/swagger-ui-bundle.js"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give the test a folder in which the packages seem to be."""
    for name in (CSS, BUNDLE):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"/* {name} */")
    return tmp_path


@pytest.fixture
async def api(home: Path) -> AsyncIterator[Api]:
    app = web.Application(middlewares=[problem_middleware])
    app.add_routes(Published([], Assets(home)).routes())
    async with TestClient(TestServer(app)) as api:
        yield api


async def test_it_takes_nothing_from_elsewhere(api: Api, home: Path) -> None:
    answer = await api.get("/docs/api")
    text = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "://" not in text
    for url in (Assets(home).url(CSS), Assets(home).url(BUNDLE), "/docs/api.js"):
        assert url in text
        assert (await api.get(url)).status == 200


async def test_a_file_may_be_kept_because_its_address_tells_its_content(
    api: Api, home: Path
) -> None:
    answer = await api.get(Assets(home).url(CSS))
    assert await answer.text() == f"/* {CSS} */"
    assert answer.content_type == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["0/swagger-ui-dist/swagger-ui.css", "../pyproject.toml", "%2e%2e/x", "x"],
)
async def test_other_files_are_not_there(api: Api, path: str) -> None:
    assert (await api.get(f"/assets/{path}")).status == 404


async def test_without_the_package_it_says_so(tmp_path: Path) -> None:
    app = web.Application()
    app.add_routes(Published([], Assets(tmp_path / "empty")).routes())
    async with TestClient(TestServer(app)) as api:
        answer = await api.get("/docs/api")
        assert answer.status == 503
        assert "make assets" in await answer.text()


def test_the_set_up_has_installed_it() -> None:
    assert Assets().complete
