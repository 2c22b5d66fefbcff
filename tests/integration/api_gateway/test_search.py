"""Looking for deployments in all repositories, page by page, and for open reviews."""

import re
from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from shared.testing import until

from .conftest import World, status
from .waiting import ANN, BOB, as_

HOUR = timedelta(hours=1)


async def found(world: World, query: str = "", **headers: str) -> list[int]:
    answer = await world.api.get(f"/api/v1/search/deployments{query}", headers=headers)
    assert answer.status == 200, await answer.text()
    return [d["number"] for d in await answer.json()]


@pytest.fixture
async def several(active: World) -> World:
    """Give the test deployments of two people, at two times, of three commits."""
    await active.deploy(as_(ANN), ref="main")
    active.clock.advance(HOUR)
    active.others.sha = "b" * 40
    await active.deploy(as_(BOB), ref="main", env="staging")
    active.others.verdict = "rejected"
    await active.deploy(as_(ANN), ref="nope")
    active.others.verdict, active.others.sha = "verified", "bc" * 20
    await active.deploy(as_(ANN), type="tag", ref="v1.0")
    return active


async def test_without_more_it_is_what_you_did_lately(several: World) -> None:
    assert await found(several, **as_(ANN)) == [4, 3]
    assert await found(several, **as_(BOB)) == [2]
    assert await found(several, "?owned=false") == [4, 3, 2]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?ref=main", [2, 1]),
        ("?ref=main&owned=true", []),
        ("?sha=bbbb", [2]),
        ("?sha=BcBc", [4]),
        ("?who=ANN", [4, 3, 1]),
        ("?who=ann&statuses=rejected,canceled", [3]),
        ("?who=ann&production_only=true", [4, 1]),
        ("?who=ann&to=2026-01-05T09:30:00Z", [1]),
        ("?owned=false&from=2026-01-05T09:00:00Z", [4, 3, 2, 1]),
        ("?ref=gone", []),
        ("?statuses=&owned=false", [4, 3, 2]),
    ],
)
async def test_what_is_looked_for_is_found(
    several: World, query: str, numbers: list[int]
) -> None:
    assert await found(several, query) == numbers


@pytest.mark.parametrize(
    "query",
    [
        "?sha=xyz0",
        "?sha=abc",
        "?statuses=success,nope",
        "?from=yesterday",
        "?owned=perhaps",
        "?cursor=1",
        "?cursor=1.2.3",
        "?page=0",
    ],
)
async def test_what_can_not_be_looked_for_is_said(active: World, query: str) -> None:
    answer = await active.api.get(f"/api/v1/search/deployments{query}")
    assert answer.status == 400
    said = await answer.json()
    assert said["code"] == "parameter_invalid"
    assert query[1:].partition("=")[0] in said["message"]


async def pages(world: World, url: str) -> list[list[int]]:
    """All of them, as the header `Link` leads on."""
    told = []
    while url:
        answer = await world.api.get(url)
        assert answer.status == 200, await answer.text()
        told.append([d["number"] for d in await answer.json()])
        found = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        url = found[1] if found else ""
    return told


@pytest.mark.parametrize(
    "url",
    ["/api/v1/search/deployments?who=ann", "/api/v1/repos/octo/shop/deployments?env=x"],
)
async def test_pages_lead_to_each_other(active: World, url: str) -> None:
    for _ in range(5):
        await active.deploy(as_(ANN), env="x")
    assert await pages(active, f"{url}&per_page=2") == [[5, 4], [3, 2], [1]]
    assert await pages(active, f"{url}&per_page=5") == [[5, 4, 3, 2, 1]]


async def test_what_comes_in_meanwhile_moves_no_page(active: World) -> None:
    for _ in range(4):
        await active.deploy()
    answer = await active.api.get("/api/v1/repos/octo/shop/deployments?per_page=2")
    await active.deploy()
    following = URL(answer.links["next"]["url"]).path_qs
    told = await (await active.api.get(following)).json()
    assert [d["number"] for d in told] == [2, 1]


async def test_a_page_says_what_is_around_it(active: World) -> None:
    for _ in range(5):
        await active.deploy()
    path = "/api/v1/repos/octo/shop/deployments"
    answer = await active.api.get(f"{path}?per_page=2&page=2&env=production")
    links = {rel: URL(link["url"]).path_qs for rel, link in answer.links.items()}
    kept = f"{path}?env=production&per_page=2"
    assert links["first"] == f"{kept}&page=1"
    assert links["prev"] == f"{kept}&page=1"
    assert links["next"].startswith(f"{kept}&page=3&cursor=")


