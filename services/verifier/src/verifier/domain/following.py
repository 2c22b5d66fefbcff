"""Whether Gitploy follows a repository, by which file, and what it is called now.

Also whether its last push could be held against the rules: who wonders why nothing was
deployed is told, once for each push, and once when it is well again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid5

from shared.contracts import (
    AutoDeployFailed,
    AutoDeployRecovered,
    Message,
    Repository,
    RepositoryChanged,
    RepositoryGone,
    RepositoryRenamed,
)

_NAMESPACE: Final = UUID("c7a0f2b4-5b52-5c1d-8f5e-3b6d2e9a4f10")

AutoDeployNews = AutoDeployFailed | AutoDeployRecovered
FollowingFact = RepositoryChanged | RepositoryRenamed | RepositoryGone | AutoDeployNews


@dataclass(frozen=True)
class Following:
    """A repository, as far as the verifier minds."""

    changed: Message[RepositoryChanged] | None = None
    renamed: RepositoryRenamed | None = None
    gone_at: datetime | None = None
    #: What was said last of its pushes.
    pushes: Message[AutoDeployNews] | None = None

    @property
    def known(self) -> bool:
        """Whether anybody has said how it is to be treated."""
        return self.changed is not None

    @property
    def active(self) -> bool:
        """Whether pushes are deployed. Who activates it again has found it again."""
        if self.changed is None or not self.changed.data.active:
            return False
        return self.gone_at is None or self.gone_at < self.changed.time

    @property
    def config_path(self) -> str:
        return self.changed.data.config_path if self.changed else "deploy.yml"

    @property
    def in_trouble(self) -> bool:
        """Whether there were no valid rules for its last push."""
        return self.pushes is not None and isinstance(
            self.pushes.data, AutoDeployFailed
        )

    def named(self, repository: Repository) -> Repository:
        """The repository by its newest name, so that nobody else is meant by it."""
        return self.renamed.repository if self.renamed else repository


def following_id(repository: Repository) -> UUID:
    """Its stream."""
    return uuid5(_NAMESPACE, str(repository.id))


def evolve(known: Following, message: Message[FollowingFact]) -> Following:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case RepositoryChanged():
            changed = cast("Message[RepositoryChanged]", message)
            newest = max(known.changed or changed, changed, key=lambda m: m.revision)
            return replace(known, changed=newest)
        case RepositoryRenamed() as renamed:
            newer = max(known.renamed or renamed, renamed, key=lambda r: r.seen_at)
            return replace(known, renamed=newer)
        case RepositoryGone(seen_at=at):
            return replace(known, gone_at=max(known.gone_at or at, at))
        case AutoDeployFailed() | AutoDeployRecovered():
            news = cast("Message[AutoDeployNews]", message)
            last = max(known.pushes or news, news, key=lambda m: m.revision)
            return replace(known, pushes=last)
