"""Puts the four services into one process, on one port and one bus.

They still talk through events alone and each keeps a store of its own, so nothing is
decided otherwise than between four processes. The bus keeps in a file what has no
taker yet; the stores keep the rest; `kill -9` loses nothing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

import api_gateway.bootstrap
import github_dispatcher.bootstrap
import status_sync.bootstrap
import verifier.bootstrap
from shared.contracts import SERVICES
from shared.messaging import MemoryBus
from shared.service import app_of

from .settings import Settings

BUILDS = (
    api_gateway.bootstrap.build,
    verifier.bootstrap.build,
    github_dispatcher.bootstrap.build,
    status_sync.bootstrap.build,
)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[web.Application]:
    """The whole system as one application, over files that are open meanwhile."""
    database = settings.database
    database.prepare()
    bus = MemoryBus(queues=SERVICES, file=database.directory / "bus.sqlite")
    services = [build(settings, bus=bus) for build in BUILDS]
    try:
        yield app_of(*services)
    finally:
        for service in services:
            service.store.close()
        await bus.close()
