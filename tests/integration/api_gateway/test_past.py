"""How an environment stood at a time."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from shared.contracts import DeployRequested, StatusUpdated
from shared.testing import until

from .conftest import World, status
from .environments import held
from .waiting import queued

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


async def then(world: World, at: datetime) -> Any:
    return await world.get(f"/environments/production?at={quote(at.isoformat())}")


async def tell(world: World, deployed: Any, state: str) -> None:
    """What the tool says now."""
    n = 100 * deployed["number"] + len(world.others.heard)
    said = status(deployed["uuid"], n, state).model_dump()
    now = StatusUpdated.model_validate({**said, "created_at": world.clock()})
    await world.others.say(now)
    phase = {"in_progress": "running"}.get(state, state)
    await world.until_phase(deployed["number"], phase)

    async def is_shown() -> bool:
        # It may stand where it stood before.
        told = await world.get(f"/deployments/{deployed['number']}/statuses")
        return n in [each["github_status_id"] for each in told]

    await until(is_shown)


async def passed(world: World) -> datetime:
    """A moment, with some time before and after it."""
    world.clock.advance(MINUTE)
    now = world.clock()
    world.clock.advance(MINUTE)
    return now


async def test_what_was_live_and_what_was_going_on(active: World) -> None:
    first = await (await active.deploy()).json()
    before = await passed(active)
    await tell(active, first, "success")
    one_is_live = await passed(active)
    second = await (await active.deploy()).json()
    await tell(active, second, "in_progress")
    two_runs = await passed(active)
    await tell(active, second, "success")
    now = await passed(active)

    told = await then(active, before)
    assert told["live"] is None
    assert [d["phase"] for d in told["running"]] == ["created"]
    told = await then(active, one_is_live)
    assert (told["live"]["number"], told["running"]) == (1, [])
    told = await then(active, two_runs)
    assert told["live"]["number"] == 1
    assert [(d["number"], d["phase"]) for d in told["running"]] == [(2, "running")]
    assert await then(active, now) == await active.get("/environments/production")


async def test_who_waited_in_line(active: World) -> None:
    await active.deploy()
    request: DeployRequested = await active.unanswered()
    await active.others.say(queued(request, str(uuid4())))
    await active.until_phase(2, "waiting_in_queue")
    waited = await passed(active)
    answer = await active.post("/deployments/2/cancel")
    assert answer.status == 200, await answer.text()
    told = await then(active, waited)
    assert [(w["number"], w["position"]) for w in told["queue"]] == [(2, 1)]
    assert (await then(active, active.clock()))["queue"] == []


async def test_what_kept_others_out(active: World) -> None:
    await active.deploy()
    open_ = await passed(active)
    lock = await (
        await active.post("/locks", {"env": "production", "reason": "It moves."})
    ).json()
    locked = await passed(active)
    await active.api.delete(f"/api/v1/repos/octo/shop/locks/{lock['id']}")
    active.clock.advance(MINUTE)
    await active.others.say(held(str(uuid4()), 1))

    async def is_held() -> bool:
        return bool((await active.get("/environments/production"))["hold"])

    await until(is_held)
    told = await then(active, open_)
    assert (told["lock"], told["hold"]) == (None, None)
    told = await then(active, locked)
    assert (told["lock"]["id"], told["lock"]["state"]) == (lock["id"], "locked")
    assert told["hold"] is None
    told = await then(active, active.clock())
    assert told["lock"] is None
    assert told["hold"]["number"] == 1


def standing(told: Any) -> Any:
    """What an environment's answer says of who is there."""
    return {
        "live": told["live"] and told["live"]["number"],
        "running": [(d["number"], d["phase"]) for d in told["running"]],
        "queue": [(w["number"], w["position"]) for w in told["queue"]],
        "lock": told["lock"] and told["lock"]["id"],
        "hold": told["hold"] and told["hold"]["number"],
    }


async def do_something(world: World, draw: Random, ended: dict[int, bool]) -> None:
    """Deploy, let the tool say something, cancel, lock or unlock."""
    path = "/api/v1/repos/octo/shop/locks"
    lock = (await world.get("/environments/production"))["lock"]
    number = draw.choice([*ended, 0])
    if draw.random() < 0.2:
        if lock:
            answer = await world.api.delete(f"{path}/{lock['id']}")
        else:
            answer = await world.post("/locks", {"env": "production"})
        assert answer.status in (200, 201), await answer.text()
    elif number == 0:
        ended[(await (await world.deploy()).json())["number"]] = False
    elif not ended[number] and draw.random() < 0.2:
        answer = await world.post(f"/deployments/{number}/cancel")
        assert answer.status in (200, 202, 422), await answer.text()
    else:
        told = await world.get(f"/deployments/{number}")
        begins = [] if ended[number] or told["phase"] != "created" else ["in_progress"]
        state = draw.choice(["success", "success", "failure", *begins])
        await tell(world, told, state)
        ended[number] = ended[number] or state != "in_progress"


@pytest.mark.parametrize("seed", range(4))
async def test_every_moment_is_told_as_it_was_shown_then(
    active: World, seed: int
) -> None:
    draw, shown = Random(seed), {}
    ended: dict[int, bool] = {}
    await active.deploy()
    ended[1] = False
    for _ in range(25):
        await do_something(active, draw, ended)
        active.clock.advance(SECOND)
        now = await active.get("/environments/production")
        shown[active.clock()] = standing(now)
        active.clock.advance(SECOND)
    for at, then_shown in shown.items():
        assert standing(await then(active, at)) == then_shown, at


async def test_before_anything_was_there_nothing_was(active: World) -> None:
    early = active.clock() - MINUTE
    await active.deploy()
    told = await then(active, early)
    assert (told["live"], told["running"], told["queue"]) == (None, [], [])
