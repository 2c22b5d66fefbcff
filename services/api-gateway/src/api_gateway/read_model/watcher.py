"""Looks for deadlines that have passed, and for what nobody follows any more.

The rows say when something is due, the streams decide whether it is: of two replicas
that see the same deadline, the second finds it passed already and does nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import Table

from api_gateway.application import Gateway

from .finding import Finding
from .queries import Queries
from .tables import (
    DEPLOYMENTS,
    HOLDS,
    LOCKS,
    REMOTE_STATUSES,
    REPOSITORIES,
    micros,
)

AT_ONCE = 200
#: Does what is due for a stream, if something still is.
Act = Callable[[UUID], Awaitable[None]]

log = structlog.get_logger()


class Watcher:
    def __init__(
        self, gateway: Gateway, queries: Queries, finding: Finding, every: timedelta
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._finding = finding
        self._every = every
        self._acts: Mapping[Table, Act] = {
            DEPLOYMENTS: gateway.pass_deployment_deadline,
            REPOSITORIES: gateway.pass_repository_deadline,
            LOCKS: gateway.pass_lock_deadline,
            HOLDS: gateway.pass_hold_deadline,
            REMOTE_STATUSES: gateway.pass_status_deadline,
        }

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(self._every.total_seconds())

    async def tick(self) -> None:
        """Do what is due now."""
        now = micros(self._gateway.store.clock())
        for table, act in self._acts.items():
            for stream in await self._queries.due(table, now, AT_ONCE):
                await self._pass(act, stream)
        for deployment_id in await self._finding.abandoned(AT_ONCE):
            await self._pass(self._gateway.cancel_abandoned, deployment_id)

    async def _pass(self, act: Act, stream: UUID) -> None:
        try:
            await act(stream)
        except Exception:
            # It is still due; the others' deadlines must not wait for it.
            log.exception("deadline_failed", stream=str(stream))
