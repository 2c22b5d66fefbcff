"""`make bench`: all measurements in one run, each with what it is compared with."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitploy.local.backing import Postgres, RabbitMQ
from gitploy.local.kept import free_port
from tests.acceptance.system import System

from . import deployments, lists, startup, stream, webhooks


def show(title: str, *lines: str) -> None:
    print(f"\n{title}", *lines, sep="\n  ", flush=True)  # noqa: T201


@contextmanager
def backing(directory: Path) -> Iterator[tuple[str, str]]:
    """A broker and a database with nothing in them."""
    database, broker = Postgres(directory / "db"), RabbitMQ(directory / "broker")
    database_url = database.start()
    try:
        yield broker.start(), database_url
    finally:
        broker.stop()
        database.stop()


def measure_webhooks(directory: Path) -> None:
    directory.mkdir()
    with backing(directory) as (amqp_url, database_url):
        measuring = webhooks.measure(amqp_url, database_url, free_port(), directory)
        lines = asyncio.run(measuring)
    show("Webhooks of 9 KB, goal: published / signature only >= 0.5", *lines)


def measure_deployments(directory: Path) -> None:
    with backing(directory) as (amqp_url, database_url):
        system = System(
            directory / "system",
            amqp_url,
            database_url,
            # All who listen are one person there.
            settings={"GITPLOY_STREAMS_PER_PERSON": str(max(stream.CLIENTS))},
        )
        try:
            system.start(tool=False)
            show("A deployment", *deployments.measure_latency(system))
            show("A preflight", *deployments.measure_preflight(system))
            show("A crowd", deployments.measure_crowd(system))
            show("GitHub", deployments.measure_calls(system))
            show("Live events", *stream.measure(system))
        finally:
            system.stop()


def measure_lists(directory: Path) -> None:
    with backing(directory) as (amqp_url, database_url):
        told = lists.measure(amqp_url, database_url, directory / "rows")
        title = "Lists of 1,000 and of 1,000,000 deployments"
        show(f"{title}, goal: ratio <= {lists.GOAL}", *told)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        show("Start", startup.measure_startup(directory))
        measure_deployments(directory / "deployments")
        measure_webhooks(directory / "webhooks")
        measure_lists(directory / "lists")


if __name__ == "__main__":
    main()
