"""One deadline that can't be passed holds up no other."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table

from api_gateway.application import Gateway
from api_gateway.read_model import Finding, Queries, Watcher
from api_gateway.read_model.tables import DEPLOYMENTS, LOCKS, REPOSITORIES
from shared.store import Store
from shared.testing import FakeClock

ONE, TWO, REPOSITORY, LOCK, ABANDONED = (UUID(int=n) for n in range(1, 6))
DUE = {DEPLOYMENTS: [ONE, TWO], REPOSITORIES: [REPOSITORY], LOCKS: [LOCK]}


class Broken:
    """A gateway that fails at its first deployment, with all of them due."""

    def __init__(self) -> None:
        self.store = cast("Store", self)
        self.clock = FakeClock()
        self.passed: list[UUID] = []

    async def due(self, table: Table, by: int, limit: int) -> list[UUID]:
        return DUE.get(table, [])

    async def abandoned(self, limit: int) -> list[UUID]:
        return [ONE, ABANDONED]

    async def cancel_abandoned(self, deployment_id: UUID) -> None:
        await self.pass_deployment_deadline(deployment_id)

    async def pass_deployment_deadline(self, deployment_id: UUID) -> None:
        if deployment_id == ONE:
            raise RuntimeError("broken stream")
        self.passed.append(deployment_id)

    async def pass_repository_deadline(self, stream: UUID) -> None:
        self.passed.append(stream)

    pass_lock_deadline = pass_hold_deadline = pass_repository_deadline
    pass_status_deadline = pass_repository_deadline


async def test_one_that_fails_holds_up_no_other() -> None:
    broken = Broken()
    watcher = Watcher(
        cast("Gateway", broken),
        cast("Queries", broken),
        cast("Finding", broken),
        timedelta(seconds=1),
    )
    await watcher.tick()
    assert broken.passed == [TWO, REPOSITORY, LOCK, ABANDONED]
