"""A port that was found free: nobody else finds it, and its server gets it."""

import asyncio
import subprocess
import sys

import pytest

from gitploy.local import kept
from gitploy.local.kept import free_port

#: Looks for free ports until it has found one.
LOOK = """
import sys
from gitploy.local import kept
kept.PORTS = [int(port) for port in sys.argv[1:]]
print(kept.free_port())
"""


def test_who_looks_next_finds_another(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = free_port(), spare_port()
    monkeypatch.setattr(kept, "PORTS", [first, second])
    assert free_port() == second


def test_another_process_finds_another() -> None:
    first, second = free_port(), spare_port()
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(first), str(second)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(done.stdout) == second


async def test_a_server_listens_where_the_port_is_held() -> None:
    port = free_port()
    async with await asyncio.start_server(hang_up, "127.0.0.1", port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        writer.close()


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def spare_port() -> int:
    """One that is free, and that nobody holds."""
    port = free_port()
    kept._held.pop().close()
    return port
