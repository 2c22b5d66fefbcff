"""What is committed, with GitHub and the other services standing by."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest

from shared.contracts import (
    STATUS_SYNC,
    DeploymentSynced,
    Fact,
    GitHubDeploymentGone,
    Repository,
    RepositoryActivated,
    StatusUpdated,
    taken_by,
)
from shared.messaging import Retry
from shared.store import Store
from shared.testing import FakeClock, said
from status_sync.application import HANDLERS, StatusSync
from status_sync.domain import hooks
from status_sync.domain.delivery import DeliverySwept
from status_sync.domain.github_deployment import StatusKept, stream_of
from status_sync.ports import NoAnswerError
from status_sync.reconcile import Attempt
from status_sync.webhooks import Webhook

from .examples import (
    CREATED,
    DEPLOYMENT,
    GITHUB_ID,
    QUESTION,
    QUEUED,
    REPOSITORY,
    RUNNING,
    SUCCESS,
)

STREAM = stream_of(REPOSITORY, GITHUB_ID)
HOOK = RepositoryActivated(command_id=DEPLOYMENT, repository=REPOSITORY, webhook_id=50)


class FakeGitHub:
    """Answers with what the test has put there."""

    def __init__(self) -> None:
        self.found: Sequence[StatusKept] | None = ()
        self.failed: list[Attempt] = []
        self.bodies: dict[str, bytes] = {}
        self.away: NoAnswerError | None = None
        self.fetched: list[str] = []

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | None:
        if self.away:
            raise self.away
        return self.found

    async def attempts(
        self, repository: Repository, webhook_id: int, since: datetime
    ) -> Sequence[Attempt]:
        if self.away:
            raise self.away
        return [attempt for attempt in self.failed if attempt.at >= since]

    async def delivery(
        self, repository: Repository, webhook_id: int, attempt: Attempt
    ) -> Webhook:
        self.fetched.append(attempt.guid)
        body = self.bodies[attempt.guid]
        return Webhook(attempt.event, attempt.guid, "application/json", body)


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(STATUS_SYNC, "memory://", clock=FakeClock())
    yield opened
    opened.close()


@pytest.fixture
def sync(store: Store, github: FakeGitHub) -> StatusSync:
    return StatusSync(store, github)


def webhook(status: StatusKept, guid: str = "guid-1") -> Webhook:
    return Webhook("deployment_status", guid, "application/json", payload(status))


def payload(status: StatusKept) -> bytes:
    return orjson.dumps(
        {
            "action": "created",
            "repository": REPOSITORY.model_dump(),
            "deployment": {"id": status.github_deployment_id, "sha": "a" * 40},
            "deployment_status": {
                "id": status.github_status_id,
                "state": status.state,
                "created_at": status.created_at,
            },
        }
    )


async def facts(store: Store, stream: UUID = STREAM) -> list[Fact]:
    return [row.message.data for row in await store.read(stream)]


async def test_a_webhook_of_a_known_deployment_is_one_commit(
    sync: StatusSync, store: Store
) -> None:
    await sync.take(said(CREATED))
    assert await sync.hear(webhook(QUEUED))
    assert await facts(store) == [CREATED, QUEUED.of(DEPLOYMENT)]


async def test_a_webhook_of_a_known_deployment_reads_nothing(
    sync: StatusSync, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync.take(said(CREATED))

    async def read(*_: object) -> list[object]:
        raise AssertionError("the store was read")

    monkeypatch.setattr(store, "read", read)
    await sync.hear(webhook(QUEUED))


async def test_what_a_webhook_tells_has_the_delivery_as_its_correlation(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(QUEUED, "guid-7"))
    assert [row.message.correlation_id for row in await store.read(STREAM)] == [
        "guid-7"
    ]


async def test_a_webhook_that_comes_twice_is_recorded_once(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(QUEUED))
    assert await sync.hear(webhook(QUEUED))
    assert await facts(store) == [QUEUED]


async def test_a_webhook_that_overtakes_the_creation_is_said_later(
    sync: StatusSync, store: Store
) -> None:
    await sync.hear(webhook(QUEUED))
    await sync.take(said(CREATED))
    assert await facts(store) == [QUEUED, CREATED, QUEUED.of(DEPLOYMENT)]


async def test_a_crash_between_the_link_and_what_was_kept_is_made_good(
    sync: StatusSync, store: Store
) -> None:
    created = said(CREATED)
    await sync.hear(webhook(QUEUED))
    await sync.deployments.take(STREAM, created)
    await sync.take(created)
    assert await facts(store) == [QUEUED, CREATED, QUEUED.of(DEPLOYMENT)]


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
    github.found = None
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
    assert await facts(store) == [QUEUED, QUESTION, QUEUED.of(DEPLOYMENT)]
    github.away = None
    await sync.take(question)
    assert any(isinstance(fact, DeploymentSynced) for fact in await facts(store))


async def test_a_deployment_that_was_deleted_is_gone(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found = None
    await sync.take(said(QUESTION))
    assert isinstance((await facts(store))[-1], GitHubDeploymentGone)


async def test_two_replicas_say_each_status_once(
    store: Store, github: FakeGitHub
) -> None:
    one, two = StatusSync(store, github), StatusSync(store, github)
    await one.take(said(CREATED))
    await two.hear(webhook(QUEUED))
    await one.hear(webhook(RUNNING))
    await one.hear(webhook(QUEUED))
    await two.hear(webhook(RUNNING))
    updates = [one for one in await facts(store) if isinstance(one, StatusUpdated)]
    assert updates == [QUEUED.of(DEPLOYMENT), RUNNING.of(DEPLOYMENT)]


async def test_the_sweep_takes_in_what_did_not_arrive_once(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take(said(CREATED))
    await sync.take_hook(said(HOOK))
    at = sync.clock() - timedelta(hours=1)
    github.failed = [Attempt(1, "lost", "deployment_status", at, arrived=False)]
    github.bodies = {"lost": payload(SUCCESS)}
    await sync.sweep()
    await sync.sweep()
    assert await facts(store) == [CREATED, SUCCESS.of(DEPLOYMENT)]
    assert github.fetched == ["lost"]


async def test_the_sweep_looks_back_three_days(
    sync: StatusSync, github: FakeGitHub
) -> None:
    await sync.take_hook(said(HOOK))
    at = sync.clock() - timedelta(days=3, seconds=1)
    github.failed = [Attempt(1, "old", "deployment_status", at, arrived=False)]
    await sync.sweep()
    assert github.fetched == []


async def test_a_lost_delivery_that_can_not_be_read_holds_up_no_other(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take_hook(said(HOOK))
    at = sync.clock()
    github.failed = [
        Attempt(n, guid, "deployment_status", at, arrived=False)
        for n, guid in enumerate(["broken", "good"])
    ]
    github.bodies = {"broken": b"null", "good": payload(SUCCESS)}
    await sync.sweep()
    await sync.sweep()
    assert await facts(store) == [SUCCESS]
    assert github.fetched == ["broken", "good"]


async def test_a_receipt_is_small(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take_hook(said(HOOK))
    github.failed = [Attempt(1, "lost", "deployment", sync.clock(), arrived=False)]
    github.bodies = {"lost": b"{}"}
    await sync.sweep()
    receipts = [
        one.message.data
        for one in await store.log(0)
        if isinstance(one.message.data, DeliverySwept)
    ]
    assert [(one.event, one.repository_id) for one in receipts] == [("deployment", 7)]


async def test_a_sweep_outlives_githubs_absence(
    sync: StatusSync, github: FakeGitHub
) -> None:
    await sync.take_hook(said(HOOK))
    github.away = NoAnswerError("no connection", timedelta(seconds=10))
    await sync.sweep()
    assert (await sync.hooks.get(hooks.STREAM)).active == [(REPOSITORY, 50)]


def test_the_handlers_are_those_of_the_table() -> None:
    assert taken_by(STATUS_SYNC) == HANDLERS.keys()
