"""A token that GitHub takes no more ends what it was good for, and nothing newer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api_gateway.ports import TokenRefusedError

from .people_at_github import (
    READER,
    SHOP,
    FakePeople,
    Town,
    bearer,
    membership,
    status,
)

SOON = timedelta(minutes=11)
OLD, NEW = "t-rita.0", "t-rita.1"


async def told(token: str | None) -> str | None:
    return token


class Late:
    """Holds what GitHub says to the old token until it is let go."""

    def __init__(self, people: FakePeople, name: str) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self._answer = getattr(people, name)
        setattr(people, name, self.answer)

    async def answer(self, token: str, *about: Any) -> Any:
        if token == OLD:
            self.asked.set()
            await self.go.wait()
            raise TokenRefusedError(own=False)
        return await self._answer(token, *about)


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [("repository", "GET", SHOP), ("repositories", "POST", "/sync")],
)
async def test_an_old_tokens_late_refusal_ends_nothing_newer(
    town: Town, name: str, method: str, path: str
) -> None:
    # With an end, each grant is another.
    town.people.life = timedelta(days=365)
    reader = await town.sign_in(READER)
    town.clock.advance(SOON)
    late = Late(town.people, name)
    asking = asyncio.create_task(
        town.api.request(method, f"/api/v1{path}", headers=bearer(reader))
    )
    await late.asked.wait()
    town.people.refreshes.append("so that the next grant is another")
    town.clock.advance(timedelta(seconds=1))
    again = (await town.come_back(READER.login)).cookies["__sess__"].value
    late.go.set()
    assert (await asking).status == 200
    assert await status(town, again) == 200
    assert await membership(town).in_name_of(READER, told) == NEW


async def test_what_is_refused_twice_at_once_ends_once(town: Town) -> None:
    reader = await town.sign_in(READER)
    town.clock.advance(SOON)
    town.people.refused.add("t-rita")
    answers = await asyncio.gather(
        town.get(SHOP, reader),
        town.api.post("/api/v1/sync", headers=bearer(reader)),
    )
    assert [answer.status for answer in answers] == [401, 401]
    assert await status(town, reader, "/repos") == 401
