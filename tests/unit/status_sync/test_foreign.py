"""Deployments that Gitploy did not make, and those that GitHub files beside ours."""

from datetime import timedelta

import pytest

from shared.contracts import (
    DeploymentSynced,
    ForeignDeploymentSeen,
    GitHubDeploymentGone,
    StatusUpdated,
)
from shared.store import Logged, Store
from shared.testing import FakeClock, said
from status_sync.application import StatusSync
from status_sync.domain.told import DeploymentFolded
from status_sync.ports import Lack

from .conftest import (
    STREAM,
    FakeGitHub,
    FakeTurns,
    deployment_webhook,
    facts,
    no_hint,
    webhook,
)
from .examples import (
    ABOUT,
    CREATED,
    DEPLOYMENT,
    FOREIGN,
    GITHUB_ID,
    OF_A_RUN,
    QUESTION,
    QUEUED,
    RUNNING,
    SEEN,
    SUCCESS,
)

LINK = timedelta(minutes=2)
MARKED = {"payload": {"gitploy": {"deployment_id": str(DEPLOYMENT)}}}
#: Ours, whose run has filed the one of the tests.
OURS = CREATED.model_copy(update={"github_deployment_id": GITHUB_ID - 1})
BY_A_DEPLOYMENT = {"id": 77, "event": "deployment"}
FOREIGN_QUESTION = QUESTION.model_copy(update={"deployment_id": FOREIGN})


async def test_a_deployment_without_our_marker_is_somebody_elses(
    sync: StatusSync, store: Store
) -> None:
    for _ in range(2):
        await sync.hear(deployment_webhook())
    await sync.hear(webhook(QUEUED))
    assert await facts(store) == [ABOUT.foreign, QUEUED.of(FOREIGN, foreign=True)]


async def test_statuses_that_came_before_it_are_said_after_it(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(RUNNING))
    await sync.hear(webhook(QUEUED))
    await sync.hear(deployment_webhook())
    assert (await facts(store))[-3:] == [
        ABOUT.foreign,
        QUEUED.of(FOREIGN, foreign=True),
        RUNNING.of(FOREIGN, foreign=True),
    ]


