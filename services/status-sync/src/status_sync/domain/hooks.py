"""GitHub's webhooks that are ours: whose failed deliveries the sweep looks for.

The dispatcher makes and removes them, and numbers what it says of a repository; the
greatest number counts, so that answers which overtake each other do no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.contracts import (
    Message,
    Repository,
    RepositoryActivated,
    RepositoryDeactivated,
)

#: One stream for all repositories: they are few, and the sweep wants them all.
STREAM = UUID("0a8cf2a5-5d1e-4e8b-8c83-3d0f0c9f6a57")

HooksFact = RepositoryActivated | RepositoryDeactivated


@dataclass(frozen=True)
class Hook:
    """What was said last about a repository's webhook."""

    revision: int
    repository: Repository
    #: None: there is none any more.
    webhook_id: int | None


@dataclass(frozen=True)
class Hooks:
    """What is known of all webhooks, by the repository's id."""

    by_repository: Mapping[int, Hook] = field(default_factory=dict)

    @property
    def active(self) -> list[tuple[Repository, int]]:
        """Those that exist."""
        return [
            (hook.repository, hook.webhook_id)
            for hook in self.by_repository.values()
            if hook.webhook_id is not None
        ]


def evolve(known: Hooks, message: Message[HooksFact]) -> Hooks:
    """File what the dispatcher said, unless something newer is known."""
    fact = message.data
    webhook_id = fact.webhook_id if isinstance(fact, RepositoryActivated) else None
    hook = Hook(message.revision, fact.repository, webhook_id)
    before = known.by_repository.get(fact.repository.id, hook)
    newest = max(before, hook, key=lambda hook: hook.revision)
    return Hooks({**known.by_repository, fact.repository.id: newest})
