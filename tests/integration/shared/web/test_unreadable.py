"""What is no HTTP is answered, and nothing of it is in the log."""

import asyncio
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from aiohttp import web

from shared.observability import configure
from shared.process import listening
from shared.web import server_log

SECRET = b"gitploy_secret"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Give the test what the process has logged."""
    file = StringIO()
    configure(style="json", file=file)
    yield file
    structlog.reset_defaults()


async def answer_to(url: str, head: bytes) -> bytes:
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    told = await reader.read()
    writer.close()
    return told


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nAuthorization: Bearer " + SECRET + b"\0",
        b"GET / HTTP/1.1\r\nAuthorization: Bearer " + SECRET + b"a" * 10_000,
        b"GET /?token=" + SECRET + b"\xff HTTP/1.1",
        b"GET / HTTP/1.1\r\nContent-Length: " + SECRET,
    ],
    ids=range(4),
)
async def test_no_secret_is_logged(
    written: StringIO, capfd: pytest.CaptureFixture[str], head: bytes
) -> None:
    async with listening(web.Application(), "127.0.0.1", 0) as url:
        assert (await answer_to(url, head)).split(b" ")[1] == b"400"
    said = written.getvalue() + "".join(capfd.readouterr())
    assert '"event": "request_unreadable"' in said
    assert SECRET.decode() not in said
    assert "Traceback" not in said


def test_what_else_the_server_says_is_logged(written: StringIO) -> None:
    bug = RuntimeError("A bug.")
    server_log().error("Error handling request from %s", "1.2.3.4", exc_info=bug)
    assert '"exc_type": "RuntimeError"' in written.getvalue()
    assert '"level": "error"' in written.getvalue()
    assert "Error handling request from 1.2.3.4" in written.getvalue()
