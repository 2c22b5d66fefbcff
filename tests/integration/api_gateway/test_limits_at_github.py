"""GitHub answers somebody no more for a while: that keeps nobody in who was removed."""

from datetime import timedelta
from typing import Any

import pytest

from api_gateway.accounts.unknown import OWN_PER_MINUTE
from api_gateway.domain.access import Permission
from shared.contracts import Repository

from .others import REPO
from .people_at_github import (
    ADMIN,
    OTHER,
    READER,
    SHOP,
    STRANGER,
    Town,
    bearer,
    signing_in,
    status,
    syncing,
    take_away,
    town_of,
)
from .waiting import BOB

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
    # The name might be another repository's by now, which nobody can tell them.
    assert await status(town, reader) == 503
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


def own(town: Town) -> list[str]:
    """What Gitploy has asked with its own token."""
    return [what for what in town.people.asked if what.startswith("collaboration")]


async def test_what_was_never_theirs_is_not_asked_for_with_gitploys_token(
    town: Town,
) -> None:
    stranger = await town.sign_in(STRANGER)
    town.people.limited[STRANGER.login] = town.clock() + AN_HOUR
    for path in (SHOP, "/repos/octo/none", "/repos/octo/other"):
        answer = await town.get(path, stranger)
        told: Any = await answer.json()
        assert (answer.status, told["code"]) == (503, "internal_error")
        assert "your rate limit there is used up" in told["message"]
    assert own(town) == []


async def test_who_has_no_token_looks_for_so_many_names_and_no_more(
    town: Town,
) -> None:
    codes = [
        await status(town, "token-of-ann", f"/repos/octo/none-{n}")
        for n in range(OWN_PER_MINUTE + 5)
    ]
    assert codes[0] == 404
    assert codes[-1] == 429
    assert len(own(town)) == codes.count(404) < len(codes)
    # What somebody has is not for everybody's guessing to take away.
    town.people.may[BOB.id, REPO.id] = Permission.READ
    assert await status(town, "token-of-bob") == 200


async def test_a_name_that_leads_nowhere_is_asked_for_once_in_a_while(
    town: Town,
) -> None:
    stranger = await town.sign_in(STRANGER)
    for _ in range(3):
        assert await status(town, stranger, "/repos/octo/None") == 404
    assert town.people.asked.count("repository octo/None") == 1
    town.people.repositories_[9] = Repository(id=9, full_name="octo/none")
    town.people.may[STRANGER.id, 9] = Permission.READ
    town.clock.advance(timedelta(seconds=31))
    assert await status(town, stranger, "/repos/octo/None") == 200


async def test_who_wants_everything_again_and_again_is_asked_about_in_time(
    town: Town,
) -> None:
    for _ in range(3):
        answer = await town.api.post("/api/v1/sync", headers=bearer("token-of-ann"))
        assert answer.status == 200
    assert own(town) == [f"collaboration {REPO.id} ann"]
    town.clock.advance(timedelta(minutes=3))
    await town.api.post("/api/v1/sync", headers=bearer("token-of-ann"))
    assert len(own(town)) == 2
