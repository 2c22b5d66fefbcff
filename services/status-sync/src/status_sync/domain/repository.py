"""What became of a repository at GitHub: its name, and whether it is there.

GitHub answers 404 for a repository that was deleted, and the same for one that it hides
from us; a token that lost a right, or an organization that wants another sign-in, looks
no different, and passes. So nobody concludes from one look: it has to be missing for a
while, and at the end of that still be missing. Only GitHub's own word, that it was
deleted or taken from our App, counts at once, if it is missing then: the word may be an
old one, brought late or again. One that answers again is there again.

    there ── missed ─▶ missing ── still missing after a while ─▶ RepositoryGone
      ▲                   │                                            │
      └───────────────────┴───────────────── found ────────────────────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeVar, assert_never
from uuid import UUID, uuid5

from shared.contracts import (
    Fact,
    Message,
    Repository,
    RepositoryGone,
    RepositoryRenamed,
)

NAMESPACE = UUID("e9a5b0d2-9d2b-4c43-8f2c-0f6f0f5e7c31")
#: GitHub's own: somebody has deleted it, or taken it from our App.
Word = Literal["deleted", "out_of_reach"]
NEVER: Final = datetime.min.replace(tzinfo=UTC)


def stream_of(repository: Repository) -> UUID:
    """Where everything about this repository is kept."""
    return uuid5(NAMESPACE, str(repository.id))


class RepositoryMissed(Fact):
    """GitHub answers as if there were no such repository."""

    repository: Repository
    seen_at: datetime


class RepositoryFound(Fact):
    """It is there, after it was missed."""

    repository: Repository
    seen_at: datetime


RepositoryFact = RepositoryMissed | RepositoryFound | RepositoryRenamed | RepositoryGone


@dataclass(frozen=True)
class AtGitHub:
    """What is known of one repository."""

    renamed: RepositoryRenamed | None = None
    #: When it was missed, as far as it matters.
    missed: frozenset[datetime] = frozenset()
    found_at: datetime = NEVER
    told_gone: RepositoryGone | None = None

    @property
    def missing_since(self) -> datetime | None:
        """When it was missed first since it was there last."""
        return min((at for at in self.missed if at > self.found_at), default=None)

    @property
    def gone(self) -> RepositoryGone | None:
        """What was said about its loss, unless it is there again."""
        told = self.told_gone
        return told if told and told.seen_at > self.found_at else None


def evolve(known: AtGitHub, message: Message[RepositoryFact]) -> AtGitHub:
    """File a fact. The order in which facts are filed makes no difference."""
    match fact := message.data:
        case RepositoryMissed():
            return replace(known, missed=known.missed | {fact.seen_at})
        case RepositoryFound():
            return replace(known, found_at=max(known.found_at, fact.seen_at))
        case RepositoryRenamed():
            return replace(known, renamed=_last(known.renamed, fact))
        case RepositoryGone():
            return replace(known, told_gone=_last(known.told_gone, fact))
    assert_never(fact)


def found(
    known: AtGitHub, expected: Repository, there: Repository, now: datetime
) -> Sequence[RepositoryFact]:
    """GitHub shows it, under the name that it has now."""
    facts: list[RepositoryFact] = []
    if known.missing_since or known.gone:
        facts.append(RepositoryFound(repository=there, seen_at=now))
    before = known.renamed.repository if known.renamed else expected
    if before.full_name != there.full_name:
        facts.append(
            RepositoryRenamed(
                repository=there, previous_name=before.full_name, seen_at=now
            )
        )
    return facts


def missed(
    known: AtGitHub, repository: Repository, now: datetime, patience: timedelta
) -> Sequence[RepositoryFact]:
    """GitHub shows no such repository."""
    if known.gone:
        return []
    since = known.missing_since
    if since is None:
        return [RepositoryMissed(repository=repository, seen_at=now)]
    return [_gone(repository, "out_of_reach", now)] if now - since >= patience else []


def lost(
    known: AtGitHub, repository: Repository, word: Word, now: datetime
) -> Sequence[RepositoryFact]:
    """GitHub shows no such repository, and has said what became of it."""
    if known.gone and word in ("out_of_reach", known.gone.reason):
        return []
    return [_gone(repository, word, now)]


def _gone(repository: Repository, reason: Word, now: datetime) -> RepositoryGone:
    return RepositoryGone(repository=repository, reason=reason, seen_at=now)


T = TypeVar("T", RepositoryRenamed, RepositoryGone)


def _last(known: T | None, told: T) -> T:
    return max(known or told, told, key=lambda fact: (fact.seen_at, str(fact)))
