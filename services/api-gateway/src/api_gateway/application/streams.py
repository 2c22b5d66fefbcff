"""The streams that the gateway owns, which all parts of the application work on."""

from collections.abc import Callable, Sequence
from uuid import UUID

from api_gateway.domain import (
    authorization,
    deployment,
    hold,
    lock,
    remote_status,
    repository,
)
from api_gateway.domain.authorization import Authorization
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DeploymentFact
from api_gateway.domain.hold import Hold, HoldFact
from api_gateway.domain.limits import Limits
from api_gateway.domain.lock import Lock, LockFact
from api_gateway.domain.remote_status import RemoteStatus, RemoteStatusFact
from api_gateway.domain.repository import Repository, RepositoryFact
from api_gateway.ports import EndAccess
from shared.contracts import AuthorizationRevoked
from shared.store import Store, Streams


class OwnStreams:
    def __init__(self, store: Store, limits: Limits, end_access: EndAccess) -> None:
        self.store = store
        self.limits = limits
        self.end_access = end_access
        self.authorizations: Streams[Authorization, AuthorizationRevoked] = Streams(
            store, Authorization(), authorization.evolve
        )
        self.deployments: Streams[Deployment, DeploymentFact] = Streams(
            store, Deployment(), deployment.evolve
        )
        self.repositories: Streams[Repository, RepositoryFact] = Streams(
            store, Repository(), repository.evolve
        )
        self.locks: Streams[Lock, LockFact] = Streams(store, Lock(), lock.evolve)
        self.holds: Streams[Hold, HoldFact] = Streams(store, Hold(), hold.evolve)
        self.remote_statuses: Streams[RemoteStatus, RemoteStatusFact] = Streams(
            store, RemoteStatus(), remote_status.evolve
        )

    async def change_deployment(
        self,
        deployment_id: UUID,
        decide: Callable[[Deployment], Sequence[DeploymentFact]],
    ) -> Deployment:
        """Decide about a deployment of which it is known where it goes."""
        known = await self.deployments.get(deployment_id)
        if known.about is None:
            return known
        return await self.deployments.change(deployment_id, decide, known.about.cause)
