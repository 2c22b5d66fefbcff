"""A deployment at GitHub: what GitHub has told of it, and which of ours it is.

Webhooks may come before anybody has told us that the deployment exists. What GitHub
tells is then kept, and said as soon as the link is known. The link is never taken from
a webhook, whose marker anybody may have written; it comes from those who know it from
the dispatcher: GitHubDeploymentCreated and SyncRequested. What nobody links in time is
somebody else's; a link that comes after all makes it ours, and all is said again: then
there never was one of somebody else's, and who waits for its end waits no more.

    webhook, answer of GitHub ─┬─ linked ──▶ StatusUpdated, once per status
                               └─ not yet ─▶ StatusKept ─┬─ link ─▶ StatusUpdated
                                                         └─ time ─▶ the same, foreign
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never
from uuid import UUID, uuid5

from shared.contracts import (
    DeploymentSynced,
    ForeignDeploymentSeen,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentSeen,
    Message,
    Repository,
    RepositoryGone,
    StatusUpdated,
    SyncRequested,
)

from .told import (
    DeploymentFolded,
    DeploymentTold,
    StatusKept,
    is_foreign,
    no_such,
)

NAMESPACE = UUID("5b6cbd1f-0a34-4c0e-9a39-6f0b8b4f2c11")


def stream_of(repository: Repository, github_deployment_id: int) -> UUID:
    """Where everything about this deployment of GitHub is kept."""
    return uuid5(NAMESPACE, f"{repository.id}/{github_deployment_id}")


Said = (
    StatusUpdated
    | DeploymentSynced
    | GitHubDeploymentSeen
    | GitHubDeploymentGone
    | ForeignDeploymentSeen
    | RepositoryGone
)
GitHubDeploymentFact = (
    GitHubDeploymentCreated
    | SyncRequested
    | DeploymentTold
    | StatusKept
    | DeploymentFolded
    | Said
)
Facts = Sequence[GitHubDeploymentFact]


@dataclass(frozen=True)
class GitHubDeployment:
    """Everything known about one deployment at GitHub."""

    #: Which of ours it is.
    deployment_id: UUID | None = None
    #: What GitHub told of it while that was not known.
    told: DeploymentTold | None = None
    #: Statuses that wait for the link, by GitHub's id.
    kept: Mapping[int, StatusKept] = field(default_factory=dict)
    #: GitHub's ids of the statuses that were said of ours …
    said: frozenset[int] = frozenset()
    #: … and of those that were said of somebody else's.
    said_as_foreign: frozenset[int] = frozenset()
    #: Who wants to know all that GitHub says.
    questions: Mapping[UUID, SyncRequested] = field(default_factory=dict)
    #: Whom it was said to, or that there is nothing any more.
    answered: frozenset[UUID | None] = frozenset()
    #: The marker in its webhook was passed on.
    seen: bool = False
    #: It was said to be somebody else's …
    foreign: ForeignDeploymentSeen | None = None
    #: … and that there is no such one.
    foreign_gone: bool = False
    #: It means the same as one of ours.
    folded: bool = False

    @property
    def unanswered(self) -> list[SyncRequested]:
        """The questions that GitHub has yet to be asked for."""
        return [
            question
            for question in self.questions.values()
            if question.sync_id not in self.answered
        ]

    @property
    def undecided(self) -> bool:
        """Whether it may turn out to be anybody's."""
        return not (self.deployment_id or self.foreign or self.folded)

    def linked(self, deployment_id: UUID) -> "GitHubDeployment":
        # Both who tell have it from the dispatcher and agree. Should they ever not,
        # the smaller id is as good as any, and wins in every order.
        link = min(self.deployment_id or deployment_id, deployment_id)
        return replace(self, deployment_id=link, told=None)

    def noted(self, about: DeploymentTold) -> "GitHubDeployment":
        if self.deployment_id:
            return self
        return replace(self, told=min(self.told or about, about, key=str))


