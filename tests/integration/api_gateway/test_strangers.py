"""What those may try whom nobody knows, and that it stops nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp.test_utils import make_mocked_request

from api_gateway.accounts import Accounts
from api_gateway.routes.strangers import address_of

from .others import TOKEN
from .people_at_github import (
    READER,
    WRITER,
    Town,
    bearer,
    begun_in,
    folder,
    signing_in,
    town_of,
)

HERE, THERE = {"X-Forwarded-For": "1.2.3.4"}, {"X-Forwarded-For": "5.6.7.8"}


@pytest.fixture
async def town(tmp_path: Path, one_moment: None) -> AsyncIterator[Town]:
    """Give the test a gateway where two tries of each address may fail."""
    settings = signing_in(folder(tmp_path), strangers_per_minute=2, trusted_hops=1)
    async with town_of(settings) as town:
        yield town


async def ask(town: Town, secret: str, where: dict[str, str] = HERE) -> Any:
    return await town.api.get("/api/v1/user", headers=bearer(secret) | where)


async def begin(town: Town, code: str, where: dict[str, str], **more: str) -> Any:
    begun = await town.api.get("/signin", headers=where, allow_redirects=False)
    assert begun.status == 302
    state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
    return await town.api.get(
        "/signin",
        params={"code": code, "state": state},
        cookies=begun_in(begun),
        headers=where | more,
        allow_redirects=False,
    )


async def test_wrong_tokens_cost_nothing_any_more(town: Town) -> None:
    known, new = await town.sign_in(READER), await town.sign_in(WRITER)
    assert (await ask(town, known)).status == 200
    with patch.object(Accounts, "prove", autospec=True) as looked_up:
        looked_up.return_value = None
        told = [await ask(town, f"gitploy_{n}") for n in range(4)]
        assert [one.status for one in told] == [401, 401, 429, 429]
        assert looked_up.call_count == 2
    assert told[-1].headers["Retry-After"] == "30"
    assert (await told[-1].json())["code"] == "rate_limited"
    # Whoever was known here, or is elsewhere, or has a token of the settings, goes on.
    assert (await ask(town, known)).status == 200
    assert (await ask(town, new, THERE)).status == 200
    assert (await ask(town, new)).status == 200
    assert (await ask(town, TOKEN)).status == 200
    assert (await ask(town, "gitploy_x", THERE)).status == 401


async def test_nothing_at_all_is_looked_up_nowhere(town: Town) -> None:
    with patch.object(Accounts, "prove", autospec=True) as looked_up:
        told = [(await ask(town, "")).status for _ in range(3)]
    assert told == [401, 401, 429]
    assert not looked_up.called


async def test_whoever_was_known_and_is_no_more_is_a_stranger(town: Town) -> None:
    session = await town.sign_in(READER)
    assert (await ask(town, session)).status == 200
    out: Any = {"cookies": {"__sess__": session}, "allow_redirects": False}
    assert (await town.api.post("/signout", **out)).status == 302
    told = [(await ask(town, session)).status for _ in range(3)]
    assert told == [401, 401, 429]


async def test_failed_sign_ins_ask_github_no_more(town: Town) -> None:
    told = [await begin(town, "wrong", HERE) for _ in range(4)]
    assert [one.status for one in told] == [401, 401, 429, 429]
    assert town.people.asked.count("trade") == 2
    assert told[-1].headers["Retry-After"] == "30"
    assert (await told[-1].json())["code"] == "rate_limited"
    page = await begin(town, "wrong", HERE, Accept="text/html")
    assert (page.status, page.content_type) == (429, "text/html")
    assert page.headers["Retry-After"] == "30"
    assert "Too many requests: try again in 30 s." in await page.text()
    assert (await begin(town, READER.login, THERE)).status == 302


async def test_who_guesses_tokens_keeps_nobody_from_signing_in(town: Town) -> None:
    told = [(await ask(town, f"gitploy_{n}")).status for n in range(3)]
    assert told[-1] == 429
    assert (await begin(town, READER.login, HERE)).status == 302


async def test_sessions_are_not_guessed_by_signing_out(town: Town) -> None:
    session = await town.sign_in(READER)

    async def leave(secret: str, where: dict[str, str] = HERE) -> int:
        sent: Any = {"cookies": {"__sess__": secret}, "allow_redirects": False}
        return int((await town.api.get("/signout", headers=where, **sent)).status)

    assert [await leave("guess") for _ in range(3)] == [302, 302, 429]
    assert await leave(session, THERE) == 302
    assert (await ask(town, session, THERE)).status == 401


@pytest.mark.parametrize(
    ("hops", "said", "counts"),
    [
        (0, "1.2.3.4", "9.9.9.9"),
        (1, "", "9.9.9.9"),
        # What a client has written itself stands before what proxies add to it.
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        # It did not come through all of them.
        (2, "1.2.3.4", "9.9.9.9"),
        (1, "unknown", "9.9.9.9"),
        (1, "1.2.3.4:5678", "1.2.3.4"),
        (1, "[2001:db8::7]:5678", "2001:db8::/64"),
        (1, "[2001:db8::7]", "2001:db8::/64"),
        (1, "2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        (1, "2001:db8:0:1:bbbb::2", "2001:db8:0:1::/64"),
        (1, "2001:db8:0:2::2", "2001:db8:0:2::/64"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
    ],
)
def test_what_counts_as_one_address(hops: int, said: str, counts: str) -> None:
    headers = {"X-Forwarded-For": said} if said else {}
    request = make_mocked_request("GET", "/", headers=headers).clone(remote="9.9.9.9")
    assert address_of(request, hops) == counts


def test_a_peer_of_ipv6_is_its_network() -> None:
    request = make_mocked_request("GET", "/").clone(remote="fe80::1%eth0")
    assert address_of(request, 0) == "fe80::/64"
