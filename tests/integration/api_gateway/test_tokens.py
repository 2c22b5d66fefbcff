"""Personal API tokens, and writes that other sites would make with the cookie."""

from typing import Any

import pytest

from .people_at_github import (
    ADMIN,
    READER,
    STRANGER,
    Town,
    bearer,
    who,
)


async def test_a_token_is_shown_once_and_used(town: Town) -> None:
    session = await town.sign_in(READER)
    token = await town.token(session, name="laptop", scope="read")
    assert token.startswith("gitploy_")
    [shown] = await (await town.get("/user/tokens", session)).json()
    assert "token" not in shown
    assert (shown["name"], shown["scope"], shown["last_used_at"]) == (
        "laptop",
        "read",
        None,
    )
    assert (await who(town, token))["login"] == "rita"
    [shown] = await (await town.get("/user/tokens", session)).json()
    assert shown["last_used_at"] == "2026-01-05T09:00:00Z"
    path = f"/api/v1/user/tokens/{shown['id']}"
    answer = await town.api.delete(path, headers=bearer(session))
    assert answer.status == 200
    assert await who(town, token) == 401
    assert (await town.api.delete(path, headers=bearer(session))).status == 404
    # Its number is nobody else's: who ends it twice ends no other.
    other = await town.token(session)
    assert (await town.api.delete(path, headers=bearer(session))).status == 404
    assert (await who(town, other))["login"] == "rita"


PROOFS = (
    "This needs a token with the scope admin, and yours has deploy: make another one.",
    "This token is for one repository: use another one here.",
)


async def test_a_weak_token_makes_no_strong_one(town: Town) -> None:
    session = await town.sign_in(ADMIN)
    deploying = await town.token(session, scope="deploy")
    only = await town.token(session, repository="octo/shop")
    for weak in (deploying, only):
        sent = {"name": "more", "scope": "admin"}
        answer = await town.api.post(
            "/api/v1/user/tokens", json=sent, headers=bearer(weak)
        )
        assert answer.status == 403
        assert (await answer.json())["message"] in PROOFS
    full = await town.token(session, scope="admin")
    assert await town.token(full, scope="read")


async def test_a_token_does_what_it_is_for(town: Town) -> None:
    session = await town.sign_in(ADMIN)
    reading = await town.token(session, scope="read")
    answer = await town.api.post("/api/v1/sync", headers=bearer(reading))
    assert (answer.status, (await answer.json())["message"]) == (
        403,
        (
            "This needs a token with the scope deploy, and yours has read: make "
            "another one."
        ),
    )
    answer = await town.get("/audit", session)
    assert (answer.status, (await answer.json())["message"]) == (
        403,
        f"Only administrators may do this, and {ADMIN.login} is none.",
    )


async def test_nobody_has_too_many(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api_gateway.routes.tokens.MOST", 1)
    session = await town.sign_in(ADMIN)
    await town.token(session)
    sent = {"name": "ci", "scope": "read"}
    answer = await town.api.post(
        "/api/v1/user/tokens", json=sent, headers=bearer(session)
    )
    assert (answer.status, (await answer.json())["message"]) == (
        422,
        "You have 1 tokens: revoke those that you don't need.",
    )


async def test_nobody_else_sees_or_ends_a_token(town: Town) -> None:
    mine, other = await town.sign_in(READER), await town.sign_in(ADMIN)
    await town.token(mine)
    [shown] = await (await town.get("/user/tokens", mine)).json()
    assert await (await town.get("/user/tokens", other)).json() == []
    path = f"/api/v1/user/tokens/{shown['id']}"
    assert (await town.api.delete(path, headers=bearer(other))).status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x", "scope": "all"},
        {"scope": "read"},
        {"name": "x", "scope": "read", "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "scope": "read", "expires_at": "tomorrow"},
        {"name": "x", "scope": "read", "repository": "../etc"},
        {"name": "x", "scope": "read", "repo": "octo/shop"},
    ],
)
async def test_a_wrong_token_is_not_made(town: Town, wrong: Any) -> None:
    session = await town.sign_in(READER)
    answer = await town.api.post(
        "/api/v1/user/tokens", json=wrong, headers=bearer(session)
    )
    assert (answer.status, (await answer.json())["code"]) == (400, "parameter_invalid")
    assert await (await town.get("/user/tokens", session)).json() == []


async def test_a_token_for_a_repository_that_one_may_not_see(town: Town) -> None:
    session = await town.sign_in(STRANGER)
    sent = {"name": "x", "scope": "read", "repository": "octo/shop"}
    answer = await town.api.post(
        "/api/v1/user/tokens", json=sent, headers=bearer(session)
    )
    assert answer.status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://gitploy.example"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://gitploy.example"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"X-CSRF-Token": "guess"}, 403),
    ],
)
async def test_other_sites_write_nothing_in_a_visitors_name(
    town: Town, headers: Any, status: int
) -> None:
    cookies = {"__sess__": await town.sign_in(READER)}
    sent = {"headers": headers, "cookies": cookies}
    answer = await town.api.post("/api/v1/sync", **sent)
    assert answer.status == status
    if status == 403:
        assert (await answer.json())["message"] == (
            "This write comes from another site than Gitploy's own. Programs send "
            "Authorization: Bearer <token> instead of the cookie, or the cookie with "
            "the header X-CSRF-Token, as GET /api/v1/user tells it."
        )
    assert (await town.api.get("/api/v1/user", **sent)).status == 200


async def test_a_program_with_a_cookie_sends_what_it_was_told(town: Town) -> None:
    cookies = {"__sess__": await town.sign_in(READER)}
    shown = await (await town.api.get("/api/v1/user", cookies=cookies)).json()
    headers = {"X-CSRF-Token": shown["csrf_token"]}
    answer = await town.api.post("/api/v1/sync", headers=headers, cookies=cookies)
    assert answer.status == 200
    other = {"__sess__": await town.sign_in(ADMIN)}
    answer = await town.api.post("/api/v1/sync", headers=headers, cookies=other)
    assert answer.status == 403
