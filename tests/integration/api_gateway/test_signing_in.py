"""Signing in and out, sessions, personal API tokens, and writes from other sites."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from .people_at_github import (
    ADMIN,
    KEY,
    OPERATOR,
    READER,
    STRANGER,
    Town,
    bearer,
    folder,
    signing_in,
    town_of,
)

SHOP = "/repos/octo/shop"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(signing_in(folder(tmp_path))) as town:
        yield town


async def who(town: Town, secret: str) -> Any:
    answer = await town.get("/user", secret)
    return await answer.json() if answer.status == 200 else answer.status


async def test_somebody_signs_in(town: Town) -> None:
    answer = await town.come_back(READER.login)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    cookie = answer.cookies["__sess__"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (
        True,
        True,
        "Lax",
    )
    assert answer.cookies["__signin__"].value == ""
    shown = await who(town, cookie.value)
    assert shown["login"] == READER.login
    assert shown["avatar"] == f"https://avatars.example/{READER.id}"
    assert (shown["hash"], shown["admin"]) == ("", False)
    assert (await who(town, await town.sign_in(OPERATOR)))["admin"] is True


async def test_on_this_very_machine_no_https_is_needed(tmp_path: Path) -> None:
    settings = signing_in(folder(tmp_path), public_url="http://localhost:8080")
    async with town_of(settings) as town:
        answer = await town.come_back(READER.login)
        assert not answer.cookies["__sess__"]["secure"]


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/octo/shop?tab=1", "/octo/shop?tab=1"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\nSet-Cookie: x", "/"),
        ("octo", "/"),
    ],
)
async def test_people_are_led_to_pages_of_ours_only(
    town: Town, wanted: str, led: str
) -> None:
    begun = await town.api.get(
        "/signin", params={"next": wanted}, allow_redirects=False
    )
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    answer = await town.api.get(
        "/signin",
        params={"code": "rita", "state": state},
        cookies={"__signin__": begun.cookies["__signin__"].value},
        allow_redirects=False,
    )
    assert (answer.status, answer.headers["Location"]) == (302, led)


async def test_who_did_not_begin_here_does_not_end_here(town: Town) -> None:
    begun = await town.api.get("/signin", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    kept = {"__signin__": begun.cookies["__signin__"].value}
    for sent, cookies in (
        ({"code": "rita", "state": "other"}, kept),
        ({"code": "rita"}, kept),
        ({"code": "rita", "state": state}, {}),
        ({"code": "rita", "state": state}, {"__signin__": "forged"}),
    ):
        answer = await town.api.get(
            "/signin", params=sent, cookies=cookies, allow_redirects=False
        )
        assert (answer.status, (await answer.json())["code"]) == (
            400,
            "parameter_invalid",
        )
    assert "trade" not in town.people.asked


async def test_what_github_refuses_is_explained(town: Town) -> None:
    answer = await town.come_back("wrong")
    assert answer.status == 401
    assert "incorrect or expired" in (await answer.json())["message"]
    assert "__sess__" not in answer.cookies
    town.people.away = True
    assert (await town.come_back("rita")).status == 503


async def test_a_page_is_for_people_and_escaped(town: Town) -> None:
    begun = await town.api.get("/signin", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    told = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
    answer = await town.api.get(
        "/signin",
        params=told,
        cookies={"__signin__": begun.cookies["__signin__"].value},
        headers={"Accept": "text/html"},
        allow_redirects=False,
    )
    page = await answer.text()
    assert (answer.status, answer.content_type) == (401, "text/html")
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert "<b>" not in page


async def test_only_members_come_in(tmp_path: Path) -> None:
    settings = signing_in(folder(tmp_path), member_entries="Acme, RITA")
    async with town_of(settings) as town:
        town.people.members["ada"] = ["others", "acme"]
        for login, status in (("rita", 302), ("ada", 302), ("stan", 401)):
            answer = await town.come_back(login)
            assert answer.status == status
        assert (await answer.json())["message"].startswith(
            "You are not a member of an approved organization."
        )
        operator = "secret-token"
        told = await (await town.get("/audit", operator)).json()
        actions = [(one["who"], one["action"]) for one in told]
        assert actions == [
            ("stan", "sign_in_refused"),
            ("ada", "signed_in"),
            ("rita", "signed_in"),
        ]


async def test_a_session_is_new_at_each_sign_in(town: Town) -> None:
    first = await town.sign_in(READER)
    begun = await town.api.get("/signin", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    kept = begun.cookies["__signin__"].value
    answer = await town.api.get(
        "/signin",
        params={"code": "rita", "state": state},
        cookies={"__signin__": kept, "__sess__": first},
        allow_redirects=False,
    )
    second = answer.cookies["__sess__"].value
    assert second != first
    assert await who(town, first) == 401
    assert (await who(town, second))["login"] == "rita"


async def test_signing_out_ends_the_session(town: Town) -> None:
    mine, other = await town.sign_in(READER), await town.sign_in(READER)
    answer = await town.api.post(
        "/signout", cookies={"__sess__": mine}, allow_redirects=False
    )
    assert (answer.status, answer.cookies["__sess__"].value) == (302, "")
    assert await who(town, mine) == 401
    assert (await who(town, other))["login"] == "rita"


async def test_sessions_end_by_themselves(town: Town) -> None:
    idle, used = await town.sign_in(READER), await town.sign_in(READER)
    for _ in range(15):
        town.clock.advance(timedelta(days=2))
        last = await who(town, used)
        assert last != 401
    assert await who(town, idle) == 401
    town.clock.advance(timedelta(minutes=1))
    assert await who(town, used) == 401


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
    assert (answer.status, await answer.json()) == (200, None)
    assert await who(town, token) == 401
    assert (await town.api.delete(path, headers=bearer(session))).status == 404


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
    full = await town.token(session, scope="admin")
    assert await town.token(full, scope="read")


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
    assert (await town.api.post("/api/v1/sync", **sent)).status == status
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


async def test_without_an_application_nobody_signs_in(tmp_path: Path) -> None:
    settings = signing_in(folder(tmp_path), github_client_id="")
    async with town_of(settings) as town:
        answer = await town.api.get("/signin", allow_redirects=False)
        assert answer.status == 404
        assert "GITPLOY_GITHUB_CLIENT_ID" in (await answer.json())["message"]
        # Whoever has a token of the settings may make others of it.
        assert (await who(town, await town.token("secret-token")))["admin"] is True
        ann = await town.token("token-of-ann")
        assert (await who(town, ann))["login"] == "ann"


async def test_tokens_of_github_are_not_readable_and_keys_can_be_changed(
    tmp_path: Path,
) -> None:
    new = Fernet.generate_key().decode()
    async with town_of(signing_in(folder(tmp_path))) as town:
        session = await town.sign_in(READER)
        people, clock = town.people, town.clock

    def kept() -> bytes:
        files = tmp_path.glob("*accounts*")
        return b"".join(file.read_bytes() for file in files)

    assert b"t-rita" not in kept()
    assert session.encode() not in kept()

    async def works(keys: str) -> Any:
        settings = signing_in(folder(tmp_path), encryption_keys=keys)
        async with town_of(settings, people, clock) as town:
            answer = await town.api.post("/api/v1/sync", headers=bearer(session))
            return answer.status, (await answer.json() or {}).get("message", "")

    assert (await works(f"{new},{KEY}"))[0] == 200
    # By now all is under the new one.
    assert (await works(new))[0] == 200
    status, message = await works(Fernet.generate_key().decode())
    assert status == 401
    assert "https://gitploy.example/signin" in message


async def test_users_are_listed_changed_and_deleted(town: Town) -> None:
    operator, reader = await town.sign_in(OPERATOR), await town.sign_in(READER)
    listed = await (await town.get("/users", operator)).json()
    assert [one["login"] for one in listed] == ["olga", "rita"]
    found = await (await town.get("/users?q=IT", operator)).json()
    assert [one["login"] for one in found] == ["rita"]
    path = f"/api/v1/users/{READER.id}"
    for admin, status in ((True, 200), (False, 403)):
        answer = await town.api.patch(
            path, json={"admin": admin}, headers=bearer(operator)
        )
        assert (answer.status, (await answer.json())["admin"]) == (200, admin)
        assert (await town.get("/users", reader)).status == status
    # That of the settings is not undone here.
    answer = await town.api.patch(
        f"/api/v1/users/{OPERATOR.id}", json={"admin": False}, headers=bearer(operator)
    )
    assert answer.status == 422
    token = await town.token(reader)
    assert (await town.api.delete(path, headers=bearer(operator))).status == 200
    assert (await town.api.delete(path, headers=bearer(operator))).status == 404
    assert [await who(town, secret) for secret in (reader, token)] == [401, 401]
    told = await (await town.get("/audit?who=OLGA", operator)).json()
    assert [one["action"] for one in told] == [
        "user_deleted",
        "admin_changed",
        "admin_changed",
        "signed_in",
    ]


async def test_an_admin_by_hand_stays_one_after_signing_in_again(town: Town) -> None:
    operator = await town.sign_in(OPERATOR)
    await town.sign_in(READER)
    path = f"/api/v1/users/{READER.id}"
    await town.api.patch(path, json={"admin": True}, headers=bearer(operator))
    assert (await who(town, await town.sign_in(READER)))["admin"] is True


async def test_a_name_that_somebody_else_has_now_administers_nothing(
    tmp_path: Path,
) -> None:
    async with town_of(signing_in(folder(tmp_path))) as town:
        before = await town.sign_in(OPERATOR)
        town.people.rename(OPERATOR, STRANGER)
        after = await town.sign_in("olga")
        assert (await who(town, after))["id"] == STRANGER.id
        assert (await who(town, before))["admin"] is False


async def test_the_licence_limits_nothing(town: Town) -> None:
    shown = await (await town.get("/license", await town.sign_in(READER))).json()
    assert (shown["kind"], shown["memeber_limit"]) == ("oss", 2**53 - 1)
    assert (await town.api.head("/slack")).status == 404


async def test_all_that_people_did_is_exported(town: Town) -> None:
    session = await town.sign_in(OPERATOR)
    for n in range(3):
        await town.token(session, name=f"t{n}")
    headers = bearer(session) | {"Accept": "application/x-ndjson"}
    answer = await town.api.get("/api/v1/audit", headers=headers)
    assert answer.content_type == "application/x-ndjson"
    lines = (await answer.text()).splitlines()
    assert len(lines) == 5
    page = await (await town.get("/audit?per_page=2&page=2", session)).json()
    assert len(page) == 2
    assert (await town.get("/audit?page=101&per_page=100", session)).status == 400
