"""Each service as its own process, for `gitploy up`, on RabbitMQ and PostgreSQL.

A broker and a database that the environment names are used; else private ones are
started in the data directory, and end with this process.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from gitploy.failing import CommandError
from gitploy.local.backing import Postgres, RabbitMQ, ServerError
from gitploy.local.children import OURS, Child, living
from gitploy.local.gateway import is_ready
from gitploy.local.stage import GATEWAY, Services, Stage, Surroundings
from gitploy.local.system import AMQP, DATABASE, System, remember

SERVICES: Final = {
    "api-gateway": "api_gateway",
    "verifier": "verifier",
    "github-dispatcher": "github_dispatcher",
    "status-sync": "status_sync",
}


def separate(replicas: int) -> Services:
    """So many processes of each service."""

    @asynccontextmanager
    async def services(stage: Stage, around: Surroundings) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            urls, _ = await asyncio.gather(_backing(stage, stack), around())
            system = System(urls[AMQP], urls[DATABASE])
            remember(stage.place.dir, system, stage.place.url(GATEWAY))
            children = [
                _child(stage, service, replica, urls)
                for replica in range(1, replicas + 1)
                for service in SERVICES
            ]
            await stack.enter_async_context(living(*children))
            await asyncio.gather(*(_is_up(stage, child) for child in children))
            yield

    return services


async def _is_up(stage: Stage, child: Child) -> None:
    await child.unless_it_dies(is_ready(stage.place.url(child.name)))


def _child(stage: Stage, service: str, replica: int, urls: dict[str, str]) -> Child:
    name = service if replica == 1 else f"{service}.{replica}"
    port = {"GITPLOY_HTTP_PORT": str(stage.place.port(name))}
    told = stage.settings() | urls | port
    return stage.child(name, SERVICES[service], env=told, hears=OURS)


async def _backing(stage: Stage, stack: AsyncExitStack) -> dict[str, str]:
    """The broker's and the database's address; both start at once."""
    private: dict[str, RabbitMQ | Postgres] = {
        AMQP: RabbitMQ(stage.place.dir / "rabbitmq"),
        DATABASE: Postgres(stage.place.dir / "postgres"),
    }
    wanted = {
        name: server for name, server in private.items() if not os.environ.get(name)
    }
    if wanted:
        stage.terminal.say("Starting RabbitMQ and PostgreSQL, which takes a moment.")
    for server in wanted.values():
        stack.push_async_callback(asyncio.to_thread, server.stop)
    try:
        async with asyncio.TaskGroup() as tasks:
            starts = {
                name: tasks.create_task(asyncio.to_thread(server.start))
                for name, server in wanted.items()
            }
    except* ServerError as errors:
        raise CommandError(str(errors.exceptions[0])) from errors
    started = {name: start.result() for name, start in starts.items()}
    return {name: os.environ.get(name) or started[name] for name in private}
