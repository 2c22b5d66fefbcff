"""GitHub answers somebody no more for a while: that keeps nobody in who was removed."""

from datetime import timedelta
from typing import Any

import pytest

from api_gateway.domain.access import Permission

from .others import REPO
from .people_at_github import (
    ADMIN,
    OTHER,
    READER,
    SHOP,
    Town,
    bearer,
    signing_in,
    status,
    syncing,
    take_away,
    town_of,
)

SOON = timedelta(minutes=11)
AN_HOUR = timedelta(hours=1)
#: Asked with Gitploy's own token.
OWN = f"collaboration {REPO.id} rita"


async def ids(town: Town, secret: str) -> list[int]:
    answer = await town.get("/repos", secret)
    assert answer.status == 200, await answer.text()
    return [one["id"] for one in await answer.json()]


def limit(town: Town) -> None:
    """Rita has used up what GitHub answers her."""
    town.people.limited["rita"] = town.clock() + AN_HOUR


async def test_gitploy_asks_with_its_own_token_then(town: Town) -> None:
    reader = await town.sign_in(READER)
    limit(town)
    town.clock.advance(SOON)
    assert await status(town, reader) == 200
    assert OWN in town.people.asked
    assert await ids(town, reader) == [REPO.id]
    take_away(town)
    town.clock.advance(SOON)
    assert await status(town, reader) == 404
    assert await ids(town, reader) == []


@pytest.mark.parametrize("by", ["a list", "the loop", "themselves"])
async def test_all_of_somebodys_repositories_are_asked_for_so_too(
    town: Town, by: str
) -> None:
    reader = await town.sign_in(READER)
    limit(town)
    take_away(town)
    town.clock.advance(SOON)
    if by == "the loop":
        await syncing(town).tick()
    elif by == "themselves":
        answer = await town.api.post("/api/v1/sync", headers=bearer(reader))
        assert answer.status == 200
    asked = len(town.people.asked)
    assert await ids(town, reader) == []
    assert (len(town.people.asked) > asked) is (by == "a list")


async def test_what_gitploys_own_token_does_not_show_is_left_as_it_was(
    town: Town,
) -> None:
    town.people.may[READER.id, OTHER.id] = Permission.READ
    reader = await town.sign_in(READER)
    limit(town)
    town.clock.advance(SOON)
    assert set(await ids(town, reader)) == {REPO.id, OTHER.id}
    assert f"collaboration {OTHER.id} rita" not in town.people.asked


async def test_github_is_not_asked_again_before_it_wants_to(town: Town) -> None:
    reader = await town.sign_in(READER)
    limit(town)
    town.clock.advance(SOON)
    assert await status(town, reader) == 200
    town.people.asked.clear()
    for _ in range(3):
        town.clock.advance(SOON)
        assert await status(town, reader) == 200
        assert await ids(town, reader) == [REPO.id]
        await syncing(town).tick()
    assert set(town.people.asked) == {OWN}
    town.clock.advance(AN_HOUR)
    assert await ids(town, reader) == [REPO.id]
    assert "repositories" in town.people.asked


async def test_where_nobody_can_tell_it_is_as_if_github_were_away(town: Town) -> None:
    reader = await town.sign_in(READER)
    town.people.limited["rita"] = town.clock() + 9 * AN_HOUR
    town.people.broken.add(REPO.id)
    for _ in range(4):
        town.clock.advance(AN_HOUR)
        assert await status(town, reader) == 200
        assert await ids(town, reader) == [REPO.id]
    town.clock.advance(AN_HOUR)
    for path in (SHOP, "/repos"):
        answer = await town.get(path, reader)
        told: Any = await answer.json()
        assert (answer.status, told["code"]) == (503, "internal_error")


async def test_all_replicas_know_of_it(database_url: str) -> None:
    settings = signing_in(database_url)
    async with town_of(settings) as first:
        reader = await first.sign_in(READER)
        limit(first)
        first.clock.advance(SOON)
        await ids(first, reader)
        first.people.asked.clear()
        first.clock.advance(SOON)
        async with town_of(settings, first.people, first.clock) as second:
            await ids(second, reader)
        assert first.people.asked == []


async def test_what_was_learned_is_kept_whatever_one_repository_says(
    town: Town,
) -> None:
    admin = await town.sign_in(ADMIN)
    # It is public by now, so no list has it, and it has to be asked for itself.
    town.people.unlisted.add(REPO.id)
    town.people.broken.add(REPO.id)
    town.people.may[ADMIN.id, OTHER.id] = Permission.NONE
    town.clock.advance(SOON)
    assert await ids(town, admin) == [REPO.id]
    # It is not asked for again and again: the look is over.
    town.people.asked.clear()
    assert await ids(town, admin) == [REPO.id]
    assert town.people.asked == []
    town.people.broken.clear()
    town.people.may[ADMIN.id, REPO.id] = Permission.NONE
    town.clock.advance(SOON)
    assert await ids(town, admin) == []
