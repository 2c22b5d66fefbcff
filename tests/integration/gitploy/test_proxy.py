"""The command behind a proxy, at a gateway whose authority is one's own."""

import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

HOST = "gitploy.example"


@dataclass
class Proxy:
    """It leads everybody to one port, whatever name they ask for."""

    leads_to: int
    asked: list[str] = field(default_factory=list)
    address: str = ""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().split("\r\n")[0])
        there, away = await asyncio.open_connection("127.0.0.1", self.leads_to)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pumped(reader, away), pumped(there, writer))


async def pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
    writer.close()


def authority(folder: Path) -> tuple[Path, Path]:
    """A certificate for the host, and its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=test",
         "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[Proxy]:
    async def repositories(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer t0ken"
        return web.json_response([])

    app = web.Application()
    app.router.add_get("/api/v1/repos", repositories)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority(tmp_path))
    gateway = TestServer(app)
    await gateway.start_server(ssl=context)
    known = Proxy(gateway.port or 0)
    server = await asyncio.start_server(known.serve, "127.0.0.1", 0)
    known.address = "http://{}:{}".format(*server.sockets[0].getsockname())
    try:
        yield known
    finally:
        server.close()
        await gateway.close()


async def listed(**environment: str) -> tuple[int | None, str]:
    """How `gitploy repo list` ends, and what it says to people."""
    bare = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    as_somebody = {"GITPLOY_SERVER_HOST": HOST, "GITPLOY_TOKEN": "t0ken"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gitploy", "repo", "list",
        env=bare | as_somebody | environment,
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_proxy_and_authority_are_those_of_the_environment(
    proxy: Proxy, tmp_path: Path
) -> None:
    trusting = {"SSL_CERT_FILE": str(tmp_path / "cert.pem")}
    code, said = await listed(HTTPS_PROXY=proxy.address, **trusting)
    assert (code, said.partition(":")[0]) == (0, "Gitploy knows no repository yet")
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]


async def test_an_authority_that_nobody_named_is_not_trusted(proxy: Proxy) -> None:
    code, said = await listed(HTTPS_PROXY=proxy.address)
    assert code == 5
    assert "SSL_CERT_FILE" in said


async def test_a_proxy_that_is_away_is_named() -> None:
    code, said = await listed(HTTPS_PROXY="http://127.0.0.1:9")
    assert code == 5
    assert "the proxy 127.0.0.1:9 can't be reached" in said
