"""Everybody who was there is looked after in turn, whatever becomes of the others."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from api_gateway.accounts import Seen, people
from api_gateway.domain.access import Permission
from api_gateway.ports import GitHubAwayError
from shared.testing import until

from .others import REPO
from .people_at_github import (
    ADMIN,
    READER,
    STRANGER,
    WRITER,
    Town,
    syncing,
    take_away,
)

TURN = timedelta(minutes=2)


async def test_those_with_whom_it_fails_do_not_keep_others_waiting(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 1)
    asked: list[str] = []

    async def repositories(token: str) -> Sequence[Seen]:
        asked.append(token)
        if token in {"t-rita", "t-willy"}:
            raise GitHubAwayError("GitHub answers 502")
        return []

    for who in (READER, STRANGER, WRITER, ADMIN):
        town.clock.advance(timedelta(seconds=1))
        await town.sign_in(who)
    # GitHub has said that it takes the token of one of them no more.
    town.people.refused.add("t-stan")
    monkeypatch.setattr(town.people, "repositories", repositories)
    town.clock.advance(timedelta(minutes=6))
    for _ in range(6):
        await syncing(town).tick()
        town.clock.advance(TURN)
    assert asked == ["t-rita", "t-willy", "t-ada", "t-rita", "t-willy"]


async def test_who_was_just_tried_is_not_tried_again_at_once(town: Town) -> None:
    await town.sign_in(READER)
    town.people.away = True
    town.clock.advance(timedelta(minutes=6))
    town.people.asked.clear()
    for _ in range(3):
        await syncing(town).tick()
    assert town.people.asked == ["profile"]


async def test_who_was_not_there_within_the_hour_is_left_alone(town: Town) -> None:
    await town.sign_in(READER)
    town.clock.advance(timedelta(minutes=59))
    town.people.asked.clear()
    await syncing(town).tick()
    assert "repositories" in town.people.asked
    town.clock.advance(timedelta(minutes=6))
    town.people.asked.clear()
    await syncing(town).tick()
    assert town.people.asked == []


async def test_what_was_said_counts_for_its_time(town: Town) -> None:
    reader = await town.sign_in(READER)
    assert (await town.get("/repos/octo/shop", reader)).status == 200
    asked_at = town.clock()
    question = f"repository {REPO.id}"
    for minutes in (2, 10, 21):
        town.clock.now = asked_at + timedelta(minutes=minutes)
        town.people.asked.clear()
        assert (await town.get("/repos/octo/shop", reader)).status == 200
        if minutes > 2:
            # It may be asked beside the answer.
            await until(lambda: question in town.people.asked)
        else:
            assert question not in town.people.asked


async def test_an_answer_that_did_not_come_once_excuses_only_a_minute(
    town: Town,
) -> None:
    reader = await town.sign_in(READER)
    assert (await town.get("/repos/octo/shop", reader)).status == 200
    town.people.away = True
    town.clock.advance(timedelta(hours=1))
    assert (await town.get("/repos/octo/shop", reader)).status == 200
    town.people.away = False
    take_away(town)
    town.clock.advance(timedelta(minutes=1))
    assert (await town.get("/repos/octo/shop", reader)).status == 404


async def test_who_is_deleted_while_github_is_asked_stays_deleted(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.sign_in(READER)
    accounts, repositories = syncing(town)._accounts, town.people.repositories

    async def deleted(token: str) -> Sequence[Seen]:
        assert await accounts.delete_user(ADMIN, READER.id)
        return await repositories(token)

    monkeypatch.setattr(town.people, "repositories", deleted)
    await syncing(town).sync(READER)
    assert not await accounts.delete_user(ADMIN, READER.id)


async def test_an_answer_is_as_old_as_its_question(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.sign_in(READER)
    repositories = town.people.repositories

    async def slow(token: str) -> Sequence[Seen]:
        monkeypatch.undo()
        seen = await repositories(token)
        take_away(town)
        town.clock.advance(timedelta(minutes=6))
        return seen

    monkeypatch.setattr(town.people, "repositories", slow)
    await syncing(town).sync(READER)
    # What was taken away meanwhile is missed by the next look, at the same moment.
    await syncing(town).tick()
    assert not await syncing(town)._access.readable(READER)


async def test_an_answer_takes_back_no_newer_one(town: Town) -> None:
    await town.sign_in(READER)
    access = syncing(town)._access
    old = town.clock()
    town.clock.advance(timedelta(minutes=6))
    take_away(town)
    await syncing(town).sync(READER)
    await access.remember(READER, [Seen(REPO.id, REPO.full_name, Permission.READ)], old)
    assert not await access.readable(READER)
