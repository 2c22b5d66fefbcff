"""A body that can't be read is the client's mistake: 400, and no fault in the log."""

import asyncio
from io import StringIO

import pytest
from aiohttp import web

from shared.process import listening
from shared.web import problem_middleware

from .test_unreadable import written as written

HEAD = b"POST /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


class Reading:
    """A server that reads what it is sent."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.app = web.Application(middlewares=[problem_middleware])
        self.app.router.add_post("/read", self.read)

    async def read(self, request: web.Request) -> web.Response:
        self.begun.set()
        try:
            await request.read()
        finally:
            self.ended.set()
        return web.Response()


async def connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


@pytest.mark.parametrize("body", [b"\x93garbage" * 20, b"\x1f\x8b\x08\x00\xff" * 9])
async def test_what_is_not_compressed_as_it_says_is_400(
    written: StringIO, body: bytes
) -> None:
    async with listening(Reading().app, "127.0.0.1", 0) as url:
        reader, writer = await connected(url)
        said = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        writer.write(HEAD + said + body)
        told = await reader.read()
        writer.close()
    assert told.split(b" ")[1] == b"400"
    assert b"body: it can't be read" in told
    assert "request_failed" not in written.getvalue()
    assert "server_says" not in written.getvalue()


async def test_who_leaves_in_the_middle_is_no_fault(written: StringIO) -> None:
    reading = Reading()
    async with listening(reading.app, "127.0.0.1", 0) as url:
        _, writer = await connected(url)
        writer.write(HEAD + b"Content-Length: 1000\r\n\r\n{")
        await reading.begun.wait()
        writer.close()
        await reading.ended.wait()
    assert "request_failed" not in written.getvalue()
