"""Webhooks per second: committed and published, against checking the signature alone.

status-sync runs as a process on PostgreSQL and RabbitMQ and knows 1,000 deployments;
signed 9 KB `deployment_status` webhooks come from 1, 16 and 64 senders. The clock stops
when the last is answered (committed) and when the relay's position has reached the end
of the log (published, confirmed by the broker).
"""

import asyncio
import time
from pathlib import Path
from uuid import UUID

import psycopg

from shared.contracts import GitHubDeploymentCreated, Repository
from shared.messaging import RabbitBus
from shared.testing import said

from . import payloads
from .load import per_second
from .processes import running

DEPLOYMENTS = 1_000
SENDERS = (1, 16, 64)
WEBHOOKS = {1: 1_500, 16: 6_000, 64: 6_000}


async def link(amqp_url: str) -> None:
    """Tell status-sync of the deployments, as the dispatcher would."""
    bus = RabbitBus(amqp_url)
    repository = Repository(id=payloads.REPOSITORY_ID, full_name=payloads.FULL_NAME)
    facts = [
        GitHubDeploymentCreated(
            deployment_id=UUID(int=n), repository=repository, environment="production",
            github_deployment_id=n, sha="6dcb09b5b57875f334f61aebed695e2e4193db5e",
            url="https://api.github.com",
        )
        for n in range(1, DEPLOYMENTS + 1)
    ]  # fmt: skip
    await asyncio.gather(*(bus.publish(said(fact)) for fact in facts))
    await bus.close()


class Log:
    """What status-sync has committed and published."""

    def __init__(self, database_url: str) -> None:
        self._connection = psycopg.connect(database_url, autocommit=True)

    def count(self) -> int:
        return self._ask("SELECT count(*) FROM status_sync.store_events")

    def wait_until_published(self) -> None:
        last = "SELECT coalesce(max(notification_id), 0) FROM "
        last += "status_sync.store_events"
        while self._ask("SELECT position FROM status_sync.relay_position") < self._ask(
            last
        ):
            time.sleep(0.002)

    def _ask(self, query: str) -> int:
        row = self._connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0


def requests(senders: int, round_: int) -> list[bytes]:
    first = round_ * 1_000_000
    return [
        payloads.status_webhook(n % DEPLOYMENTS + 1, first + n, "in_progress")
        for n in range(1, WEBHOOKS[senders] + 1)
    ]


async def measure(
    amqp_url: str, database_url: str, port: int, directory: Path
) -> list[str]:
    """Lines for people: one for each number of senders."""
    environment = {
        "GITPLOY_AMQP_URL": amqp_url,
        "GITPLOY_DATABASE_URL": database_url,
        "GITPLOY_HTTP_PORT": str(port),
        "GITPLOY_WEBHOOK_SECRET": payloads.SECRET,
        "GITPLOY_GITHUB_TOKEN": "unused",
        "GITPLOY_LOG_LEVEL": "WARNING",
    }
    url, log = f"http://127.0.0.1:{port}/readyz", directory / "status-sync.log"
    lines, baselines = [], {}
    with running("tests.benchmarks.signature_only", environment, log, url):
        for senders in SENDERS:
            batch = requests(senders, 0)
            baselines[senders] = await per_second(port, batch, senders)
    with running("status_sync", environment, log, url):
        await link(amqp_url)
        store = Log(database_url)
        while store.count() < DEPLOYMENTS:
            time.sleep(0.02)
        for round_, senders in enumerate(SENDERS, 1):
            batch = requests(senders, round_)
            began = time.perf_counter()
            answered = await per_second(port, batch, senders)
            store.wait_until_published()
            rate = len(batch) / (time.perf_counter() - began)
            ratio = rate / baselines[senders]
            lines.append(
                f"{senders:>3} senders: signature only {baselines[senders]:>6.0f}/s, "
                f"committed {answered:>6.0f}/s, published {rate:>6.0f}/s, "
                f"ratio {ratio:.2f}"
            )
    return lines