def evolve(  # noqa: C901 - a table, one row each
    known: GitHubDeployment, message: Message[GitHubDeploymentFact]
) -> GitHubDeployment:
    """File a fact. The order in which facts are filed makes no difference."""
    match fact := message.data:
        case GitHubDeploymentCreated():
            return known.linked(fact.deployment_id)
        case SyncRequested():
            questions = {**known.questions, fact.sync_id: fact}
            asked = replace(known, questions=questions)
            # Who asks for somebody else's deployment does not link it to ours.
            return asked if is_foreign(fact) else asked.linked(fact.deployment_id)
        case DeploymentTold():
            return known.noted(fact)
        case StatusKept():
            return _with_kept(known, fact)
        case StatusUpdated():
            return _with_said(known, fact)
        case DeploymentSynced():
            return replace(known, answered=known.answered | {fact.sync_id})
        case GitHubDeploymentGone():
            gone = known.foreign_gone or is_foreign(fact)
            answered = known.answered | {fact.sync_id}
            return replace(known, answered=answered, foreign_gone=gone)
        case GitHubDeploymentSeen():
            return replace(known, seen=True)
        case ForeignDeploymentSeen():
            return replace(known, foreign=fact)
        case DeploymentFolded():
            return replace(known, folded=True)
        case RepositoryGone():
            return known
    assert_never(fact)


def _with_kept(known: GitHubDeployment, status: StatusKept) -> GitHubDeployment:
    if status.github_status_id in known.said:
        return known
    return replace(known, kept={**known.kept, status.github_status_id: status})


def _with_said(known: GitHubDeployment, status: StatusUpdated) -> GitHubDeployment:
    said = status.github_status_id
    if status.foreign:
        # Kept all the same: should it turn out to be ours, it is said again.
        as_foreign = known.said_as_foreign | {said}
        kept = StatusKept.told_by(status)
        return _with_kept(replace(known, said_as_foreign=as_foreign), kept)
    kept_yet = {key: one for key, one in known.kept.items() if key != said}
    return replace(known, said=known.said | {said}, kept=kept_yet)


def tell(known: GitHubDeployment, about: DeploymentTold, status: StatusKept) -> Facts:
    """GitHub told a status: say it, or keep it until its deployment is known."""
    told = status.github_status_id
    if told in known.said or told in known.kept:
        return []
    if known.deployment_id:
        return [status.of(known.deployment_id)]
    if known.foreign:
        return [status.of(about.foreign.deployment_id, foreign=True)]
    return [*_noted(known, about), status]


def tell_kept(known: GitHubDeployment) -> Facts:
    """The deployment is known now: say what was kept for it."""
    if not known.deployment_id:
        return []
    kept = in_order(known.kept.values(), known.deployment_id)
    if known.foreign is None or known.foreign_gone:
        return kept
    return [*kept, no_such(known.foreign)]


def show(
    known: GitHubDeployment, about: DeploymentTold, seen: GitHubDeploymentSeen | None
) -> Facts:
    """GitHub told of a deployment: who made it, as far as that can be told at once."""
    if seen:
        return [*([] if known.seen else [seen]), *_noted(known, about)]
    if about.may_be_folded:
        return _noted(known, about)
    # All that Gitploy makes carries a marker.
    return _tell_foreign(known, about) if known.undecided else []


def settle(known: GitHubDeployment, ours: Collection[int]) -> Facts:
    """Nobody has linked it in time: say whose it is then.

    Args:
        known: The newest state.
        ours: GitHub's ids of our deployments of this commit in this environment.
    """
    told = known.told
    if told is None or not known.undecided:
        return []
    number = told.github_deployment_id
    before = [one for one in ours if one < number] if told.may_be_folded else []
    if before:
        return [DeploymentFolded(github_deployment_id=number, into=max(before))]
    return _tell_foreign(known, told)


def _noted(known: GitHubDeployment, about: DeploymentTold) -> Facts:
    return [about] if known.undecided and known.told is None else []


def _tell_foreign(known: GitHubDeployment, about: DeploymentTold) -> Facts:
    said = about.foreign
    kept = in_order(known.kept.values(), said.deployment_id, foreign=True)
    return [said, *kept]


def in_order(
    statuses: Iterable[StatusKept], deployment_id: UUID, *, foreign: bool = False
) -> Sequence[StatusUpdated]:
    """In the order in which GitHub got them."""
    ordered = sorted(statuses, key=lambda status: status.github_status_id)
    return [status.of(deployment_id, foreign=foreign) for status in ordered]
