"""Looks for deadlines that have passed, and for what nobody follows any more.

The rows say when something is due, the streams decide whether it is: of two replicas
that see the same deadline, the second finds it passed already and does nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import structlog

from api_gateway.application import Gateway

from .finding import Finding
from .queries import Queries
from .tables import micros

AT_ONCE = 200

log = structlog.get_logger()


class Watcher:
    def __init__(
        self, gateway: Gateway, queries: Queries, finding: Finding, every: timedelta
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._finding = finding
        self._every = every

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(self._every.total_seconds())

    async def tick(self) -> None:
        """Do what is due now."""
        now = micros(self._gateway.store.clock())
        deployments, repositories = await self._queries.due(now, AT_ONCE)
        for deployment_id in deployments:
            await self._pass(self._gateway.pass_deployment_deadline, deployment_id)
        for stream in repositories:
            await self._pass(self._gateway.pass_repository_deadline, stream)
        for deployment_id in await self._finding.abandoned(AT_ONCE):
            await self._pass(self._gateway.cancel_abandoned, deployment_id)

    async def _pass(self, act: Callable[[UUID], Awaitable[None]], stream: UUID) -> None:
        try:
            await act(stream)
        except Exception:
            # It is still due; the others' deadlines must not wait for it.
            log.exception("deadline_failed", stream=str(stream))