async def test_no_header_is_longer_than_clients_take(active: World) -> None:
    url = "/api/v1/repos/octo/shop/deployments"
    answer = await active.api.get(f"{url}?x={'a' * 3000}")
    assert (answer.status, "Link" in answer.headers) == (200, True)
    answer = await active.api.get(f"{url}?x={'a' * 20_000}")
    assert (answer.status, "Link" in answer.headers) == (200, False)


async def test_no_page_is_so_far_that_it_costs(active: World) -> None:
    url = "/api/v1/repos/octo/shop/deployments?per_page=100"
    assert (await active.api.get(f"{url}&page=1000")).status == 200
    refused = await active.api.get(f"{url}&page=1001")
    assert (refused.status, (await refused.json())["message"]) == (
        400,
        (
            "query: page times per_page is at most 100000: follow the header Link, or "
            "ask for less"
        ),
    )
    # Nothing is counted off by whoever follows the header.
    assert (await active.api.get(f"{url}&page=1001&cursor=9")).status == 200


async def test_a_page_far_behind_is_reached_from_the_one_before(active: World) -> None:
    for _ in range(2):
        await active.deploy()
    path = "/api/v1/repos/octo/shop/deployments"
    near = await active.api.get(f"{path}?per_page=1")
    cursor = URL(near.links["next"]["url"]).query["cursor"]
    # `page` only counts where there is a cursor.
    far = await active.api.get(f"{path}?per_page=1&page=100002&cursor={cursor}")
    assert [d["number"] for d in await far.json()] == [1]
    assert list(far.links) == ["first"]


async def test_reviews_that_somebody_can_still_give(active: World) -> None:
    active.others.verdict = "review"
    await active.deploy(as_(ANN))

    async def asked() -> bool:
        return bool(await reviews(active, BOB))

    await until(asked)
    [review] = await reviews(active, BOB)
    assert review["edges"]["deployment"]["number"] == 1
    assert (review["user_id"], review["status"]) == (BOB.id, "pending")
    # Whoever deploys it is not asked.
    assert await reviews(active, ANN) == []
    answer = await active.api.patch(
        "/api/v1/repos/octo/shop/deployments/1/review",
        json={"status": "approved"},
        headers=as_(BOB),
    )
    assert answer.status == 200, await answer.text()

    async def given() -> bool:
        return not await reviews(active, BOB)

    await until(given)


async def reviews(world: World, who: Any) -> Any:
    answer = await world.api.get("/api/v1/search/reviews", headers=as_(who))
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_figures_of_what_was_delivered(active: World) -> None:
    deployed = await (await active.deploy()).json()
    await active.others.say(status(deployed["uuid"], 1, "success"))
    await active.until_phase(1, "success")
    active.clock.advance(HOUR)
    told = await active.get("/environments/Production/dora")
    assert told == {
        "environment": "production",
        "from": "2025-12-06T10:00:00Z",
        "to": "2026-01-05T10:00:00Z",
        "deployment_frequency": {"count": 1, "per_day": 0.033},
        "lead_time": {"count": 1, "median_seconds": 7200.0, "p90_seconds": 7200.0},
        "change_failure_rate": {"count": 1, "failed": 0, "rate": 0.0},
        "time_to_restore": {
            "count": 0,
            "median_seconds": None,
            "p90_seconds": None,
            "broken_since": None,
        },
    }
    assert await active.get("/dora") == [told]
    earlier = await active.get("/dora?to=2026-01-01T00:00:00Z")
    assert earlier[0]["change_failure_rate"]["rate"] is None


@pytest.mark.parametrize(
    ("query", "status_code"),
    [
        ("/environments/nowhere/dora", 404),
        ("/dora?from=2026-01-05T10:00:00Z&to=2026-01-05T09:00:00Z", 400),
        ("/dora?from=2020-01-01T00:00:00Z", 400),
    ],
)
async def test_figures_that_can_not_be_told(
    active: World, query: str, status_code: int
) -> None:
    answer = await active.api.get(f"/api/v1/repos/octo/shop{query}")
    assert answer.status == status_code
