"""Signing in and out, sessions, and how what GitHub gave is kept."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from .people_at_github import (
    KEY,
    OPERATOR,
    READER,
    Town,
    bearer,
    begun_in,
    folder,
    signing_in,
    town_of,
    who,
)

SHOP = "/repos/octo/shop"


def state_of(begun: Any) -> str:
    return str(begun.headers["Location"].partition("state=")[2].partition("&")[0])


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(signing_in(folder(tmp_path))) as town:
        yield town


async def test_somebody_signs_in(town: Town) -> None:
    answer = await town.come_back(READER.login)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    cookie = answer.cookies["__sess__"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (
        True,
        True,
        "Lax",
    )
    assert list(begun_in(answer).values()) == [""]
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
        ("/docs/api#/user/tokens_make", "/docs/api#/user/tokens_make"),
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
        cookies=begun_in(begun),
        allow_redirects=False,
    )
    assert (answer.status, answer.headers["Location"]) == (302, led)


async def test_who_follows_a_link_signs_in_first_and_is_led_there(town: Town) -> None:
    link = "/link/octo/shop/config?x=a%20b"
    page = {"Accept": "text/html,*/*"}
    answer = await town.api.get(link, headers=page, allow_redirects=False)
    assert answer.status == 302
    signing_in_at = answer.headers["Location"]
    assert signing_in_at.startswith("/signin?next=/link/octo/shop/config")
    begun = await town.api.get(signing_in_at, allow_redirects=False)
    ended = await town.api.get(
        "/signin",
        params={"code": "rita", "state": state_of(begun)},
        cookies=begun_in(begun),
        allow_redirects=False,
    )
    assert ended.headers["Location"] == link
    # Programs are told.
    for path, headers in (
        (link, {}),
        (link, page | bearer("wrong")),
        ("/api/v1/repos", page),
    ):
        told = await town.api.get(path, headers=headers, allow_redirects=False)
        assert told.status == 401


async def test_who_did_not_begin_here_does_not_end_here(town: Town) -> None:
    begun = await town.api.get("/signin", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    kept = begun_in(begun)
    for sent, cookies in (
        ({"code": "rita", "state": "other"}, kept),
        ({"code": "rita"}, kept),
        ({"code": "rita", "state": state}, {}),
        ({"code": "rita", "state": state}, dict.fromkeys(kept, "forged")),
        ({"code": "rita", "state": state[:8]}, kept),
    ):
        answer = await town.api.get(
            "/signin", params=sent, cookies=cookies, allow_redirects=False
        )
        problem = await answer.json()
        assert (answer.status, problem["code"]) == (400, "parameter_invalid")
        assert problem["message"] == (
            "This sign-in was not begun in this browser, or too long ago: begin again "
            "at /signin."
        )
    assert "trade" not in town.people.asked


async def test_two_tabs_sign_in_beside_each_other(town: Town) -> None:
    kept: dict[str, str] = {}
    states = []
    for page in ("/one", "/two"):
        begun = await town.api.get(
            "/signin", params={"next": page}, cookies=kept, allow_redirects=False
        )
        states.append(state_of(begun))
        kept |= begun_in(begun)
    await town.api.get("/signin?code=rita&state=another", cookies=kept)
    for state, page in zip(states, ("/one", "/two"), strict=True):
        ended = await town.api.get(
            "/signin",
            params={"code": "rita", "state": state},
            cookies=kept,
            allow_redirects=False,
        )
        assert (ended.status, ended.headers.get("Location")) == (302, page)
        for name in begun_in(ended):
            del kept[name]
    assert kept == {}


async def test_a_browser_does_not_gather_cookies(town: Town) -> None:
    kept: dict[str, str] = {}
    for _ in range(20):
        begun = await town.api.get("/signin", cookies=kept, allow_redirects=False)
        kept |= begun_in(begun)
        kept = {name: value for name, value in kept.items() if value}
        assert len(kept) <= 5
        ended = await town.api.get(
            "/signin",
            params={"error": "access_denied", "state": state_of(begun)},
            cookies=kept,
        )
        assert ended.status == 401


async def test_what_github_refuses_is_explained(town: Town) -> None:
    answer = await town.come_back("wrong")
    assert answer.status == 401
    why = (await answer.json())["message"]
    assert why.startswith("GitHub did not sign you in: ")
    assert "incorrect or expired" in why
    assert why.endswith(" Begin again at /signin.")
    assert "__sess__" not in answer.cookies
    town.people.away = True
    away = await town.come_back("rita")
    assert away.status == 503
    why = (await away.json())["message"]
    assert why.startswith("GitHub can't be asked who you are now: ")
    assert why.endswith(". Try again.")


async def test_a_page_is_for_people_and_escaped(town: Town) -> None:
    begun = await town.api.get("/signin", allow_redirects=False)
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    told = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
    answer = await town.api.get(
        "/signin",
        params=told,
        cookies=begun_in(begun),
        headers={"Accept": "text/html"},
        allow_redirects=False,
    )
    page = await answer.text()
    assert (answer.status, answer.content_type) == (401, "text/html")
    assert "GitHub did not sign you in: &lt;b&gt;no&lt;/b&gt;" in page
    assert "<h1>You are not signed in</h1>" in page
    assert '<p><a href="/signin">Sign in</a>' in page
    assert "<b>" not in page


async def test_only_members_come_in(tmp_path: Path) -> None:
    settings = signing_in(folder(tmp_path), member_entries="Acme, RITA")
    async with town_of(settings) as town:
        town.people.members["ada"] = ["others", "acme"]
        for login, status in (("rita", 302), ("ada", 302), ("stan", 401)):
            answer = await town.come_back(login)
            assert answer.status == status
        assert "You are stan at GitHub." in (await answer.json())["message"]
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
    kept = begun_in(begun)
    answer = await town.api.get(
        "/signin",
        params={"code": "rita", "state": state},
        cookies=kept | {"__sess__": first},
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


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://gitploy.example"}, 302),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
async def test_other_sites_sign_nobody_out(
    town: Town, method: str, headers: Any, status: int
) -> None:
    session = await town.sign_in(READER)
    sent: Any = {"cookies": {"__sess__": session}, "allow_redirects": False}
    answer = await town.api.request(method, "/signout", headers=headers, **sent)
    assert answer.status == status
    assert ("__sess__" in answer.cookies) == (status == 302)
    assert (await who(town, session) == 401) == (status == 302)
    if status == 403:
        page = headers | {"Accept": "text/html"}
        answer = await town.api.request(method, "/signout", headers=page, **sent)
        assert (answer.status, answer.content_type) == (403, "text/html")
        assert (await answer.text()).startswith(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Gitploy</title>"
            "<h1>You are still signed in</h1><p>Another site&#x27;s page wants to sign "
            "you out of Gitploy: do it here, if you want to."
            '<p><a href="/signout">Sign out</a>'
        )


async def test_sessions_end_by_themselves(town: Town) -> None:
    idle, used = await town.sign_in(READER), await town.sign_in(READER)
    for _ in range(15):
        town.clock.advance(timedelta(days=2))
        last = await who(town, used)
        assert last != 401
    assert await who(town, idle) == 401
    town.clock.advance(timedelta(minutes=1))
    assert await who(town, used) == 401


async def test_without_an_application_nobody_signs_in(tmp_path: Path) -> None:
    settings = signing_in(folder(tmp_path), github_client_id="")
    async with town_of(settings) as town:
        answer = await town.api.get("/signin", allow_redirects=False)
        assert answer.status == 404
        assert (await answer.json())["message"] == (
            "Nobody signs in here: GITPLOY_GITHUB_CLIENT_ID is not set."
        )
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
            return answer.status, await answer.text()

    assert (await works(f"{new},{KEY}"))[0] == 200
    # By now all is under the new one.
    assert (await works(new))[0] == 200
    status, message = await works(Fernet.generate_key().decode())
    assert status == 401
    assert "https://gitploy.example/signin" in message
