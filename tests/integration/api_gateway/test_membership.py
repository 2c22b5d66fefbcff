"""Who may come in is asked again and again, not only at the sign-in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .others import TOKEN
from .people_at_github import (
    ADMIN,
    READER,
    SHOP,
    Town,
    active,
    bearer,
    status,
    syncing,
    who,
)

A_TURN = timedelta(minutes=6)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with active(tmp_path, member_entries="acme, ada") as town:
        town.people.members["rita"] = ["acme"]
        yield town


async def look_after(town: Town) -> None:
    town.clock.advance(A_TURN)
    await syncing(town).tick()


async def ended(town: Town) -> list[Any]:
    answer = await town.get("/audit?action=membership_ended", TOKEN)
    return [(one["who"], one["details"]) for one in await answer.json()]


async def test_who_is_no_member_any_more_is_out(town: Town) -> None:
    reader, admin = await town.sign_in(READER), await town.sign_in(ADMIN)
    token = await town.token(reader)
    await look_after(town)
    assert await who(town, reader) != 401
    town.people.members.clear()
    await look_after(town)
    for secret in (reader, token):
        for path in (SHOP, "/user", "/repos"):
            assert (await town.get(path, secret)).status == 401
    assert await ended(town) == [
        ("rita", {"reason": "not a member of an approved organization any more"})
    ]
    # Whoever is named by their login needs no organization.
    assert await status(town, admin) == 200
    await look_after(town)
    assert len(await ended(town)) == 1


async def test_who_is_let_in_again_has_their_tokens_and_no_old_session(
    town: Town,
) -> None:
    reader = await town.sign_in(READER)
    token = await town.token(reader)
    town.people.members.clear()
    await look_after(town)
    assert (await town.come_back(READER.login)).status == 401
    assert await status(town, token) == 401
    town.people.members["rita"] = ["ACME"]
    again = await town.sign_in(READER)
    assert await status(town, again) == await status(town, token) == 200
    assert await status(town, reader) == 401


async def test_whose_organizations_can_not_be_told_any_more_is_out(town: Town) -> None:
    reader = await town.sign_in(READER)
    town.people.forbidden["organizations"] = "You need at least read:org scope."
    await look_after(town)
    assert await who(town, reader) == 401
    [(login, details)] = await ended(town)
    assert login == "rita"
    assert details["reason"].endswith("You need at least read:org scope.")


async def test_while_github_is_away_members_stay(town: Town) -> None:
    reader = await town.sign_in(READER)
    town.people.members.clear()
    town.people.away = True
    await look_after(town)
    assert await who(town, reader) != 401
    assert await ended(town) == []


async def test_what_a_token_lacks_is_said(town: Town) -> None:
    reader = await town.sign_in(READER)
    town.people.forbidden["repositories"] = "Resource protected by SAML."
    answer = await town.api.post("/api/v1/sync", headers=bearer(reader))
    told = await answer.json()
    assert (answer.status, told["code"]) == (403, "permission_required")
    assert "may see: Resource protected by SAML. If an org" in told["message"]
    assert "sign in again" in told["message"]
