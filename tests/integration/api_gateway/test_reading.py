"""Lists, one deployment now and then, its statuses and its history."""

from datetime import timedelta
from typing import Any

from shared.contracts import DeployRequested
from shared.testing import until

from .conftest import World, status


async def deployed(world: World, **body: Any) -> str:
    return str((await (await world.deploy(**body)).json())["uuid"])


async def numbers(world: World, query: str = "") -> list[int]:
    return [d["number"] for d in await world.get(f"/deployments{query}")]


async def test_a_list_is_newest_first_and_in_pages(active: World) -> None:
    for _ in range(5):
        await deployed(active)
    assert await numbers(active) == [5, 4, 3, 2, 1]
    assert await numbers(active, "?per_page=2") == [5, 4]
    assert await numbers(active, "?per_page=2&page=3") == [1]
    assert await numbers(active, "?page=9") == []


async def test_a_list_is_filtered(active: World) -> None:
    await deployed(active)
    await deployed(active, env="staging")
    active.others.verdict = "rejected"
    await active.deploy(env="staging")
    assert await numbers(active, "?env=staging") == [3, 2]
    assert await numbers(active, "?status=rejected") == [3]
    assert await numbers(active, "?env=production&status=created") == [1]
    assert await numbers(active, "?env=nope") == []
    assert await numbers(active, "?env=&status=") == [3, 2, 1]


async def test_what_is_listed_says_who_and_where(active: World) -> None:
    await deployed(active)
    [listed] = await active.get("/deployments")
    assert set(listed["edges"]) == {"user", "repo", "reviews"}
    assert listed["edges"]["repo"]["id"] == 7


async def test_it_goes_through_to_success(active: World) -> None:
    uuid = await deployed(active)
    for n, (state, phase) in enumerate(
        [
            ("queued", "queued"),
            ("in_progress", "running"),
            ("success", "success"),
            ("inactive", "success"),
        ]
    ):
        await active.others.say(status(uuid, n + 1, state, f"https://log/{n}"))
        shown = await active.until_phase(1, phase)
        assert shown["status"] == phase
    assert shown["log_url"] == "https://log/2"
    assert shown["waits_for"] is None
    await until(lambda: has_statuses(active, 4))
    statuses = await active.get("/deployments/1/statuses")
    assert [s["status"] for s in statuses] == [
        "queued",
        "in_progress",
        "success",
        "inactive",
    ]
    shown = await active.get("/deployments/1")
    assert shown["edges"]["deployment_statuses"] == statuses
    assert statuses[0] == {
        "id": statuses[0]["id"],
        "status": "queued",
        "description": "",
        "log_url": "https://log/0",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-05T09:00:00Z",
        "deployment_id": shown["id"],
        "repo_id": 7,
        "environment_url": "",
        "github_status_id": 1,
        "creator": None,
        "ours": False,
        "edges": {},
    }


async def has_statuses(world: World, count: int) -> bool:
    return len(await world.get("/deployments/1/statuses")) == count


async def test_statuses_that_come_backwards_end_the_same(active: World) -> None:
    uuid = await deployed(active)
    await active.others.say(status(uuid, 3, "success"))
    await active.others.say(status(uuid, 2, "in_progress"))
    await active.others.say(status(uuid, 1, "queued"))
    await until(lambda: has_statuses(active, 3))
    assert (await active.get("/deployments/1"))["phase"] == "success"


async def test_it_is_shown_as_it_was(active: World) -> None:
    uuid = await deployed(active)
    active.clock.advance(timedelta(minutes=5))
    await active.others.say(status(uuid, 1, "in_progress"))
    active.clock.advance(timedelta(minutes=5))
    await active.others.say(status(uuid, 2, "success"))
    now = await active.until_phase(1, "success")
    phases = []
    for minute in (0, 4, 5, 9, 10):
        then = await active.get(f"/deployments/1?at=2026-01-05T09:{minute:02}:00Z")
        phases.append((then["phase"], len(then["edges"]["deployment_statuses"])))
        assert then["id"] == now["id"]
    assert phases == [
        ("created", 0),
        ("created", 0),
        ("running", 1),
        ("running", 1),
        ("success", 2),
    ]
    assert await active.get("/deployments/1?at=2030-01-01T00:00:00Z") == now
    answer = await active.api.get(
        "/api/v1/repos/octo/shop/deployments/1", params={"at": "2020-01-01T00:00:00Z"}
    )
    assert (answer.status, (await answer.json())["code"]) == (404, "entity_not_found")


async def test_everything_that_was_said_is_listed(active: World) -> None:
    uuid = await deployed(active)
    await active.others.say(status(uuid, 1, "success"))
    await active.until_phase(1, "success")
    events = await active.get("/deployments/1/events")
    assert [(e["type"], e["source"]) for e in events] == [
        ("io.gitploy.DeployRequested.v1", "api-gateway"),
        ("io.gitploy.RefVerified.v1", "verifier"),
        ("io.gitploy.GitHubDeploymentCreated.v1", "github-dispatcher"),
        ("io.gitploy.StatusUpdated.v1", "status-sync"),
    ]
    [request] = active.others.of(DeployRequested)
    assert events[0] == {
        "id": request.id,
        "type": "io.gitploy.DeployRequested.v1",
        "time": "2026-01-05T09:00:00Z",
        "source": "api-gateway",
        "who": {"id": 0, "login": "gitploy"},
        "data": request.data.model_dump(mode="json"),
    }


async def test_who_is_asking_is_the_token(world: World) -> None:
    answer = await world.api.get("/api/v1/user")
    body = await answer.json()
    assert (body["id"], body["login"], body["admin"]) == (0, "gitploy", True)