async def test_an_actions_job_that_a_push_started_is_somebody_elses(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(deployment_webhook({"id": 77, "event": "push"}))
    (foreign,) = await facts(store)
    assert isinstance(foreign, ForeignDeploymentSeen)
    assert (foreign.deployment_id, foreign.workflow_run) == (FOREIGN, 77)


async def test_what_nobody_links_in_time_is_somebody_elses(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK - timedelta(seconds=1))
    await sync.settle_due()
    assert await facts(store) == [ABOUT, QUEUED]
    clock.advance(timedelta(seconds=6))
    await sync.settle_due()
    said_foreign = [ABOUT.foreign, QUEUED.of(FOREIGN, foreign=True)]
    assert (await facts(store))[2:] == said_foreign


async def test_a_marker_that_nobody_confirms_makes_nothing_ours(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.hear(deployment_webhook(**MARKED))
    assert await facts(store) == [SEEN, ABOUT]
    clock.advance(LINK)
    await sync.settle_due()
    assert (await facts(store))[2:] == [ABOUT.foreign]


async def test_what_was_linked_in_time_is_ours(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.hear(deployment_webhook(**MARKED))
    await sync.take_created(said(CREATED))
    clock.advance(LINK)
    await sync.settle_due()
    assert await facts(store) == [SEEN, ABOUT, CREATED]


async def test_a_late_link_makes_it_ours_and_says_its_statuses_again(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK)
    await sync.settle_due()
    await sync.take_created(said(CREATED))
    await sync.hear(webhook(SUCCESS))
    queued, gone, success = (await facts(store))[-3:]
    assert [queued, success] == [QUEUED.of(DEPLOYMENT), SUCCESS.of(DEPLOYMENT)]
    assert isinstance(gone, GitHubDeploymentGone)
    assert (gone.deployment_id, gone.sync_id) == (FOREIGN, None)


async def test_who_asks_for_somebody_elses_that_is_ours_hears_that_there_is_none(
    sync: StatusSync, store: Store, clock: FakeClock, github: FakeGitHub
) -> None:
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK)
    await sync.settle_due()
    await sync.take_created(said(CREATED))
    github.found = [QUEUED, SUCCESS]
    await sync.take(said(FOREIGN_QUESTION))
    gone = (await facts(store))[-1]
    assert isinstance(gone, GitHubDeploymentGone)
    assert (gone.deployment_id, gone.sync_id) == (FOREIGN, FOREIGN_QUESTION.sync_id)


async def test_what_our_own_run_has_filed_is_folded_into_ours(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.take_created(said(OURS))
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    await sync.hear(webhook(SUCCESS))
    clock.advance(LINK)
    await sync.settle_due()
    await sync.hear(webhook(RUNNING))
    folded = DeploymentFolded(github_deployment_id=GITHUB_ID, into=GITHUB_ID - 1)
    assert await facts(store) == [OF_A_RUN, SUCCESS, folded, RUNNING]


async def test_of_several_of_ours_it_is_folded_into_the_last_before_it(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    for number in (GITHUB_ID - 2, GITHUB_ID - 1, GITHUB_ID + 1):
        ours = CREATED.model_copy(update={"github_deployment_id": number})
        await sync.take_created(said(ours))
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    clock.advance(LINK)
    await sync.settle_due()
    folded = (await facts(store))[-1]
    assert isinstance(folded, DeploymentFolded)
    assert folded.into == GITHUB_ID - 1


async def test_ours_may_be_told_after_the_one_that_its_run_has_filed(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    await sync.take_created(said(OURS))
    clock.advance(LINK)
    await sync.settle_due()
    assert isinstance((await facts(store))[-1], DeploymentFolded)


async def test_another_environment_or_commit_is_not_folded(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    elsewhere = {"environment": "staging"}, {"sha": "b" * 40}
    for number, change in enumerate(elsewhere, 10):
        ours = {"github_deployment_id": number, **change}
        await sync.take_created(said(OURS.model_copy(update=ours)))
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    clock.advance(LINK)
    await sync.settle_due()
    assert (await facts(store))[-1] == OF_A_RUN.foreign


async def test_one_that_was_there_before_ours_is_not_folded(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    later = CREATED.model_copy(update={"github_deployment_id": GITHUB_ID + 1})
    await sync.take_created(said(later))
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    clock.advance(LINK)
    await sync.settle_due()
    assert (await facts(store))[-1] == OF_A_RUN.foreign


async def test_names_of_environments_do_not_differ_by_case(
    sync: StatusSync, store: Store, clock: FakeClock
) -> None:
    await sync.take_created(said(OURS.model_copy(update={"environment": "PRODUCTION"})))
    await sync.hear(deployment_webhook(BY_A_DEPLOYMENT))
    clock.advance(LINK)
    await sync.settle_due()
    assert isinstance((await facts(store))[-1], DeploymentFolded)


async def test_each_is_settled_once_however_many_look(
    sync: StatusSync, store: Store, clock: FakeClock, github: FakeGitHub
) -> None:
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK)
    replicas = [StatusSync(store, github, FakeTurns(clock), no_hint) for _ in range(2)]
    for replica in replicas:
        await replica.settle_due()
    assert (await facts(store)).count(ABOUT.foreign) == 1


async def test_the_next_look_goes_on_where_the_last_one_ended(
    sync: StatusSync,
    store: Store,
    clock: FakeClock,
    turns: FakeTurns,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK)
    await sync.settle_due()
    end = await store.last_position()
    assert turns.places["unlinked"] == end
    read = store.log
    begun: list[int] = []

    async def log(after: int) -> list[Logged]:
        begun.append(after)
        return await read(after)

    monkeypatch.setattr(store, "log", log)
    clock.advance(timedelta(seconds=5))
    await sync.settle_due()
    assert begun == [end]


async def test_a_log_that_was_restored_is_followed_anew(
    sync: StatusSync, store: Store, clock: FakeClock, turns: FakeTurns
) -> None:
    turns.places["unlinked"] = 1_000
    await sync.hear(webhook(QUEUED))
    clock.advance(LINK)
    await sync.settle_due()
    assert ABOUT.foreign in await facts(store)


async def test_a_question_about_somebody_elses_is_answered_as_theirs(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.hear(deployment_webhook())
    github.found = [SUCCESS]
    await sync.take(said(FOREIGN_QUESTION))
    update, synced = (await facts(store))[-2:]
    assert update == SUCCESS.of(FOREIGN, foreign=True)
    assert isinstance(synced, DeploymentSynced)
    assert (synced.deployment_id, synced.newest_github_status_id) == (FOREIGN, 903)


async def test_somebody_elses_that_was_deleted_is_gone_as_theirs(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = Lack.ABSENT
    await sync.take(said(FOREIGN_QUESTION))
    gone = (await facts(store))[-1]
    assert isinstance(gone, GitHubDeploymentGone)
    assert gone.deployment_id == FOREIGN


async def test_no_status_of_somebody_elses_is_ever_said_of_ours(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(deployment_webhook())
    for status in (QUEUED, SUCCESS):
        await sync.hear(webhook(status))
    said_ones = [one for one in await facts(store) if isinstance(one, StatusUpdated)]
    assert all(one.foreign and one.deployment_id == FOREIGN for one in said_ones)
    assert len(said_ones) == 2


async def test_the_stream_is_githubs_whoever_it_belongs_to(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(deployment_webhook())
    assert [row.originator_id for row in await store.read(STREAM)] == [STREAM]
