"""What GitHub could not deliver is taken in once."""

from datetime import timedelta

from shared.contracts import RepositoryActivated
from shared.store import Store
from shared.testing import said
from status_sync.application import StatusSync
from status_sync.domain import hooks
from status_sync.domain.delivery import DeliverySwept
from status_sync.ports import NoAnswerError
from status_sync.reconcile import Attempt

from .conftest import FakeGitHub, facts, payload
from .examples import (
    CREATED,
    DEPLOYMENT,
    REPOSITORY,
    SUCCESS,
)

HOOK = RepositoryActivated(command_id=DEPLOYMENT, repository=REPOSITORY, webhook_id=50)


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
