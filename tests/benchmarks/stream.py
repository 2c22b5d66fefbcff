"""Live events: how long from a webhook to everybody who listens.

1,000 clients follow the gateway's stream over a connection each. Signed webhooks go to
status-sync one after the other, each when everybody has seen the last; the time is
taken from the sending to each client's last byte. Services, broker, database, clients
and the sender share the machine.
"""

import asyncio
import statistics
import time

from tests.acceptance.system import (
    API_TOKEN,
    GATEWAY,
    REPOSITORY,
    STATUS_SYNC,
    System,
)

from . import payloads
from .load import per_second

CLIENTS, WEBHOOKS = (1, 100, 1_000), 50
GOAL_MS = 100
#: Each event ends so; a heartbeat does not come within the measurement.
END = b"\n\n"
WITHIN_S = 30


class Listener(asyncio.Protocol):
    """Notes when each event's last byte was there."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.told = asyncio.Event()
        self._head = True
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        if self._head:
            _, found, data = data.partition(b"\r\n\r\n")
            self._head = not found
        # The chunks' lengths stand between, and do no harm to counting ends.
        whole = self._rest + data
        if seen := whole.count(END):
            self.times += [time.monotonic()] * seen
            self.told.set()
        self._rest = whole[-1:] if not whole.endswith(END) else b""


def measure(system: System) -> list[str]:
    """Lines for people: one for each number of clients."""
    number = system.deploy(env="staging").json()["number"]
    github_deployment_id = system.ends(number, "created")["uid"]
    lines = []
    for round_, clients in enumerate(CLIENTS):
        webhooks = [
            payloads.status_webhook(
                github_deployment_id,
                1_000_000 * (round_ + 1) + n,
                "in_progress",
                system.github.get(f"/repos/{REPOSITORY}").json()["id"],
            )
            for n in range(WEBHOOKS)
        ]
        times = asyncio.run(_fan_out(system, clients, webhooks))
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        lines.append(
            f"{clients:>5} clients: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
            f"{len(times)} of {clients * WEBHOOKS} events arrived"
        )
    return [*lines, f"goal: p99 within {GOAL_MS} ms for {CLIENTS[-1]} clients"]


async def _fan_out(system: System, clients: int, webhooks: list[bytes]) -> list[float]:
    loop, port = asyncio.get_running_loop(), system.ports[STATUS_SYNC]
    made = [
        await loop.create_connection(Listener, "127.0.0.1", system.ports[GATEWAY])
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
        await asyncio.sleep(1)
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
