"""A deployment at GitHub: what GitHub has told of it, and which of ours it is.

Webhooks may come before anybody has told us that the deployment exists. What GitHub
tells is then kept, and said as soon as the link is known. The link is never taken from
a webhook, whose marker anybody may have written; it comes from those who know it from
the dispatcher: GitHubDeploymentCreated and SyncRequested.

    webhook, answer of GitHub ─┬─ linked ──▶ StatusUpdated, once per status
                               └─ not yet ─▶ StatusKept ─ link ─▶ StatusUpdated
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from shared.contracts import (
    DeploymentSynced,
    Fact,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentSeen,
    Message,
    Person,
    Repository,
    StatusUpdated,
    SyncRequested,
)

NAMESPACE = UUID("5b6cbd1f-0a34-4c0e-9a39-6f0b8b4f2c11")


def stream_of(repository: Repository, github_deployment_id: int) -> UUID:
    """Where everything about this deployment of GitHub is kept."""
    return uuid5(NAMESPACE, f"{repository.id}/{github_deployment_id}")


class StatusKept(Fact):
    """GitHub has this status; whose deployment it is about is not known yet."""

    repository: Repository
    github_deployment_id: int
    github_status_id: int
    state: str
    description: str = ""
    log_url: str = ""
    environment_url: str = ""
    creator: Person | None = None
    created_at: datetime
    ours: bool = False

    def of(self, deployment_id: UUID) -> StatusUpdated:
        """The same, as what everybody may hear."""
        return StatusUpdated(deployment_id=deployment_id, **dict(self))


GitHubDeploymentFact = (
    GitHubDeploymentCreated
    | SyncRequested
    | StatusKept
    | StatusUpdated
    | DeploymentSynced
    | GitHubDeploymentSeen
    | GitHubDeploymentGone
)


@dataclass(frozen=True)
class GitHubDeployment:
    """Everything known about one deployment at GitHub."""

    #: Which of ours it is.
    deployment_id: UUID | None = None
    #: Statuses that wait for the link, by GitHub's id.
    kept: Mapping[int, StatusKept] = field(default_factory=dict)
    #: GitHub's ids of the statuses that were said.
    said: frozenset[int] = frozenset()
    #: Who wants to know all that GitHub says.
    questions: Mapping[UUID, SyncRequested] = field(default_factory=dict)
    #: Whom it was said to, or that there is nothing any more.
    answered: frozenset[UUID | None] = frozenset()
    #: The marker in its webhook was passed on.
    seen: bool = False

    @property
    def unanswered(self) -> list[SyncRequested]:
        """The questions that GitHub has yet to be asked for."""
        return [
            question
            for question in self.questions.values()
            if question.sync_id not in self.answered
        ]

    def linked(self, deployment_id: UUID) -> "GitHubDeployment":
        # Both who tell have it from the dispatcher and agree. Should they ever not,
        # the smaller id is as good as any, and wins in every order.
        link = min(self.deployment_id or deployment_id, deployment_id)
        return replace(self, deployment_id=link)


def evolve(
    known: GitHubDeployment, message: Message[GitHubDeploymentFact]
) -> GitHubDeployment:
    """File a fact. The order in which facts are filed makes no difference."""
    match fact := message.data:
        case GitHubDeploymentCreated():
            return known.linked(fact.deployment_id)
        case SyncRequested():
            questions = {**known.questions, fact.sync_id: fact}
            return replace(known.linked(fact.deployment_id), questions=questions)
        case StatusKept():
            if fact.github_status_id in known.said:
                return known
            return replace(known, kept={**known.kept, fact.github_status_id: fact})
        case StatusUpdated():
            said = fact.github_status_id
            kept = {key: one for key, one in known.kept.items() if key != said}
            return replace(known, said=known.said | {said}, kept=kept)
        case DeploymentSynced() | GitHubDeploymentGone():
            return replace(known, answered=known.answered | {fact.sync_id})
        case GitHubDeploymentSeen():
            return replace(known, seen=True)
    assert_never(fact)


def tell(
    known: GitHubDeployment, status: StatusKept
) -> Sequence[StatusKept | StatusUpdated]:
    """GitHub told a status: say it, or keep it until its deployment is known."""
    told = status.github_status_id
    if told in known.said or told in known.kept:
        return []
    return [status.of(known.deployment_id) if known.deployment_id else status]


def tell_kept(known: GitHubDeployment) -> Sequence[StatusUpdated]:
    """The deployment is known now: say what was kept for it."""
    if not known.deployment_id:
        return []
    return _in_order(known.kept.values(), known.deployment_id)


def show(
    known: GitHubDeployment, seen: GitHubDeploymentSeen
) -> Sequence[GitHubDeploymentSeen]:
    """GitHub told of a deployment with our marker: say it once."""
    return [] if known.seen else [seen]


def answer(
    known: GitHubDeployment, question: SyncRequested, found: Sequence[StatusKept] | None
) -> Sequence[StatusUpdated | DeploymentSynced | GitHubDeploymentGone]:
    """GitHub was asked: say all that it has, known or not, and then that this is all.

    Whoever asks may have lost any of it. What is said here stands in the log before the
    answer, so no loss of the broker can take it away from in front of the answer.
    """
    if question.sync_id in known.answered:
        return []
    if found is None:
        return [_gone(question)]
    statuses = {**known.kept, **{status.github_status_id: status for status in found}}
    return [
        *_in_order(statuses.values(), known.deployment_id or question.deployment_id),
        DeploymentSynced(
            deployment_id=question.deployment_id,
            sync_id=question.sync_id,
            github_deployment_id=question.github_deployment_id,
            newest_github_status_id=max(statuses, default=None),
        ),
    ]


def _gone(question: SyncRequested) -> GitHubDeploymentGone:
    return GitHubDeploymentGone(
        deployment_id=question.deployment_id,
        repository=question.repository,
        github_deployment_id=question.github_deployment_id,
        sync_id=question.sync_id,
    )


def _in_order(
    statuses: Iterable[StatusKept], deployment_id: UUID
) -> Sequence[StatusUpdated]:
    ordered = sorted(statuses, key=lambda status: status.github_status_id)
    return [status.of(deployment_id) for status in ordered]
