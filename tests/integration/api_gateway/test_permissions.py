"""What GitHub lets people do: asked in time, held while it is away, and taken back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from api_gateway.domain.access import Permission
from shared.contracts import AuthorizationRevoked, PreflightAnswered
from shared.testing import said, until

from .others import IN_LINE, REPO, TOKEN
from .people_at_github import (
    READER,
    SHOP,
    STRANGER,
    WRITER,
    Town,
    bearer,
    names,
    signing_in,
    status,
    syncing,
    take_away,
    town_of,
)
from .waiting import ANN

LISTS = ("/repos", "/search/deployments", "/search/reviews", "/stream/events")
SOON = timedelta(minutes=11)


async def test_who_is_removed_at_github_loses_access_within_minutes(
    town: Town,
) -> None:
    reader = await town.sign_in(READER)
    assert await status(town, reader) == 200
    take_away(town)
    town.clock.advance(timedelta(minutes=1))
    assert await status(town, reader) == 200
    # Now it is asked again, beside the answer.
    town.clock.advance(timedelta(minutes=5))
    await status(town, reader)

    async def is_gone() -> bool:
        return await status(town, reader) == 404

    await until(is_gone)
    assert await names(town, reader) == []


async def test_who_comes_back_after_a_while_is_asked_about_first(town: Town) -> None:
    reader = await town.sign_in(READER)
    assert await status(town, reader) == 200
    take_away(town)
    town.clock.advance(SOON)
    assert await status(town, reader) == 404
    assert await names(town, reader) == []


async def test_who_does_nothing_is_looked_after_too(town: Town) -> None:
    reader = await town.sign_in(READER)
    assert await names(town, reader) == ["Octo/shop"]
    take_away(town)
    town.clock.advance(timedelta(minutes=6))
    await syncing(town).tick()
    asked = len(town.people.asked)
    assert await status(town, reader) == 404
    # Only whether the name is another repository's by now.
    assert town.people.asked[asked:] == ["repository octo/shop"]


async def test_who_was_given_access_has_it_soon(town: Town) -> None:
    stranger = await town.sign_in(STRANGER)
    assert await status(town, stranger) == 404
    town.people.may[STRANGER.id, REPO.id] = Permission.READ
    asked = len(town.people.asked)
    assert await status(town, stranger) == 404
    # A stranger does not make GitHub be asked each time.
    assert len(town.people.asked) == asked
    town.clock.advance(timedelta(minutes=3))
    assert await status(town, stranger) == 200


async def test_who_may_not_write_is_promised_no_deployment(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answered(*_: Any) -> PreflightAnswered:
        return IN_LINE

    monkeypatch.setattr(town.bus, "ask", answered)
    path = f"{SHOP}/environments/production/preflight?type=branch&ref=main"
    told = []
    for who in (READER, WRITER):
        answer = await town.get(path, await town.sign_in(who))
        told.append(await answer.json())
    assert [one["would"] for one in told] == ["refuse", IN_LINE.would]
    assert told[0]["message"] == (
        "This needs the permission write on octo/shop at GitHub, and rita has read."
    )
    assert told[0]["checks"] == told[1]["checks"]


async def test_more_rights_count_soon(town: Town) -> None:
    reader = await town.sign_in(READER)
    lock = {"env": "production"}
    path = f"/api/v1{SHOP}/locks"
    answer = await town.api.post(path, json=lock, headers=bearer(reader))
    assert answer.status == 403
    assert (await answer.json())["message"] == (
        "This needs the permission write on octo/shop at GitHub, and rita has read."
    )
    town.people.may[READER.id, REPO.id] = Permission.WRITE
    town.clock.advance(SOON)
    assert (await town.api.post(path, json=lock, headers=bearer(reader))).status == 201


async def test_while_github_is_away_what_is_known_holds_for_hours(town: Town) -> None:
    reader = await town.sign_in(READER)
    assert await status(town, reader) == 200
    town.people.away = True
    for hours in (1, 2):
        town.clock.advance(timedelta(hours=hours))
        assert await status(town, reader) == 200
        assert await names(town, reader) == ["Octo/shop"]
    town.clock.advance(timedelta(hours=2))
    answer = await town.get(SHOP, reader)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    why = (await answer.json())["message"]
    assert why.startswith("What you may do can't be told now: GitHub answers 502")
    assert why.endswith(". Ask again.")
    # An empty list would say that there is nothing.
    for path in LISTS:
        answer = await town.get(path, reader)
        told = await answer.json()
        assert (answer.status, told["code"]) == (503, "internal_error")
        assert "GitHub has given no answer for too long" in told["message"]
        assert answer.headers["Retry-After"] == "5"
    town.people.away = False
    town.clock.advance(timedelta(minutes=1))
    assert await status(town, reader) == 200


async def test_a_stranger_is_told_nothing_while_github_is_away(town: Town) -> None:
    stranger = await town.sign_in(STRANGER)
    town.people.away = True
    town.clock.advance(SOON)
    assert await status(town, stranger) == 503


BEARER = "send Authorization: Bearer <token>, or sign in at"
REFUSED = (
    (
        f"GitHub lets Gitploy act no more in your name: {BEARER} "
        "https://gitploy.example/signin."
    ),
    (
        f"The token is missing, wrong or has ended: {BEARER} "
        "https://gitploy.example/signin."
    ),
)


async def test_a_token_that_github_refuses_ends_all_at_once(town: Town) -> None:
    reader = await town.sign_in(READER)
    token = await town.token(reader, scope="read")
    assert await status(town, token) == 200
    town.people.refused.add("t-rita")
    town.clock.advance(SOON)
    for secret in (reader, token):
        answer = await town.get(SHOP, secret)
        told = await answer.json()
        assert (answer.status, told["code"]) == (401, "unauthorized")
        assert told["message"] in REFUSED
    town.people.refused.clear()
    again = await town.sign_in(READER)
    assert await status(town, again) == 200
    # Tokens live again with their person, sessions of before do not.
    assert await status(town, token) == 200
    assert await status(town, reader) == 401


async def test_a_token_that_ends_is_traded_once_for_many(town: Town) -> None:
    town.people.life = timedelta(hours=8)
    reader = await town.sign_in(READER)
    assert await status(town, reader) == 200
    town.clock.advance(timedelta(hours=9))
    answers = await asyncio.gather(
        *(town.get(SHOP, reader) for _ in range(20)),
        *(town.get("/repos", reader) for _ in range(5)),
    )
    assert {answer.status for answer in answers} == {200}
    assert len(town.people.refreshes) == 1


async def test_two_replicas_trade_a_token_once(database_url: str) -> None:
    settings = signing_in(database_url)
    async with town_of(settings) as first:
        first.people.life = timedelta(hours=8)
        reader = await first.sign_in(READER)
        async with town_of(settings, first.people, first.clock) as second:
            first.clock.advance(timedelta(hours=9))
            answers = await asyncio.gather(
                *(town.get("/repos", reader) for town in [first, second] * 5)
            )
            assert {answer.status for answer in answers} == {200}
            assert len(first.people.refreshes) == 1


async def test_a_trade_that_github_refuses_ends_all_at_once(town: Town) -> None:
    town.people.life = timedelta(hours=8)
    reader = await town.sign_in(READER)
    town.people.refused.add("r-rita.0")
    town.clock.advance(timedelta(hours=9))
    assert await status(town, reader) == 401


async def test_people_of_the_settings_are_asked_about_with_gitploys_token(
    town: Town,
) -> None:
    ann = "token-of-ann"
    assert await status(town, ann) == 404
    assert f"collaboration {REPO.id} ann" in town.people.asked
    town.people.may[ANN.id, REPO.id] = Permission.WRITE
    town.clock.advance(timedelta(minutes=3))
    assert await status(town, ann) == 200
    assert await names(town, ann) == ["Octo/shop"]
    # Somebody else may have that login by now.
    town.people.logins["ann"] = 999
    town.clock.advance(SOON)
    assert await status(town, ann) == 404


async def test_who_takes_back_at_github_what_they_allowed_is_out(town: Town) -> None:
    reader = await town.sign_in(READER)
    token = await town.token(reader)
    revoked = AuthorizationRevoked(
        delivery_id="d-1", person=READER, revoked_at=town.clock()
    )
    await town.bus.publish(said(revoked, time=town.clock()))

    async def is_out() -> bool:
        return await status(town, reader) == 401

    await until(is_out)
    assert await status(town, token) == 401
    told = await (await town.get("/audit?action=authorization_revoked", TOKEN)).json()
    assert [one["who"] for one in told] == ["rita"]
    town.clock.advance(timedelta(seconds=1))
    again = await town.sign_in(READER)
    # GitHub may tell it once more.
    await town.bus.publish(said(revoked, time=town.clock()))
    assert await status(town, again) == 200
    assert await status(town, token) == 401
