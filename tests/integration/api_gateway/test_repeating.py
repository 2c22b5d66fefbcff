"""Writes that are sent again, what the API bears, and what every answer says."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import LockRequested, RemoteStatusRequested

from .conftest import World, settings_of, world_of
from .waiting import ANN, BOB, as_

LOCK = {"env": "production", "reason": "The database moves."}


async def lock(world: World, key: str, who: Any = ANN, **changed: Any) -> Any:
    return await world.post("/locks", LOCK | changed, **as_(who), **named(key))


def named(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_what_is_sent_again_gets_the_first_answer(active: World) -> None:
    first, again = await lock(active, "k1"), await lock(active, "k1")
    assert (first.status, again.status) == (201, 201)
    assert await again.json() == await first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(active.others.of(LockRequested)) == 1


async def test_another_request_of_that_name_is_refused(active: World) -> None:
    await active.deploy(as_(ANN))
    await lock(active, "k1")
    for answer in (
        await lock(active, "k1", reason="Something else."),
        await active.post("/deployments/1/cancel", {}, **as_(ANN), **named("k1")),
    ):
        assert answer.status == 422, await answer.text()
        assert (await answer.json())["code"] == "idempotency_key_reused"


async def test_names_of_one_person_are_not_those_of_another(active: World) -> None:
    await lock(active, "k1", ANN)
    answer = await lock(active, "k1", BOB, env="staging")
    assert answer.status == 201, await answer.text()


async def test_what_came_to_nothing_may_be_tried_again(active: World) -> None:
    active.others.posts = "refused"
    await active.deploy()
    sent = {"status": "success", "description": ""}
    path = "/deployments/1/remote-statuses"
    assert (await active.post(path, sent, **named("k1"))).status == 422
    active.others.posts = "posted"
    # The command that was refused is the same one, and stays refused.
    assert (await active.post(path, sent, **named("k1"))).status == 422
    assert (await active.post(path, sent, **named("k2"))).status == 201
    assert len(active.others.of(RemoteStatusRequested)) == 2


async def test_two_at_once_are_done_once(active: World) -> None:
    answers = await asyncio.gather(*(lock(active, "k1") for _ in range(5)))
    assert {a.status for a in answers} <= {201, 503}
    busy = next((a for a in answers if a.status == 503), None)
    assert busy is None or busy.headers["Retry-After"] == "1"
    assert busy is None or (await busy.json())["message"] == (
        "What has Idempotency-Key 'k1' is still being done: ask again."
    )
    assert len(active.others.of(LockRequested)) == 1


async def test_a_day_later_it_is_forgotten(active: World) -> None:
    answer = await active.post("/deployments/1/cancel", {}, **named("k1"))
    assert answer.status == 404
    await active.deploy()
    await active.post("/deployments/1/cancel", {}, **named("k1"))
    active.clock.advance(timedelta(hours=25))
    again = await active.post("/deployments/1/cancel", {"reason": "x"}, **named("k1"))
    assert (await again.json())["code"] != "idempotency_key_reused"


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path}/")
    async with world_of(settings) as world:
        await world.activate()
        locked = await (await lock(world, "k1")).json()
        made = await (await world.deploy(named("k2"))).json()
    async with world_of(settings) as world:
        again = await lock(world, "k1")
        assert (again.status, await again.json()) == (201, locked)
        deployed = await world.deploy(named("k2"))
        assert (await deployed.json())["number"] == made["number"]
        for other in (
            await lock(world, "k1", reason="Something else."),
            await world.deploy(named("k2"), env="staging"),
        ):
            assert (await other.json())["code"] == "idempotency_key_reused"


async def test_a_token_is_shown_once(active: World) -> None:
    sent = {"name": "ci", "scope": "read"}
    headers = as_(ANN) | named("k1")
    first = await active.api.post("/api/v1/user/tokens", json=sent, headers=headers)
    assert first.status == 201, await first.text()
    again = await active.api.post("/api/v1/user/tokens", json=sent, headers=headers)
    said = await again.json()
    assert (again.status, said["code"]) == (422, "idempotency_key_reused")
    assert said["message"] == (
        "This was done already, and what it showed is shown only once: undo it and ask "
        "anew, with a new Idempotency-Key."
    )


@pytest.mark.parametrize("key", ["", "ä", "x" * 256, "a b"])
async def test_a_name_has_to_be_one(active: World, key: str) -> None:
    answer = await lock(active, key)
    assert answer.status == 400, await answer.text()
    assert "Idempotency-Key" in (await answer.json())["message"]


async def test_what_has_not_changed_is_not_sent_again(active: World) -> None:
    path = "/api/v1/repos/octo/shop"
    first = await active.api.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await active.api.get(path, headers=known)).status == 304


async def test_every_answer_guards_the_browser(active: World) -> None:
    for path in ("/api/v1/user", "/api/v1/nothing", "/healthz"):
        answer = await active.api.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("one_moment")
async def test_one_person_may_ask_so_much_in_a_minute(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path}/", requests_per_minute=2)
    async with world_of(settings) as world:
        statuses = [
            (await world.api.get("/api/v1/user", headers=as_(ANN))).status
            for _ in range(3)
        ]
        assert statuses == [200, 200, 429]
        assert (await world.api.get("/api/v1/user", headers=as_(BOB))).status == 200
        refused = await world.api.get("/api/v1/user", headers=as_(ANN))
        assert (await refused.json())["code"] == "rate_limited"
        assert int(refused.headers["Retry-After"]) == 30


@pytest.mark.usefixtures("one_moment")
async def test_strangers_may_try_so_much_and_stop_nobody_else(tmp_path: Path) -> None:
    settings = settings_of(
        f"sqlite:///{tmp_path}/", strangers_per_minute=2, trusted_hops=1
    )
    async with world_of(settings) as world:

        async def guess(address: str) -> int:
            headers = {"Authorization": "Bearer x", "X-Forwarded-For": address}
            answer = await world.api.get("/api/v1/user", headers=headers)
            return int(answer.status)

        told = [await guess(f"{n}.2.3.4, 10.0.0.1") for n in range(3)]
        assert told == [401, 401, 429]
        assert await guess("10.0.0.2") == 401
        here = {"X-Forwarded-For": "10.0.0.1"}
        assert (await world.api.get("/api/v1/user", headers=here)).status == 200


async def test_other_sites_are_those_of_the_settings(tmp_path: Path) -> None:
    portal = "https://portal.example.com"
    settings = settings_of(f"sqlite:///{tmp_path}/", cors_origins=(portal,))
    async with world_of(settings) as world:
        asked = {"Origin": portal, "Access-Control-Request-Method": "POST"}
        allowed = await world.api.options("/api/v1/user", headers=asked)
        assert allowed.status == 204
        nobody = {"Origin": portal, "Authorization": "Bearer wrong"}
        answer = await world.api.get("/api/v1/user", headers=nobody)
        assert answer.status == 401
        assert answer.headers["Access-Control-Allow-Origin"] == portal
