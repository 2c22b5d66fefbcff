"""How long sessions last, and that what is done with them and tokens is kept."""

from datetime import timedelta

import pytest

from .people_at_github import (
    READER,
    Town,
    bearer,
    who,
)


@pytest.mark.parametrize(("seconds", "lasts"), [(0, True), (1, False)])
async def test_a_session_lasts_three_days_without_use(
    town: Town, seconds: int, lasts: bool
) -> None:
    session = await town.sign_in(READER)
    town.clock.advance(timedelta(days=3, seconds=seconds))
    assert (await who(town, session) != 401) is lasts


async def test_what_is_done_with_sessions_and_tokens_is_in_the_audit(
    town: Town,
) -> None:
    session = await town.sign_in(READER)
    await town.token(session, name="ci")
    [made] = await (await town.get("/user/tokens", session)).json()
    path = f"/api/v1/user/tokens/{made['id']}"
    assert (await town.api.delete(path, headers=bearer(session))).status == 200
    await town.api.post(
        "/signout", cookies={"__sess__": session}, allow_redirects=False
    )
    told = await (await town.get("/audit?who=rita", "secret-token")).json()
    assert [(one["action"], one["subject"]) for one in told] == [
        ("signed_out", ""),
        ("token_revoked", "ci"),
        ("token_made", "ci"),
        ("signed_in", ""),
    ]
