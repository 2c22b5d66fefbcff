"""Every read that asks GitHub, on each of GitHub's bad days."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from shared.testing import until

from .faulty import AWAY, HOUR, LIMITED, PATIENCE_S, REFUSED, Faulty, faulty, hang
from .others import TOKEN

SHOP: Final = "/repos/octo/shop"
#: What is shown of GitHub, each once for people and programs; `{sha}` is main's commit.
READS: Final = (
    f"{SHOP}/branches",
    f"{SHOP}/branches/main",
    f"{SHOP}/default-branch",
    f"{SHOP}/tags",
    f"{SHOP}/tags/v1",
    f"{SHOP}/commits",
    f"{SHOP}/commits/{{sha}}",
    f"{SHOP}/commits/{{sha}}/statuses",
    f"{SHOP}/deployments/2/changes",
    f"{SHOP}/config",
    f"{SHOP}/config?ref=v1",
    "/user/rate-limit",
    "/link/octo/shop/config",
    "/link/octo/shop/config/new",
)
#: Ours alone; GitHub says who may see it.
OURS: Final = (
    "/repos",
    SHOP,
    f"{SHOP}/deployments",
    f"{SHOP}/deployments/2",
    f"{SHOP}/environments",
    f"{SHOP}/environments/production",
    f"{SHOP}/locks",
    "/search/deployments",
)
BAD_DAYS: Final[Mapping[str, str]] = dict.fromkeys(
    AWAY, "github_unavailable"
) | dict.fromkeys(LIMITED, "rate_limited")


@pytest.fixture
async def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Faulty]:
    async with faulty(tmp_path, monkeypatch) as shop:
        yield shop


async def told(shop: Faulty, secret: str, paths: tuple[str, ...]) -> Mapping[str, str]:
    """What each is answered with: the status, and what the headers say of its age."""

    async def ask(path: str) -> str:
        answer = await shop.ask(secret, path.format(sha=shop.sha))
        age, stale = answer.headers.get("Age"), answer.headers.get("X-Gitploy-Stale")
        how = f"{'OK' if answer.status < 400 else answer.status} {age} {stale}"
        return how.replace(" None", "")

    return dict(zip(paths, await asyncio.gather(*map(ask, paths)), strict=True))


def each(paths: tuple[str, ...], how: str) -> Mapping[str, str]:
    return dict.fromkeys(paths, how)


@pytest.mark.parametrize("day", BAD_DAYS)
async def test_what_is_known_is_told_with_its_age(shop: Faulty, day: str) -> None:
    reader = await shop.sign_in("reader")
    assert await told(shop, reader, READS) == each(READS, "OK 0")
    assert await told(shop, reader, OURS) == each(OURS, "OK")
    # What a commit's id names is shown for an hour before anybody asks again.
    shop.clock.advance(2 * HOUR)
    shop.suffer(AWAY.get(day) or LIMITED[day])
    assert await told(shop, reader, READS) == each(READS, f"OK 7200 {BAD_DAYS[day]}")
    assert await told(shop, reader, OURS) == each(OURS, "OK")
    shop.clock.advance(4 * HOUR)
    assert await told(shop, reader, READS) == each(READS, "503")
    assert await told(shop, reader, OURS[1:-1]) == each(OURS[1:-1], "503")
    shop.recover()
    shop.clock.advance(HOUR)

    async def is_back() -> bool:
        # A question from before may still wait for its answer.
        return await told(shop, reader, READS) == each(READS, "OK 0")

    await until(is_back)
    assert await told(shop, reader, OURS) == each(OURS, "OK")


@pytest.mark.parametrize("day", BAD_DAYS)
async def test_what_nobody_knows_is_told_when_to_be_asked_for(
    shop: Faulty, day: str
) -> None:
    reader = await shop.sign_in("reader")
    shop.suffer(AWAY.get(day) or LIMITED[day])
    asking = (shop.ask(reader, path.format(sha=shop.sha)) for path in READS)
    for path, answer in zip(READS, await asyncio.gather(*asking), strict=True):
        problem = await answer.json()
        assert (answer.status, problem["code"]) == (503, "internal_error"), path
        assert int(answer.headers["Retry-After"]) > 0
        assert "nobody has asked for this lately: ask again." in problem["message"]


@pytest.mark.parametrize("day", BAD_DAYS)
async def test_what_only_github_can_do_is_not_recorded(shop: Faulty, day: str) -> None:
    reader = await shop.sign_in("reader")
    back, kept = await shop.chosen("deployer")
    shop.suffer(AWAY.get(day) or LIMITED[day])
    activated, synced, signed_in = await asyncio.gather(
        shop.ask(TOKEN, SHOP, "PATCH", json={"active": True}),
        shop.ask(reader, "/sync", "POST"),
        shop.come_back(back, kept),
    )
    for answer, so in (
        (activated, "nothing was recorded: ask again."),
        (synced, "Ask again."),
        (signed_in, "Try again."),
    ):
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert (await answer.json())["message"].endswith(so)
    assert signed_in.cookies.get("__sess__") is None
    assert await told(shop, reader, OURS) == each(OURS, "OK")


async def test_a_token_that_is_refused_ends_everything(shop: Faulty) -> None:
    reader = await shop.sign_in("reader")
    await told(shop, reader, READS)
    shop.suffer(REFUSED)
    shop.clock.advance(HOUR)
    for path in (*READS, *OURS):
        answer = await shop.ask(reader, path.format(sha=shop.sha))
        assert answer.status == 401, path
        assert "sign in" in (await answer.json())["message"]


async def test_gitploys_own_token_is_the_operators_to_renew(shop: Faulty) -> None:
    await told(shop, TOKEN, READS)
    shop.suffer(REFUSED)
    shop.clock.advance(HOUR)
    for path in READS:
        answer = await shop.ask(TOKEN, path.format(sha=shop.sha))
        assert answer.status == 503, path
        why = (await answer.json())["message"]
        assert "its operator has to renew it (GITPLOY_GITHUB_TOKEN" in why
    assert await told(shop, TOKEN, OURS) == each(OURS, "OK")


async def test_only_the_first_waits_to_see_that_github_hangs(shop: Faulty) -> None:
    reader = await shop.sign_in("reader")
    assert await told(shop, reader, OURS) == each(OURS, "OK")
    shop.clock.advance(HOUR)
    shop.suffer(hang)
    assert await told(shop, reader, OURS) == each(OURS, "OK")
    async with asyncio.timeout(3 * PATIENCE_S):
        for _ in range(5):
            assert await told(shop, reader, OURS) == each(OURS, "OK")


@pytest.mark.parametrize("day", BAD_DAYS)
async def test_what_is_asked_for_is_recorded(shop: Faulty, day: str) -> None:
    deployer = await shop.sign_in("deployer")
    assert (await shop.ask(deployer, SHOP)).status == 200
    shop.clock.advance(HOUR)
    shop.suffer(AWAY.get(day) or LIMITED[day])
    body = {"type": "branch", "ref": "main", "env": "production"}
    answer = await shop.ask(deployer, f"{SHOP}/deployments", "POST", json=body)
    assert answer.status == 201, await answer.text()
    lock = {"env": "production"}
    answer = await shop.ask(deployer, f"{SHOP}/locks", "POST", json=lock)
    assert answer.status == 201, await answer.text()
