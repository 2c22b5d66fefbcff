"""Live events: how long from a webhook to everybody who listens.

1,000 clients follow the gateway's stream over a connection each. Signed webhooks go to
status-sync one after the other, each when everybody has seen the last; the time is
taken from the sending to each client's last byte. Services, broker, database, clients
and the sender share the machine. Beside it: the same clients at a server that writes an
event's bytes to all of them and does nothing else.
"""

import asyncio
import statistics
import time
from pathlib import Path

from gitploy.local.kept import free_port
from tests.acceptance.system import (
    API_TOKEN,
    GATEWAY,
    REPOSITORY,
    STATUS_SYNC,
    System,
)

from . import payloads
from .load import per_second
from .processes import running

CLIENTS, WEBHOOKS = (1, 100, 1_000), 50
GOAL_MS = 100
#: By this an event is known, and so it ends.
EVENT, END = b"event: deployment_status\n", b"\n\n"
TELL = b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
#: By then all listen.
SETTLED_S = 3
WITHIN_S = 30


class Listener(asyncio.Protocol):
    """Notes when each event's last byte was there."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.told = asyncio.Event()
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *blocks, self._rest = (self._rest + data).split(END)
        # What the stream begins with, and its heartbeats, are none.
        if seen := sum(EVENT in block for block in blocks):
            self.times += [time.monotonic()] * seen
            self.told.set()


def measure(system: System) -> list[str]:
    """Lines for people: one for each number of clients, and one of writing alone."""
    number = system.deploy(env="staging").json()["number"]
    github_deployment_id = system.ends(number, "created")["uid"]
    repo_id = system.github.get(f"/repos/{REPOSITORY}").json()["id"]
    ports = system.ports[GATEWAY], system.ports[STATUS_SYNC]
    lines = []
    for round_, clients in enumerate(CLIENTS):
        webhooks = [
            payloads.status_webhook(
                github_deployment_id,
                1_000_000 * (round_ + 1) + n,
                "in_progress",
                repo_id,
            )
            for n in range(WEBHOOKS)
        ]
        times = asyncio.run(_fan_out(*ports, clients, webhooks))
        lines.append(_line(f"{clients:>5} clients", times, clients))
    lines.append(_line("writes only", _writes_only(system.dir), CLIENTS[-1]))
    return [*lines, f"goal: p99 within {GOAL_MS} ms for {CLIENTS[-1]} clients"]


def _line(what: str, times: list[float], clients: int) -> str:
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    return (
        f"{what}: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
        f"{len(times)} of {clients * WEBHOOKS} events arrived"
    )


def _writes_only(directory: Path) -> list[float]:
    """The same listeners at a server that does nothing but write to them."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/readyz"
    environment = {"GITPLOY_HTTP_PORT": str(port)}
    log = directory / "writes-only.log"
    with running("tests.benchmarks.writes_only", environment, log, url):
        return asyncio.run(_fan_out(port, port, CLIENTS[-1], [TELL] * WEBHOOKS))


async def _fan_out(
    stream_port: int, port: int, clients: int, webhooks: list[bytes]
) -> list[float]:
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(Listener, "127.0.0.1", stream_port)
        for _ in range(clients)
    ]
    request = (
        "GET /api/v1/stream/events HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {API_TOKEN}\r\n\r\n"
    ).encode()
    listeners = [listener for _, listener in made]
    for transport, _ in made:
        transport.write(request)
    try:
        await asyncio.sleep(SETTLED_S)
        return [
            arrived - sent
            for sent, last in [await _one(port, each, listeners) for each in webhooks]
            for arrived in last
        ]
    finally:
        for transport, _ in made:
            transport.close()


async def _one(
    port: int, webhook: bytes, listeners: list[Listener]
) -> tuple[float, list[float]]:
    """Send a webhook; answers when, and when it was there."""
    for listener in listeners:
        listener.told.clear()
    sent = time.monotonic()
    await per_second(port, [webhook], 1)
    async with asyncio.timeout(WITHIN_S):
        for listener in listeners:
            await listener.told.wait()
    return sent, [listener.times[-1] for listener in listeners]
