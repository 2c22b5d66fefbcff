"""The streams that status-sync owns, which all parts of the application work on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shared.contracts import CommitChecksChanged, Hint, Repository
from shared.store import Store, Streams
from status_sync.domain import delivery, github_deployment, hooks, own, repository
from status_sync.domain.delivery import Delivery, DeliveryFact
from status_sync.domain.github_deployment import GitHubDeployment, GitHubDeploymentFact
from status_sync.domain.hooks import Hooks, HooksFact
from status_sync.domain.limits import Limits
from status_sync.domain.own import Own
from status_sync.domain.repository import AtGitHub, RepositoryFact, Word
from status_sync.ports import GitHub, Turns


@dataclass(frozen=True)
class Touched:
    """A repository to look at."""

    repository: Repository
    #: What GitHub has said of its loss, if it has.
    word: Word | None


class OwnStreams:
    def __init__(
        self,
        store: Store,
        github: GitHub,
        turns: Turns,
        hint: Callable[[Hint], Awaitable[None]],
        limits: Limits | None = None,
    ) -> None:
        self.store = store
        self.clock = store.clock
        self.github = github
        self.turns = turns
        self.limits = limits or Limits()
        self.deployments: Streams[GitHubDeployment, GitHubDeploymentFact] = Streams(
            store, GitHubDeployment(), github_deployment.evolve
        )
        self.own = Streams(store, Own(), own.evolve)
        self.at_github: Streams[AtGitHub, RepositoryFact] = Streams(
            store, AtGitHub(), repository.evolve
        )
        self.hooks: Streams[Hooks, HooksFact] = Streams(store, Hooks(), hooks.evolve)
        self.deliveries: Streams[Delivery, DeliveryFact] = Streams(
            store, Delivery(), delivery.evolve
        )
        #: Says a hint; how commits whose checks have changed are hinted at.
        self.hint = hint
        self.changed: dict[tuple[int, str], CommitChecksChanged] = {}
        self.changing = asyncio.Event()
        #: Repositories to look at, by id; a crash loses them to the next sweep.
        self.touched: dict[int, Touched] = {}
        self.touching = asyncio.Event()
        #: The repositories that are followed, as far as is known; asked for if needed.
        self.followed: frozenset[int] = frozenset()
