"""What is said when somebody has asked for a deployment, and GitHub was asked."""

from collections.abc import Iterable, Mapping, Sequence

from shared.contracts import (
    DeploymentSynced,
    RepositoryGone,
    StatusUpdated,
    SyncRequested,
)

from .github_deployment import GitHubDeployment, Said, in_order
from .told import StatusKept, is_foreign, no_such


def answer(
    known: GitHubDeployment,
    question: SyncRequested,
    found: Sequence[StatusKept] | RepositoryGone | None,
) -> Sequence[Said]:
    """GitHub was asked: say all that it has, known or not, and then that this is all.

    Whoever asks may have lost any of it. What is said here stands in the log before the
    answer, so no loss of the broker can take it away from in front of the answer.

    Args:
        known: The newest state.
        question: What somebody wants to know.
        found: All that GitHub has; what became of the repository, if it has none for us
            to see; None if it has that, and no such deployment.
    """
    if question.sync_id in known.answered:
        return []
    if found is None or (known.deployment_id and is_foreign(question)):
        return [no_such(question, question.sync_id)]
    if isinstance(found, RepositoryGone):
        # What was said before GitHub hid it can't be had any more: it names none.
        return [found, _synced(question, {}, repository_gone=True)]
    statuses = {**known.kept, **{status.github_status_id: status for status in found}}
    return [
        *_all_of(statuses.values(), known, question),
        _synced(question, statuses),
    ]


def _all_of(
    statuses: Iterable[StatusKept], known: GitHubDeployment, question: SyncRequested
) -> Sequence[StatusUpdated]:
    if known.deployment_id is None:
        return in_order(statuses, question.deployment_id, foreign=True)
    return in_order(statuses, known.deployment_id)


def _synced(
    question: SyncRequested,
    statuses: Mapping[int, StatusKept],
    *,
    repository_gone: bool = False,
) -> DeploymentSynced:
    return DeploymentSynced(
        deployment_id=question.deployment_id,
        sync_id=question.sync_id,
        github_deployment_id=question.github_deployment_id,
        newest_github_status_id=max(statuses, default=None),
        repository_gone=repository_gone,
    )
