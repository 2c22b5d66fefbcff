"""GitHub's webhooks that are ours: whose failed deliveries the sweep looks for.

The dispatcher makes and removes them, and numbers what it says of a repository; the
greatest number counts, so that answers which overtake each other do no harm. What
became of one at GitHub is noted when it changes. A GitHub App has one webhook, which
hears of all repositories that its installations cover, followed or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from shared.contracts import (
    Fact,
    Message,
    Repository,
    RepositoryActivated,
    RepositoryDeactivated,
)

#: One stream for all repositories: they are few, and the sweep wants them all.
STREAM = UUID("0a8cf2a5-5d1e-4e8b-8c83-3d0f0c9f6a57")


class HookState(StrEnum):
    """What became of a webhook at GitHub."""

    OK = "ok"
    #: Somebody has deleted it.
    MISSING = "missing"
    #: Somebody has switched it off.
    DISABLED = "disabled"
    #: It lacks events that we need: an older version made it, or somebody changed it.
    OUTDATED = "outdated"


@dataclass(frozen=True)
class OwnHook:
    """A repository's webhook."""

    repository: Repository
    webhook_id: int

    @property
    def name(self) -> str:
        return self.repository.full_name

    @property
    def work(self) -> str:
        """What sweeping it is called."""
        return f"hook {self.repository.id}"


@dataclass(frozen=True)
class AppHook:
    """The webhook of our GitHub App. There is one, which needs no number."""

    repository: None = None
    webhook_id: int = 0
    name: str = "the GitHub App's webhook"
    work: str = "hook app"


AnyHook = OwnHook | AppHook


class HookNoticed(Fact):
    """The webhook is in another state than it was."""

    #: None: it is the App's.
    repository: Repository | None
    webhook_id: int
    state: HookState
    noticed_at: datetime


HooksFact = RepositoryActivated | RepositoryDeactivated | HookNoticed


@dataclass(frozen=True)
class Hook:
    """What was said last about a repository's webhook."""

    revision: int
    repository: Repository
    #: None: there is none any more, or none of its own.
    webhook_id: int | None
    #: The App's installation that covers it instead.
    installation_id: int | None = None

    @property
    def followed(self) -> bool:
        return self.webhook_id is not None or self.installation_id is not None


@dataclass(frozen=True)
class Hooks:
    """What is known of all webhooks."""

    by_repository: Mapping[int, Hook] = field(default_factory=dict)
    #: By the webhook's id.
    noticed: Mapping[int, HookNoticed] = field(default_factory=dict)

    @property
    def active(self) -> list[OwnHook]:
        """The repositories' own that exist."""
        return [
            OwnHook(hook.repository, hook.webhook_id)
            for hook in self.by_repository.values()
            if hook.webhook_id is not None
        ]

    @property
    def covered(self) -> list[Repository]:
        """The repositories that are followed through the App."""
        return [
            hook.repository
            for hook in self.by_repository.values()
            if hook.installation_id is not None
        ]

    @property
    def all(self) -> list[AnyHook]:
        return [*self.active, AppHook()] if self.covered else [*self.active]

    @property
    def followed(self) -> frozenset[int]:
        """The ids of all repositories that are followed."""
        known = self.by_repository.items()
        return frozenset(number for number, hook in known if hook.followed)

    def covered_by(self, installation_id: int) -> list[Repository]:
        return [
            hook.repository
            for hook in self.by_repository.values()
            if hook.installation_id == installation_id
        ]

    def state_of(self, webhook_id: int) -> HookState:
        """What became of it; all is well until something else was noticed."""
        noticed = self.noticed.get(webhook_id)
        return noticed.state if noticed else HookState.OK


def evolve(known: Hooks, message: Message[HooksFact]) -> Hooks:
    """File a fact, unless something newer is known."""
    fact = message.data
    if isinstance(fact, HookNoticed):
        before = known.noticed.get(fact.webhook_id, fact)
        newest = max(before, fact, key=lambda one: (one.noticed_at, one.state))
        return replace(known, noticed={**known.noticed, fact.webhook_id: newest})
    return _told(known, cast("Message[RepositoryActivated]", message))


def _told(
    known: Hooks, message: Message[RepositoryActivated | RepositoryDeactivated]
) -> Hooks:
    fact = message.data
    if isinstance(fact, RepositoryActivated):
        number = fact.webhook_id or None
        hook = Hook(message.revision, fact.repository, number, fact.installation_id)
    else:
        hook = Hook(message.revision, fact.repository, None)
    before = known.by_repository.get(fact.repository.id, hook)
    newest = max(before, hook, key=lambda hook: hook.revision)
    by_repository = {**known.by_repository, fact.repository.id: newest}
    return replace(known, by_repository=by_repository)


def notice(
    known: Hooks, hook: AnyHook, state: HookState, now: datetime
) -> Sequence[HookNoticed]:
    """GitHub was asked what became of it."""
    if state is known.state_of(hook.webhook_id):
        return []
    return [
        HookNoticed(
            repository=hook.repository,
            webhook_id=hook.webhook_id,
            state=state,
            noticed_at=now,
        )
    ]
