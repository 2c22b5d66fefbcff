"""The live events: what is told, and how it is resumed without loss or repetition."""

import asyncio
from typing import Any

import pytest

from api_gateway.read_model import feed

from .conftest import World, status
from .environments import held
from .live_events import URL, listening, position

ROLLBACK = "6f1c0b9e-52a6-4b7c-9d3e-0a1b2c3d4e5f"


async def history(world: World) -> str:
    """One deployment from the request to the success."""
    uuid = str((await (await world.deploy()).json())["uuid"])
    await world.others.say(status(uuid, 1, "in_progress"))
    await world.others.say(status(uuid, 2, "success"))
    await world.until_phase(1, "success")
    return uuid


async def test_everything_that_people_see_is_told(active: World) -> None:
    async with listening(active.api) as events:
        await history(active)
        told = await events.take(5)
    assert [e["event"] for e in told] == ["deployment"] * 3 + ["deployment_status"] * 2
    last = told[-1]["data"]
    assert (last["status"], last["edges"]["deployment"]["phase"]) == (
        "success",
        "success",
    )
    assert last["id"] == position(told[-1])
    assert told[0]["data"]["number"] == 1
    assert told[0]["data"]["edges"]["repo"]["name"] == "shop"


async def test_locks_and_holds_are_told(active: World) -> None:
    locks = "/api/v1/repos/octo/shop/locks"
    async with listening(active.api) as events:
        await active.api.post(locks, json={"env": "production", "reason": "Move"})
        [locked] = await events.take(1)
        await active.api.delete(f"{locks}/{locked['data']['id']}")
        [unlocked] = await events.take(1)
        await active.others.say(held(ROLLBACK, 7))
        [kept_out] = await events.take(1)
    told = [(e["event"], e["data"]["env"]) for e in (locked, unlocked, kept_out)]
    assert told == [(e, "production") for e in ("lock", "lock", "hold")]
    assert (locked["data"]["state"], locked["data"]["reason"]) == ("locked", "Move")
    assert unlocked["data"]["ended"]["cause"] == "person"
    assert (kept_out["data"]["active"], kept_out["data"]["number"]) == (True, 7)
    assert kept_out["data"]["edges"]["repo"]["name"] == "shop"


async def positions(world: World, last: object, count: int) -> list[int]:
    async with listening(world.api, last) as events:
        return [position(event) for event in await events.take(count)]


async def test_who_comes_again_misses_nothing_and_gets_nothing_twice(
    active: World,
) -> None:
    async with listening(active.api) as events:
        await history(active)
        ids = [e["id"] for e in await events.take(5)]
    assert ids == sorted(set(ids), key=lambda each: int(each.partition("-")[0]))
    for n in range(5):
        async with listening(active.api, ids[n]) as events:
            got = [e["id"] for e in await events.take(4 - n)]
            assert got == ids[n + 1 :]
            await active.deploy()
            after = [position(e) for e in await events.take(3)]
            assert after == sorted(set(after))
            assert after[0] > int(ids[-1].partition("-")[0])


async def test_who_leaves_before_the_first_event_misses_nothing(active: World) -> None:
    async with listening(active.api) as events:
        begun = events.begun["id"]
    uuid = await history(active)
    async with listening(active.api, begun) as events:
        told = await events.take(5)
    assert {e["data"].get("uuid", uuid) for e in told} == {uuid}


async def test_who_comes_again_while_much_happens_misses_nothing(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 3)
    deploying = asyncio.gather(*(active.deploy() for _ in range(30)))
    seen: list[int] = []
    last: object = 0
    while len(seen) < 90:
        async with listening(active.api, last) as events:
            for event in await events.take(min(7, 90 - len(seen))):
                seen.append(position(event))
                last = event["id"]
    await deploying
    assert seen == sorted(set(seen))
    assert await positions(active, 0, 90) == seen


async def test_what_was_missed_is_read_page_by_page(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PAGE", 2)
    pages: list[int] = []
    missed = feed.Feed.missed

    async def noted(self: feed.Feed, after: int, readable: Any) -> Any:
        page = await missed(self, after, readable)
        pages.append(len(page[0]))
        return page

    monkeypatch.setattr(feed.Feed, "missed", noted)
    await history(active)
    assert len(await positions(active, 0, 5)) == 5
    assert (sum(pages), max(pages)) == (5, 2)


WHY = {
    "too_old": "More has happened since then than is told again.",
    "unknown": "The log has no such event: it was restored, or is another's.",
}


async def reloaded(world: World, last: object) -> str:
    """Why everything is to be looked at again, and nothing older comes then."""
    async with listening(world.api, last) as events:
        told = await events.next()
        assert (told["event"], told["id"]) == ("reload", events.begun["id"])
        assert position(told) == await world.recorded()
        assert told["data"]["message"] == WHY[told["data"]["reason"]]
        again = told["id"]
    async with listening(world.api, again) as events:
        await world.deploy()
        news = await events.next()
        assert news["event"] == "deployment"
        assert position(news) > position(told)
    return str(told["data"]["reason"])


async def test_an_id_from_the_future_is_told_to_reload(active: World) -> None:
    assert await reloaded(active, 999_999) == "unknown"


async def test_an_id_of_another_log_is_told_to_reload(active: World) -> None:
    async with listening(active.api) as events:
        await active.deploy()
        last = (await events.next())["id"]
    assert await positions(active, last, 2)
    other = "00000000" if not last.endswith("00000000") else "11111111"
    assert await reloaded(active, f"{last.partition('-')[0]}-{other}") == "unknown"


async def test_an_id_that_is_too_old_is_told_to_reload(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await history(active)
    newest = await active.recorded()
    monkeypatch.setattr(feed, "KEPT", 3)
    assert len(await positions(active, newest - 3, 1)) == 1
    assert await reloaded(active, newest - 4) == "too_old"


@pytest.mark.parametrize(
    "last", ["x", "-1", "1.5", "9" * 30, "1-", "1-abc", "1-ABCDEF01"]
)
async def test_a_wrong_id_is_explained(active: World, last: str) -> None:
    answer = await active.api.get(URL, headers={"Last-Event-ID": last})
    assert (answer.status, (await answer.json())["code"]) == (400, "parameter_invalid")


async def test_an_empty_id_is_none(active: World) -> None:
    async with listening(active.api, "") as events:
        assert position(events.begun) == await active.recorded()
