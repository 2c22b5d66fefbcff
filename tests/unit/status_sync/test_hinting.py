"""Commits whose checks have changed are hinted at, each once in a while."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from shared.contracts import CommitChecksChanged, Hint
from shared.store import Store
from shared.testing import until
from status_sync.application import Heard, StatusSync, hinting
from status_sync.webhooks import MalformedWebhook, Webhook

from .conftest import a_webhook
from .examples import REPOSITORY

SHA, OTHER = "a" * 40, "b" * 40


def reported(event: str, sha: str = SHA) -> Webhook:
    told: dict[str, dict[str, Any]] = {
        "status": {"sha": sha, "state": "success", "id": 1},
        "check_run": {"action": "completed", "check_run": {"id": 1, "head_sha": sha}},
        "check_suite": {"action": "completed", "check_suite": {"head_sha": sha}},
    }
    body = {"repository": REPOSITORY.model_dump(), **told[event]}
    return a_webhook(event, orjson.dumps(body))


def of(sha: str) -> CommitChecksChanged:
    return CommitChecksChanged(repository=REPOSITORY, sha=sha)


@pytest.fixture
async def at_once(
    sync: StatusSync, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """Hints are given, after no time."""
    monkeypatch.setattr(hinting, "GATHER_S", 0.0)
    giving = asyncio.create_task(sync.hint_when_changed())
    yield
    giving.cancel()
    await asyncio.wait([giving])


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("event", ["status", "check_run", "check_suite"])
async def test_what_is_reported_of_a_commit_is_hinted_at_and_not_recorded(
    sync: StatusSync, store: Store, hinted: list[Hint], event: str
) -> None:
    assert await sync.hear(reported(event)) is Heard.NOTICED
    await until(lambda: bool(hinted))
    assert hinted == [of(SHA)]
    assert await store.last_position() == 0


async def test_a_storm_is_one_hint_for_each_commit(
    sync: StatusSync, hinted: list[Hint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hinting, "GATHER_S", 0.0)
    for _ in range(50):
        await sync.hear(reported("check_run", SHA))
        await sync.hear(reported("status", OTHER))
    giving = asyncio.create_task(sync.hint_when_changed())
    await until(lambda: len(hinted) == 2)
    await sync.hear(reported("check_suite"))
    await until(lambda: len(hinted) == 3)
    giving.cancel()
    await asyncio.wait([giving])
    assert hinted == [of(SHA), of(OTHER), of(SHA)]


async def test_no_storm_takes_all_the_memory(
    sync: StatusSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hinting, "MOST", 2)
    for number in range(5):
        await sync.hear(reported("status", f"{number:040}"))
    assert len(sync.changed) == 2


@pytest.mark.parametrize("event", ["status", "check_run", "check_suite"])
async def test_a_commit_that_is_none_is_refused(sync: StatusSync, event: str) -> None:
    with pytest.raises(MalformedWebhook, match="sha"):
        await sync.hear(reported(event, "main"))
