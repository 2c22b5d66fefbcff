"""A gateway over a store in memory, and how tests speak with it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from api_gateway.application import HANDLERS, Gateway
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.phase import Phase
from api_gateway.domain.requests import DeployCommand, Wanted
from shared.contracts import (
    GATEWAY,
    DeployRequested,
    Event,
    Fact,
    RepositoryActivated,
    RepositoryActivationRequested,
)
from shared.store import Store
from shared.testing import FakeClock, said

from .examples import ANN, MAIN, REPO

ONE, TWO = UUID(int=1), UUID(int=2)


class World:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = Store.open(GATEWAY, "memory://", clock=self.clock)
        #: Whose access has ended, and what they did before when.
        self.ended: list[tuple[int, datetime]] = []
        self.gateway = Gateway(self.store, Limits(), self.end_access)
        #: Another process over the same streams.
        self.other = Gateway(self.store, Limits(), self.end_access)

    async def end_access(self, user_id: int, before: datetime) -> None:
        self.ended.append((user_id, before))

    async def activate(self) -> None:
        command = RepositoryActivationRequested(
            command_id=uuid4(), repository=REPO, requested_by=ANN
        )
        await self.gateway.command_repository(command)
        await self.tell(
            RepositoryActivated(
                command_id=command.command_id, repository=REPO, webhook_id=1
            )
        )

    async def deploy(self, deployment_id: UUID = ONE) -> DeployRequested:
        now = self.clock()
        return await self.gateway.request_deployment(
            DeployCommand(
                deployment_id=deployment_id,
                repository=REPO,
                wanted=Wanted(environment="production", ref=MAIN),
                requested_by=ANN,
                requested_at=now,
                not_after=now + timedelta(minutes=15),
            )
        )

    async def tell(self, *events: Event) -> None:
        for event in events:
            message = said(event, time=self.clock())
            await HANDLERS[type(event)](self.gateway, message)

    async def phase(self) -> Phase:
        return (await self.gateway.deployments.get(ONE)).phase

    async def recorded(self, kind: type[Fact], deployment_id: UUID = ONE) -> list[Any]:
        messages = await self.gateway.deployments.messages(deployment_id)
        return [m for m in messages if isinstance(m.data, kind)]

    async def later(self, **time: float) -> list[Event]:
        """Let time pass; answers what was said again."""
        self.clock.advance(timedelta(**time))
        await self.gateway.pass_deployment_deadline(ONE)
        repeats = self.store.repeats()
        assert all(m.asked for m in repeats)
        return [m.data for m in repeats]
