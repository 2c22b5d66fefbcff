"""What the webhook of a GitHub App tells, and what is not listened to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest

from shared.contracts import (
    AuthorizationRevoked,
    Person,
    RefPushed,
    RepositoryActivated,
    RepositoryDeactivated,
    RepositoryGone,
)
from shared.store import Store
from shared.testing import T0, FakeClock, said, until
from status_sync.application import Heard, StatusSync
from status_sync.domain.delivery import DeliverySwept
from status_sync.domain.hooks import HookNoticed, HookState
from status_sync.domain.repository import RepositoryFound
from status_sync.reconcile import Attempt
from status_sync.webhooks import MalformedWebhook, Webhook

from .conftest import FakeGitHub
from .examples import DEPLOYMENT, REPOSITORY
from .test_sweep import INTERVAL, PUSH, told

INSTALLATION = 9
COVERED = RepositoryActivated(
    command_id=DEPLOYMENT,
    repository=REPOSITORY,
    webhook_id=0,
    installation_id=INSTALLATION,
)
OF_THIS = {"installation": {"id": INSTALLATION}}
SHORT = {"id": REPOSITORY.id, "full_name": REPOSITORY.full_name}
ANN = {"id": 3, "login": "ann"}


def of_app(event: str, body: Any, guid: str = "guid-1") -> Webhook:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Webhook(event, guid, "application/json", raw, T0, of_app=True)


@asynccontextmanager
async def looking(sync: StatusSync) -> AsyncIterator[None]:
    """Meanwhile it looks at what was touched."""
    loop = asyncio.create_task(sync.look_when_touched())
    yield
    loop.cancel()
    await asyncio.wait([loop])


async def said_at_last(store: Store, kind: type) -> list[Any]:
    async def some() -> bool:
        return bool(await told(store, kind))

    await until(some)
    return await told(store, kind)


def removal(*, of: int = INSTALLATION) -> dict[str, Any]:
    return {
        "action": "removed",
        "installation": {"id": of},
        "repositories_removed": [SHORT],
    }


async def test_what_nobody_follows_is_not_listened_to(
    sync: StatusSync, store: Store
) -> None:
    webhook = of_app("push", PUSH)
    assert await sync.hear(webhook) is Heard.IGNORED
    assert await store.log(0) == []
    await sync.take_hook(said(COVERED))
    assert await sync.hear(webhook) is Heard.RECORDED
    assert len(await told(store, RefPushed)) == 1


async def test_what_is_followed_no_more_is_not_listened_to(
    sync: StatusSync, store: Store
) -> None:
    await sync.take_hook(said(COVERED))
    assert await sync.hear(of_app("push", PUSH, "one")) is Heard.RECORDED
    left = RepositoryDeactivated(command_id=DEPLOYMENT, repository=REPOSITORY)
    await sync.take_hook(said(left, revision=2))
    await sync.sweep()
    assert await sync.hear(of_app("push", PUSH, "two")) is Heard.IGNORED


async def test_a_revocation_is_said_once(sync: StatusSync, store: Store) -> None:
    body = {"action": "revoked", "sender": ANN}
    webhook = of_app("github_app_authorization", body)
    for _ in range(2):
        assert await sync.hear(webhook) is Heard.RECORDED
    assert await told(store, AuthorizationRevoked) == [
        AuthorizationRevoked(
            delivery_id="guid-1", person=Person(id=3, login="ann"), revoked_at=T0
        )
    ]


@pytest.mark.parametrize(
    "body", [{"action": "revoked"}, {"action": "granted", "sender": ANN}]
)
async def test_a_revocation_without_a_person_is_none(
    sync: StatusSync, body: dict[str, Any]
) -> None:
    webhook = of_app("github_app_authorization", body)
    assert await sync.hear(webhook) is Heard.IGNORED


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("installation", {"action": "deleted", **OF_THIS}),
        ("installation_repositories", removal()),
    ],
)
async def test_what_was_taken_from_the_app_is_gone_at_once(
    sync: StatusSync, store: Store, github: FakeGitHub, event: str, body: Any
) -> None:
    await sync.take_hook(said(COVERED))
    github.name = None
    async with looking(sync):
        assert await sync.hear(of_app(event, body)) is Heard.NOTICED
        (gone,) = await said_at_last(store, RepositoryGone)
    assert gone.reason == "out_of_reach"


async def test_only_githubs_word_does_not_make_it_gone(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    """The word may be old: it was given back since then."""
    await sync.take_hook(said(COVERED))
    async with looking(sync):
        await sync.hear(of_app("installation_repositories", removal()))
        await until(lambda: github.located > 0)
    assert await told(store, RepositoryGone) == []


async def test_a_suspended_installation_may_be_back_soon(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take_hook(said(COVERED))
    github.name = None
    body = {"action": "suspend", **OF_THIS}
    async with looking(sync):
        await sync.hear(of_app("installation", body))
        await until(lambda: github.located > 0)
    assert await told(store, RepositoryGone) == []


async def test_what_is_given_back_is_there_again(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take_hook(said(COVERED))
    github.name = None
    async with looking(sync):
        await sync.hear(of_app("installation_repositories", removal(), "one"))
        await said_at_last(store, RepositoryGone)
        github.name = REPOSITORY.full_name
        # The App was installed anew, and has another number now.
        added = {
            "action": "created",
            "installation": {"id": 10},
            "repositories": [SHORT],
        }
        await sync.hear(of_app("installation", added, "two"))
        await said_at_last(store, RepositoryFound)


async def test_another_installation_is_none_of_ours(
    sync: StatusSync, github: FakeGitHub
) -> None:
    await sync.take_hook(said(COVERED))
    sync.touched.clear()
    await sync.hear(of_app("installation_repositories", removal(of=10)))
    assert sync.touched == {}


async def test_a_malformed_word_is_refused(sync: StatusSync) -> None:
    for body in ({"action": "deleted"}, {"installation": {"id": 0}}, b"[]"):
        with pytest.raises(MalformedWebhook):
            await sync.hear(of_app("installation", body))


async def test_the_apps_webhook_is_swept_for_all(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    await sync.take_hook(said(COVERED))
    at = T0 - timedelta(hours=1)
    github.failed = [
        Attempt(1, "lost", "push", at, arrived=False, repository_id=REPOSITORY.id),
        Attempt(2, "other", "push", at, arrived=False, repository_id=8),
        Attempt(3, "person", "github_app_authorization", at, arrived=False),
        Attempt(4, "hint", "check_run", at, arrived=False),
    ]
    revoked = {"action": "revoked", "sender": ANN}
    github.bodies = {"lost": PUSH, "person": orjson.dumps(revoked)}
    await sync.sweep()
    clock.advance(INTERVAL)
    await sync.sweep()
    assert github.fetched == ["lost", "person"]
    (pushed,) = await said_at_last(store, RefPushed)
    (taken_back,) = await said_at_last(store, AuthorizationRevoked)
    assert (pushed.delivery_id, taken_back.revoked_at) == ("lost", at)
    numbers = [fact.repository_id for fact in await said_at_last(store, DeliverySwept)]
    assert numbers == [None, None]


async def test_the_apps_webhook_is_noticed_when_it_is_no_good(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await sync.take_hook(said(COVERED))
    github.state = HookState.OUTDATED
    await sync.sweep()
    (noticed,) = await told(store, HookNoticed)
    assert isinstance(noticed, HookNoticed)
    assert (noticed.repository, noticed.webhook_id) == (None, 0)
    # It is swept all the same.
    assert len(github.since) == 1
