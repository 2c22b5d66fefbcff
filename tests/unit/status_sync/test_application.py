"""What is committed, with GitHub and the other services standing by."""

from datetime import timedelta

import pytest

from shared.contracts import (
    STATUS_SYNC,
    DeploymentSynced,
    GitHubDeploymentGone,
    StatusUpdated,
    taken_by,
)
from shared.messaging import Retry
from shared.store import Store
from shared.testing import said
from status_sync.application import HANDLERS, Heard, StatusSync
from status_sync.ports import Lack, NoAnswerError

from .conftest import STREAM, FakeGitHub, FakeTurns, facts, no_hint, webhook
from .examples import (
    ABOUT,
    CREATED,
    DEPLOYMENT,
    QUESTION,
    QUEUED,
    RUNNING,
    SUCCESS,
)


async def test_a_webhook_of_a_known_deployment_is_one_commit(
    sync: StatusSync, store: Store
) -> None:
    await sync.take_created(said(CREATED))
    assert await sync.hear(webhook(QUEUED)) is Heard.RECORDED
    assert await facts(store) == [CREATED, QUEUED.of(DEPLOYMENT)]


async def test_a_webhook_of_a_known_deployment_reads_nothing(
    sync: StatusSync, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync.take_created(said(CREATED))

    async def read(*_: object) -> list[object]:
        raise AssertionError("the store was read")

    monkeypatch.setattr(store, "read", read)
    await sync.hear(webhook(QUEUED))


async def test_what_a_webhook_tells_has_the_delivery_as_its_correlation(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(QUEUED, "guid-7"))
    told = await store.read(STREAM)
    assert {row.message.correlation_id for row in told} == {"guid-7"}


async def test_a_webhook_that_comes_twice_is_recorded_once(
    sync: StatusSync, store: Store
) -> None:
    for _ in range(2):
        assert await sync.hear(webhook(QUEUED)) is Heard.RECORDED
    assert await facts(store) == [ABOUT, QUEUED]


async def test_a_webhook_that_overtakes_the_creation_is_said_later(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(QUEUED))
    await sync.take_created(said(CREATED))
    assert await facts(store) == [ABOUT, QUEUED, CREATED, QUEUED.of(DEPLOYMENT)]


async def test_a_crash_between_the_link_and_what_was_kept_is_made_good(
    sync: StatusSync, store: Store
) -> None:
    created = said(CREATED)
    await sync.hear(webhook(QUEUED))
    await sync.deployments.take(STREAM, created)
    await sync.take_created(created)
    assert await facts(store) == [ABOUT, QUEUED, CREATED, QUEUED.of(DEPLOYMENT)]


async def test_a_question_is_asked_at_github_and_answered(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = [SUCCESS, QUEUED]
    await sync.take(said(QUESTION))
    *_, queued, success, synced = await facts(store)
    assert [queued, success] == [QUEUED.of(DEPLOYMENT), SUCCESS.of(DEPLOYMENT)]
    assert isinstance(synced, DeploymentSynced)
    assert synced.newest_github_status_id == SUCCESS.github_status_id


async def test_a_question_that_comes_again_is_not_asked_again(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    question = said(QUESTION)
    await sync.take(question)
    before = await facts(store)
    github.found = Lack.ABSENT
    await sync.take(question)
    assert await facts(store) == before


async def test_a_question_that_asks_gets_all_that_was_said_with_the_same_ids(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = [RUNNING]
    await sync.take(said(QUESTION, id="q"))
    own = [row.message for row in await store.read(STREAM)][1:]
    assert store.repeats() == []
    await sync.take(said(QUESTION, id="q", asked=True))
    assert store.repeats() == own


async def test_a_question_waits_while_github_is_away(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    question = said(QUESTION)
    await sync.hear(webhook(QUEUED))
    github.away = NoAnswerError("no connection", timedelta(seconds=10))
    with pytest.raises(Retry) as retry:
        await sync.take(question)
    assert retry.value.after == timedelta(seconds=10)
    assert await facts(store) == [ABOUT, QUEUED, QUESTION, QUEUED.of(DEPLOYMENT)]
    github.away = None
    await sync.take(question)
    assert any(isinstance(fact, DeploymentSynced) for fact in await facts(store))


async def test_a_deployment_that_was_deleted_is_gone(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = Lack.ABSENT
    await sync.take(said(QUESTION))
    assert isinstance((await facts(store))[-1], GitHubDeploymentGone)


async def test_a_right_that_is_missing_makes_nothing_gone(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = Lack.FORBIDDEN
    with pytest.raises(Retry, match="give it that right"):
        await sync.take(said(QUESTION))
    assert await facts(store) == [QUESTION]


async def test_two_replicas_say_each_status_once(
    store: Store, github: FakeGitHub, turns: FakeTurns
) -> None:
    one, two = (StatusSync(store, github, turns, no_hint) for _ in range(2))
    await one.take_created(said(CREATED))
    await two.hear(webhook(QUEUED))
    await one.hear(webhook(RUNNING))
    await one.hear(webhook(QUEUED))
    await two.hear(webhook(RUNNING))
    updates = [one for one in await facts(store) if isinstance(one, StatusUpdated)]
    assert updates == [QUEUED.of(DEPLOYMENT), RUNNING.of(DEPLOYMENT)]


def test_the_handlers_are_those_of_the_table() -> None:
    assert taken_by(STATUS_SYNC) == HANDLERS.keys()
