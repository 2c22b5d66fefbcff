"""Deployments that somebody else made at GitHub, in the same history as ours."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import orjson

from shared.contracts import (
    ForeignDeploymentSeen,
    GitHubDeploymentCreated,
    Person,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)
from shared.testing import until

from .conftest import World, status
from .others import REPO, SHA
from .waiting import queued

NAMESPACE = UUID(int=9)
BOT = Person(id=44, login="github-actions[bot]")
PATH = "/api/v1/repos/octo/shop"


def seen(uid: int, environment: str = "production") -> ForeignDeploymentSeen:
    return ForeignDeploymentSeen(
        deployment_id=uuid5(NAMESPACE, str(uid)),
        repository=REPO,
        github_deployment_id=uid,
        environment=environment,
        ref="main",
        sha="b" * 40,
        creator=BOT,
        created_at="2026-01-05T09:00:00Z",
    )


def told(uid: int, n: int, state: str, hour: int = 9) -> StatusUpdated:
    return StatusUpdated(
        deployment_id=uuid5(NAMESPACE, str(uid)),
        repository=REPO,
        github_deployment_id=uid,
        github_status_id=n,
        state=state,
        created_at=f"2026-01-05T{hour:02}:00:00Z",
        foreign=True,
    )


async def uids(world: World, query: str = "") -> list[int]:
    return [d["uid"] for d in await world.get(f"/deployments{query}")]


async def until_uids(world: World, wanted: list[int], query: str = "") -> None:
    async def shown() -> bool:
        return await uids(world, query) == wanted

    await until(shown)


async def test_they_stand_in_the_same_list_and_are_marked(active: World) -> None:
    await active.deploy()
    await active.others.say(seen(77))
    await until_uids(active, [77, 901])
    await active.deploy()
    theirs, ours = (await active.get("/deployments"))[1:]
    assert await uids(active) == [902, 77, 901]
    assert (theirs["number"], theirs["foreign"]) == (None, True)
    assert (ours["number"], ours["foreign"]) == (1, False)
    assert theirs.keys() == ours.keys()
    assert theirs["edges"]["user"]["login"] == "github-actions[bot]"
    assert theirs["html_url"].endswith("/Octo/shop/commit/" + "b" * 40)
    assert (theirs["status"], theirs["phase"]) == ("created", "created")


async def test_they_are_filtered_and_paged_like_ours(active: World) -> None:
    await active.deploy()
    await active.others.say(seen(77, "Staging"))
    await active.others.say(told(77, 1, "in_progress"))
    await until_uids(active, [77], "?status=running")
    assert await uids(active, "?env=staging") == [77]
    assert await uids(active, "?per_page=1") == [77]
    assert await uids(active, "?per_page=1&page=2") == [901]


async def test_what_succeeded_last_is_live_whoever_made_it(active: World) -> None:
    made = await (await active.deploy()).json()
    await active.others.say(status(made["uuid"], 1, "success"))
    await active.until_phase(1, "success")
    await active.others.say(seen(77))
    await active.others.say(told(77, 2, "success", 10))
    await until_uids(active, [77, 901], "?status=success")
    shown = await active.get("/environments/production")
    assert (shown["live"]["uid"], shown["live"]["foreign"]) == (77, True)
    answer = await active.api.post(
        f"{PATH}/environments/eu/promote", json={"from": "production"}
    )
    assert (await answer.json())["ref"] == "b" * 40


async def test_the_newest_of_a_repository_are_ours(active: World) -> None:
    await active.deploy()
    await active.others.say(seen(77))
    await until_uids(active, [77, 901])
    [repository] = await (await active.api.get("/api/v1/repos")).json()
    assert [d["uid"] for d in repository["edges"]["deployments"]] == [901]


async def test_one_that_turns_out_to_be_ours_is_shown_once(active: World) -> None:
    active.others.dispatches = False
    answer = await active.deploy(headers={"Prefer": "wait=0"})
    made = await answer.json()
    await active.others.say(seen(901))
    await active.others.say(told(901, 1, "success"))
    await until_uids(active, [901, 0])
    await active.others.say(
        GitHubDeploymentCreated(
            deployment_id=UUID(made["uuid"]),
            repository=REPO,
            environment="production",
            github_deployment_id=901,
            sha=SHA,
            url="https://api.github.com/repos/octo/shop/deployments/901",
        )
    )
    await until_uids(active, [901])
    await active.others.say(status(made["uuid"], 1, "success"))
    await active.until_phase(1, "success")
    [shown] = await active.get("/deployments")
    assert (shown["number"], shown["foreign"]) == (1, False)
    assert (await active.get("/environments/production"))["live"]["number"] == 1


async def test_listeners_hear_of_them(active: World) -> None:
    async with active.api.get("/api/v1/stream/events") as events:
        await active.others.say(seen(77))
        await active.others.say(told(77, 1, "success"))
        assert await heard(events, 2) == [
            ("deployment", 77),
            ("deployment_status", 77),
        ]


async def heard(events: Any, count: int) -> list[tuple[str, int]]:
    told: list[tuple[str, int]] = []
    event = ""
    while len(told) < count:
        line = (await events.content.readline()).decode()
        if line.startswith("event: "):
            event = line.removeprefix("event: ").strip()
        if line.startswith("data: "):
            document = orjson.loads(line.removeprefix("data: "))
            deployment = document.get("edges", {}).get("deployment", document)
            told.append((event, deployment["uid"]))
    return told


async def test_their_silence_holds_nobody_for_ever(active: World) -> None:
    await active.others.say(seen(77))
    await until_uids(active, [77])
    assert len((await active.get("/environments/production"))["running"]) == 1
    active.clock.advance(timedelta(hours=1))
    await until(lambda: bool(active.others.of(SyncRequested)))
    [asked] = active.others.of(SyncRequested)
    await active.others.say_synced(asked.data)
    await until(lambda: bool(active.others.of(SlotReleaseRequested)))
    [release] = active.others.of(SlotReleaseRequested)
    assert (release.data.cause, release.data.environment) == ("foreign", "production")

    async def idle() -> bool:
        return not (await active.get("/environments/production"))["running"]

    await until(idle)


async def test_their_silence_is_as_long_as_the_rules_of_who_waits_allow(
    active: World,
) -> None:
    theirs = seen(77)
    await active.others.say(theirs)
    await until_uids(active, [77])
    request = await active.unanswered()
    line = queued(request, str(theirs.deployment_id))
    assert line.holder
    holder = line.holder.model_copy(update={"timeout_s": 1200})
    await active.others.say(line.model_copy(update={"holder": holder}))
    await active.until_phase(1, "waiting_in_queue")
    active.clock.advance(timedelta(minutes=20))
    # Whoever waits asks after it, too.
    await until(lambda: len(active.others.of(SyncRequested)) == 2)
    for asked in active.others.of(SyncRequested):
        await active.others.say_synced(asked.data)
    await until(lambda: bool(active.others.of(SlotReleaseRequested)))
    assert active.others.of(SlotReleaseRequested)[0].data.cause == "foreign"


async def test_an_operator_gives_their_place_away(active: World) -> None:
    await active.others.say(seen(77))
    await until_uids(active, [77])
    answer = await active.api.post(
        f"{PATH}/environments/production/release", json={"reason": "It is stuck."}
    )
    assert answer.status == 200
    [released] = (await answer.json())["released"]
    assert released["number"] is None
    await until(lambda: bool(active.others.of(SlotReleaseRequested)))


async def test_nothing_can_be_done_about_them_by_number(active: World) -> None:
    await active.others.say(seen(77))
    await until_uids(active, [77])
    for path in ("/deployments/0", "/deployments/77", "/deployments/null"):
        assert (await active.api.get(f"{PATH}{path}")).status in (400, 404)
    assert (await (await active.deploy()).json())["number"] == 1
