from functools import reduce

import pytest

from shared.contracts import DeploymentSynced, GitHubDeploymentGone
from shared.testing import said
from status_sync.domain.answers import answer
from status_sync.domain.github_deployment import (
    GitHubDeployment,
    GitHubDeploymentFact,
    evolve,
    show,
    tell,
    tell_kept,
)

from .examples import (
    ABOUT,
    CREATED,
    DEPLOYMENT,
    GITHUB_ID,
    QUESTION,
    QUEUED,
    REPOSITORY,
    RUNNING,
    SEEN,
    SUCCESS,
    SYNC,
)


def given(*facts: GitHubDeploymentFact) -> GitHubDeployment:
    return reduce(evolve, map(said, facts), GitHubDeployment())


def synced(newest: int | None) -> DeploymentSynced:
    return DeploymentSynced(
        deployment_id=DEPLOYMENT,
        sync_id=SYNC,
        github_deployment_id=GITHUB_ID,
        newest_github_status_id=newest,
    )


GONE = GitHubDeploymentGone(
    deployment_id=DEPLOYMENT,
    repository=REPOSITORY,
    github_deployment_id=GITHUB_ID,
    sync_id=SYNC,
)


def test_a_status_of_a_known_deployment_is_said_at_once() -> None:
    assert tell(given(CREATED), ABOUT, QUEUED) == [QUEUED.of(DEPLOYMENT)]


def test_a_status_is_kept_until_its_deployment_is_known() -> None:
    assert tell(given(), ABOUT, QUEUED) == [ABOUT, QUEUED]
    assert tell(given(ABOUT, QUEUED), ABOUT, RUNNING) == [RUNNING]


@pytest.mark.parametrize("link", [CREATED, QUESTION])
def test_the_link_says_what_was_kept_in_githubs_order(
    link: GitHubDeploymentFact,
) -> None:
    known = given(SUCCESS, QUEUED, link, RUNNING)
    assert tell_kept(known) == [
        one.of(DEPLOYMENT) for one in (QUEUED, RUNNING, SUCCESS)
    ]


def test_nothing_is_said_before_the_deployment_is_known() -> None:
    assert tell_kept(given(QUEUED, SEEN)) == []


@pytest.mark.parametrize(
    "before", [[QUEUED], [CREATED, QUEUED.of(DEPLOYMENT)], [CREATED, QUEUED]]
)
def test_a_status_counts_once(before: list[GitHubDeploymentFact]) -> None:
    assert tell(given(*before), ABOUT, QUEUED) == []


def test_a_status_that_was_said_is_kept_no_longer() -> None:
    assert tell_kept(given(CREATED, QUEUED, QUEUED.of(DEPLOYMENT))) == []


def test_a_marker_in_a_webhook_links_nothing() -> None:
    assert given(SEEN).deployment_id is None


def test_a_deployment_with_our_marker_is_shown_once() -> None:
    assert show(given(), ABOUT, SEEN) == [SEEN, ABOUT]
    assert show(given(SEEN, ABOUT), ABOUT, SEEN) == []
    assert show(given(CREATED), ABOUT, SEEN) == [SEEN]


def test_an_answer_says_all_that_github_has_known_or_not_and_then_that_it_is_all() -> (
    None
):
    known = given(CREATED, QUEUED.of(DEPLOYMENT), QUESTION)
    assert answer(known, QUESTION, [SUCCESS, RUNNING, QUEUED]) == [
        QUEUED.of(DEPLOYMENT),
        RUNNING.of(DEPLOYMENT),
        SUCCESS.of(DEPLOYMENT),
        synced(903),
    ]


def test_an_answer_says_also_that_the_tooling_has_said_nothing() -> None:
    assert answer(given(QUESTION), QUESTION, []) == [synced(None)]


def test_a_deployment_that_github_no_longer_has_is_gone() -> None:
    assert answer(given(QUESTION), QUESTION, None) == [GONE]


@pytest.mark.parametrize("before", [synced(903), GONE])
def test_a_question_is_answered_once(before: GitHubDeploymentFact) -> None:
    known = given(QUESTION, before)
    assert known.unanswered == []
    assert answer(known, QUESTION, [SUCCESS]) == []
    assert answer(known, QUESTION, None) == []


def test_a_question_waits_for_its_own_answer() -> None:
    another = QUESTION.model_copy(update={"sync_id": DEPLOYMENT})
    assert given(QUESTION, another, synced(903)).unanswered == [another]
