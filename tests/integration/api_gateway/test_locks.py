"""Locks over HTTP: good and bad input, answers in time and too late, two replicas."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import (
    LockChangeRequested,
    LockRequested,
    Repository,
    UnlockRequested,
)
from shared.testing import until

from .conftest import World, serving, settings_of, world_of

PATH = "/api/v1/repos/octo/shop/locks"
SOON = "2026-01-05T10:00:00Z"
NOW = {"Prefer": "wait=0"}


async def lock(world: World, **body: Any) -> Any:
    answer = await world.api.post(PATH, json={"env": "production"} | body)
    assert answer.status == 201, await answer.text()
    return await answer.json()


async def test_a_lock_has_gitploys_members_and_ours(active: World) -> None:
    answer = await active.api.post(
        PATH, json={"env": "production", "expired_at": SOON, "reason": "Migration"}
    )
    shown = await answer.json()
    assert answer.status == 201
    assert answer.headers["Location"].endswith(f"/Octo/shop/locks/{shown['id']}")
    edges, commands, uuid = (shown.pop(k) for k in ("edges", "commands", "uuid"))
    assert shown.pop("id") > 0
    assert shown == {
        "env": "production",
        "expired_at": SOON,
        "created_at": "2026-01-05T09:00:00Z",
        "user_id": 0,
        "repo_id": 7,
        "reason": "Migration",
        "state": "locked",
        "ended": None,
    }
    assert edges["user"]["login"] == "gitploy"
    assert edges["repo"]["name"] == "shop"
    [command] = commands
    assert (command["id"], command["kind"], command["state"]) == (uuid, "lock", "done")


async def test_locks_are_listed_and_looked_at(active: World) -> None:
    one, two = await lock(active), await lock(active, env="Staging")
    assert await active.get("/locks") == [one, two]
    assert await active.get("/locks?env=staging") == [two]
    assert await active.get(f"/locks/{one['id']}") == one


async def test_what_is_locked_already_is_refused(active: World) -> None:
    await lock(active)
    answer = await active.api.post(PATH, json={"env": "production"})
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "lock_already_exist")
    assert problem["message"] == "gitploy has locked it."
    assert len(await active.get("/locks")) == 1


async def test_reason_and_end_are_changed_and_the_end_taken_away(active: World) -> None:
    shown = await lock(active, reason="Migration")
    one = f"{PATH}/{shown['id']}"
    answer = await active.api.patch(one, json={"expired_at": SOON})
    changed = await answer.json()
    assert answer.status == 200
    assert (changed["reason"], changed["expired_at"]) == ("Migration", SOON)
    answer = await active.api.patch(one, json={"reason": "Longer", "expired_at": None})
    changed = await answer.json()
    assert (changed["reason"], changed["expired_at"]) == ("Longer", None)
    kinds = [command["kind"] for command in changed["commands"]]
    assert kinds == ["lock", "change", "change"]
    assert await active.get("/locks") == [changed]


async def test_a_change_of_nothing_changes_nothing(active: World) -> None:
    shown, before = await lock(active), await active.recorded()
    answer = await active.api.patch(f"{PATH}/{shown['id']}", json={})
    assert (answer.status, await answer.json()) == (200, shown)
    assert await active.recorded() == before


async def test_the_history_leads_on(active: World) -> None:
    for _ in range(3):
        made = await (await active.post("/locks", {"env": "production"})).json()
        await active.api.delete(f"{PATH}/{made['id']}")
    everything = await active.get("/locks?history")
    url, found = f"{PATH}?history&per_page=2", []
    while url:
        answer = await active.api.get(url)
        found += await answer.json()
        leads = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        url = leads[1] if leads else ""
    assert (len(found), found) == (3, everything)


async def test_it_ends_and_stays_in_the_history(active: World) -> None:
    shown = await lock(active)
    answer = await active.api.delete(f"{PATH}/{shown['id']}")
    assert (answer.status, await answer.json()) == (200, None)
    assert await active.get("/locks") == []
    [past] = await active.get("/locks?history")
    assert past["state"] == "unlocked"
    assert past["ended"]["cause"] == "person"
    assert past["ended"]["who"]["login"] == "gitploy"
    assert await active.get("/locks?history=true&env=production") == [past]
    assert await active.get("/locks?history&env=staging") == []
    assert await active.get("/locks?history&page=2") == []


async def test_an_ended_lock_is_not_found(active: World) -> None:
    shown = await lock(active)
    one = f"{PATH}/{shown['id']}"
    await active.api.delete(one)
    before = await active.recorded()
    for answer in (
        await active.api.delete(one),
        await active.api.patch(one, json={"reason": "Longer"}),
        await active.api.post(f"{one}/take-over", json={}),
    ):
        problem = await answer.json()
        assert (answer.status, problem["code"]) == (404, "entity_not_found")
        assert "is unlocked" in problem["message"]
    assert await active.recorded() == before
    assert (await active.get(f"/locks/{shown['id']}"))["state"] == "unlocked"


async def test_somebody_takes_it_over(active: World) -> None:
    shown = await lock(active, reason="Migration")
    answer = await active.api.post(
        f"{PATH}/{shown['id']}/take-over", json={"reason": "Ann is on holiday"}
    )
    mine = await answer.json()
    assert answer.status == 201
    assert (mine["reason"], mine["state"]) == ("Ann is on holiday", "locked")
    assert await active.get("/locks") == [mine]
    [_, past] = await active.get("/locks?history")
    assert (past["id"], past["ended"]["cause"]) == (shown["id"], "taken_over")


@pytest.mark.parametrize(("body", "reason"), [({}, "Migration"), ({"reason": ""}, "")])
async def test_the_reason_stays_where_none_is_given(
    active: World, body: dict[str, str], reason: str
) -> None:
    shown = await lock(active, reason="Migration", expired_at=SOON)
    answer = await active.api.post(f"{PATH}/{shown['id']}/take-over", json=body)
    mine = await answer.json()
    assert (mine["reason"], mine["expired_at"]) == (reason, None)
    past = await active.get(f"/locks/{shown['id']}")
    assert (past["reason"], past["state"]) == ("Migration", "unlocked")


async def test_two_that_are_in_force_for_a_moment_are_shown_as_the_newer(
    active: World,
) -> None:
    shown = await lock(active)
    active.others.locking.there.clear()
    other = await lock(active, env="PRODUCTION", reason="newer")
    assert await active.get("/locks") == [other]
    assert shown["id"] != other["id"]


async def test_its_time_ends_it_once(active: World) -> None:
    shown = await lock(active, expired_at=SOON)
    active.clock.advance(timedelta(minutes=59))
    assert [lock["id"] for lock in await active.get("/locks")] == [shown["id"]]
    active.clock.advance(timedelta(minutes=1))

    async def ended() -> bool:
        return not await active.get("/locks")

    await until(ended)
    [past] = await active.get("/locks?history")
    assert past["ended"] == {"at": SOON, "cause": "expired", "who": None}
    assert past["commands"][-1] | {"id": None} == {
        "id": None,
        "kind": "unlock",
        "who": None,
        "at": SOON,
        "reason": None,
        "expired_at": None,
        "state": "done",
        "code": None,
        "message": None,
    }
    [told] = active.others.of(UnlockRequested)
    assert told.data.by == "deadline"


async def test_two_replicas_end_it_once(database_url: str) -> None:
    async with world_of(settings_of(database_url)) as first:
        await first.activate()
        async with serving(
            first.settings, first.others.bus, first.github, first.clock
        ) as (_, second):
            await lock(first, expired_at=SOON)
            first.clock.advance(timedelta(hours=1))

            async def ended() -> bool:
                return bool(await (await second.get(PATH)).json() == [])

            await until(ended)
            await asyncio.gather(*(api.get(PATH) for api in (first.api, second)))
            told = {m.id for m in first.others.of(UnlockRequested)}
            assert len(told) == 1


async def test_without_an_answer_it_is_shown_as_asked_for(active: World) -> None:
    active.others.locking.awake = False
    answer = await active.api.post(PATH, json={"env": "production"}, headers=NOW)
    shown = await answer.json()
    assert (answer.status, shown["state"]) == (202, "requested")
    assert await active.get("/locks") == []
    assert await active.get("/locks?history") == []
    assert (await active.get(f"/locks/{shown['id']}"))["state"] == "requested"
    answer = await active.api.delete(f"{PATH}/{shown['id']}")
    assert answer.status == 404


async def test_it_is_asked_again_and_then_left_and_an_answer_still_counts(
    active: World,
) -> None:
    active.others.locking.awake = False
    answer = await active.api.post(PATH, json={"env": "production"}, headers=NOW)
    shown = await answer.json()
    [first] = active.others.of(LockRequested)
    active.clock.advance(timedelta(seconds=30))
    await until(lambda: len(active.others.of(LockRequested)) > 1)
    again = active.others.of(LockRequested)[-1]
    assert (again.id, again.asked, first.asked) == (first.id, True, False)
    active.clock.advance(timedelta(minutes=15))

    async def left() -> bool:
        now = await active.get(f"/locks/{shown['id']}")
        return bool(now["commands"][0]["state"] == "unanswered")

    await until(left)
    active.others.locking.awake = True
    await active.others.on_lock(first)

    async def in_force() -> bool:
        return [lock["id"] for lock in await active.get("/locks")] == [shown["id"]]

    await until(in_force)


async def test_a_change_and_an_end_may_be_answered_later(active: World) -> None:
    shown = await lock(active)
    one = f"{PATH}/{shown['id']}"
    active.others.locking.awake = False
    answer = await active.api.patch(one, json={"reason": "Longer"}, headers=NOW)
    changed = await answer.json()
    assert (answer.status, changed["reason"]) == (202, "")
    assert changed["commands"][-1]["state"] == "pending"
    answer = await active.api.delete(one, headers=NOW)
    assert answer.status == 202
    assert (await answer.json())["commands"][-1]["kind"] == "unlock"
    assert [m.data.reason for m in active.others.of(LockChangeRequested)] == ["Longer"]


async def test_an_end_that_somebody_else_brought_is_an_end(active: World) -> None:
    shown = await lock(active)
    active.others.locking.there.clear()
    answer = await active.api.delete(f"{PATH}/{shown['id']}")
    problem = await answer.json()
    assert (answer.status, problem["message"]) == (404, "It has ended.")


async def test_a_lock_of_another_repository_is_not_found(active: World) -> None:
    shown = await lock(active)
    other = Repository(id=8, full_name="octo/other")
    active.github.known[other.full_name] = other
    answer = await active.api.patch("/api/v1/repos/octo/other", json={"active": True})
    assert answer.status == 200, await answer.text()

    async def told() -> bool:
        return (await active.recorded()) == 8

    await until(told)
    before = await active.recorded()
    one = f"/api/v1/repos/octo/other/locks/{shown['id']}"
    for answer in (
        await active.api.get(one),
        await active.api.patch(one, json={"reason": "mine"}),
        await active.api.delete(one),
        await active.api.post(f"{one}/take-over", json={}),
    ):
        problem = await answer.json()
        assert (answer.status, problem["code"]) == (404, "entity_not_found")
    assert await active.recorded() == before
    assert await active.get("/locks") == [shown]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "env"),
        ({"env": ""}, "env"),
        ({"env": "a\u0000b"}, "env"),
        ({"env": "x" * 256}, "env"),
        ({"env": 7}, "env"),
        ({"env": "production", "expired_at": "tomorrow"}, "expired_at"),
        ({"env": "production", "expired_at": "2026-01-05T10:00:00"}, "expired_at"),
        ({"env": "production", "expired_at": 1800000000}, "expired_at"),
        ({"env": "production", "expired_at": "2026-01-05T08:59:59Z"}, "expired_at"),
        (
            {"env": "production", "expired_at": "9999-12-31T23:59:59-12:00"},
            "expired_at",
        ),
        ({"env": "production", "reason": "x" * 1001}, "reason"),
        ({"env": "production", "reason": "a\u0007b"}, "reason"),
        ({"env": "production", "reason": None}, "reason"),
        ([], "body"),
    ],
)
async def test_a_bad_body_is_named_and_costs_nothing(
    active: World, body: Any, name: str
) -> None:
    before = await active.recorded()
    answer = await active.api.post(PATH, json=body)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert problem["message"].startswith(f"{name}: ")
    assert await active.recorded() == before


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"env": "staging"}, "env"),
        ({"expired_at": "2026-01-05T08:00:00Z"}, "expired_at"),
        ({"reason": 7}, "reason"),
    ],
)
async def test_a_bad_change_is_named_and_costs_nothing(
    active: World, body: Any, name: str
) -> None:
    shown = await lock(active)
    before = await active.recorded()
    answer = await active.api.patch(f"{PATH}/{shown['id']}", json=body)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert problem["message"].startswith(f"{name}: ")
    assert await active.recorded() == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{PATH}/nonsense", 400),
        (f"{PATH}/0", 404),
        (f"{PATH}/{2**63}", 400),
        (f"{PATH}/{2**63 - 1}", 404),
        (f"{PATH}/999999", 404),
        (f"{PATH}?history=maybe", 400),
        (f"{PATH}?page=0", 400),
        ("/api/v1/repos/octo/nope/locks", 404),
        ("/api/v1/repos/octo/nope/locks/1", 404),
    ],
)
async def test_a_bad_path_is_answered(active: World, path: str, status: int) -> None:
    assert (await active.api.get(path)).status == status


async def test_an_unknown_repository_has_no_locks(active: World) -> None:
    before = await active.recorded()
    answer = await active.api.post(
        "/api/v1/repos/octo/nope/locks", json={"env": "production"}
    )
    assert answer.status == 404
    assert await active.recorded() == before


async def test_an_environment_that_nobody_defines_is_not_locked(active: World) -> None:
    active.github.write("envs: [{name: production}, {name: staging}]")
    before = await active.recorded()
    answer = await active.api.post(PATH, json={"env": "producton"})
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "config_undefined_env")
    assert problem["message"] == (
        "deploy.yml defines no environment 'producton', but: production, staging."
    )
    assert await active.recorded() == before
    # Clients compare the name with that of the rules.
    assert (await lock(active, env="Production"))["env"] == "production"


@pytest.mark.parametrize("text", ["envs: {", ""])
async def test_with_broken_rules_everything_can_be_locked(
    active: World, text: str
) -> None:
    active.github.write(text)
    await lock(active, env="production")


async def test_while_github_is_away_everything_can_be_locked(active: World) -> None:
    active.github.away = True
    await lock(active, env="production")
