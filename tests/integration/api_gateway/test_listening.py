"""Live events of what one may see, re-checked while connected; and the audit."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .others import TOKEN
from .people_at_github import (
    ADMIN,
    READER,
    STRANGER,
    WRITER,
    Town,
    active,
    bearer,
    syncing,
    take_away,
)

SHOP = "/repos/octo/shop"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with active(tmp_path) as town:
        yield town


async def test_what_people_decide_is_in_the_audit(town: Town) -> None:
    writer = await town.sign_in(WRITER)
    path = f"/api/v1{SHOP}"
    body = {"type": "branch", "ref": "main", "env": "production"}
    for where, sent in (
        ("/locks", {"env": "production", "reason": "Move"}),
        ("/deployments", body),
        ("/deployments/1/cancel", {"reason": "No"}),
    ):
        await town.api.post(f"{path}{where}", json=sent, headers=bearer(writer))
    told = await (await town.get("/audit?repository=OCTO/shop", TOKEN)).json()
    assert [(one["who"], one["action"], one["subject"]) for one in told] == [
        ("willy", "cancel", "#1 to production"),
        ("willy", "deploy", "#1 to production"),
        ("willy", "lock", "production"),
        ("gitploy", "activate", ""),
    ]
    assert told[2]["details"] == {"reason": "Move"}
    found = await (await town.get("/audit?who=willy&action=lock", TOKEN)).json()
    assert len(found) == 1
    none = await (await town.get("/audit?to=2020-01-01T00:00:00Z", TOKEN)).json()
    assert none == []


@asynccontextmanager
async def listening(town: Town, secret: str) -> AsyncIterator[Any]:
    async with town.api.get(
        "/api/v1/stream/events", headers=bearer(secret)
    ) as response:
        assert response.status == 200
        yield response


async def event(response: Any) -> Any:
    """The next event's document; none at the end."""
    async with asyncio.timeout(10):
        while line := (await response.content.readline()).decode():
            if line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))
    return None


async def lock(town: Town, env: str) -> None:
    answer = await town.api.post(
        f"/api/v1{SHOP}/locks", json={"env": env}, headers=bearer(TOKEN)
    )
    assert answer.status == 201


async def test_live_events_are_of_what_one_may_see(town: Town) -> None:
    reader, stranger = await town.sign_in(READER), await town.sign_in(STRANGER)
    other = await town.token(await town.sign_in(ADMIN), repository="octo/other")
    async with (
        listening(town, reader) as seen,
        listening(town, stranger) as unseen,
        listening(town, other) as elsewhere,
    ):
        await lock(town, "production")
        assert (await event(seen))["env"] == "production"
        for deaf in (unseen, elsewhere):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await event(deaf)


async def test_who_loses_a_repository_hears_no_more_of_it(town: Town) -> None:
    reader = await town.sign_in(READER)
    async with listening(town, reader) as seen:
        await lock(town, "production")
        assert (await event(seen))["env"] == "production"
        take_away(town)
        town.clock.advance(timedelta(minutes=6))
        await syncing(town).tick()
        await lock(town, "staging")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await event(seen)


async def test_a_session_that_ends_ends_its_stream(town: Town) -> None:
    reader = await town.sign_in(READER)
    async with listening(town, reader) as seen:
        await town.api.post(
            "/signout", cookies={"__sess__": reader}, allow_redirects=False
        )
        await lock(town, "production")
        assert await event(seen) is None
