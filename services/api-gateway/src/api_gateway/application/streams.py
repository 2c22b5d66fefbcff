"""The streams that the gateway owns, which both halves of the application work on."""

from api_gateway.domain import deployment, repository
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DeploymentFact
from api_gateway.domain.repository import Repository, RepositoryFact
from shared.store import Store, Streams


class OwnStreams:
    def __init__(self, store: Store, limits: Limits) -> None:
        self.store = store
        self.limits = limits
        self.deployments: Streams[Deployment, DeploymentFact] = Streams(
            store, Deployment(), deployment.evolve
        )
        self.repositories: Streams[Repository, RepositoryFact] = Streams(
            store, Repository(), repository.evolve
        )
