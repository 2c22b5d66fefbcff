"""Branches, tags, commits and what was reported on them, asked of the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from aiohttp import ClientResponse, ClientSession
from yarl import URL

from api_gateway.github import Askers, Cache, GitHubBrowsing
from api_gateway.github.cache import EXACT, LASTING, LISTED, PAUSE
from api_gateway.ports import (
    GitHubAwayError,
    Known,
    TokenRefusedError,
    TokenTooWeakError,
)
from api_gateway.routes.browsing import explained
from shared.contracts import Person
from shared.github import GitHubClient
from shared.testing import until
from shared.web import ApiError

from .at_github import GITHUB_TOKEN, NOREPLY, AtGitHub, at_github
from .faulty import Patience
from .others import REPO

T = TypeVar("T")
STALE = EXACT.fresh + timedelta(seconds=1)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[AtGitHub]:
    async with at_github(tmp_path) as shop:
        yield shop


def following(answer: ClientResponse) -> str:
    """Where the next page is; empty after the last."""
    link = answer.links.get("next")
    return URL(link["url"]).path_qs.removeprefix("/api/v1") if link else ""


async def test_branches_are_listed_in_pages(shop: AtGitHub) -> None:
    head = shop.git("rev-parse", "main")
    for name in ("a", "b/c"):
        shop.git("branch", name)
    answer = await shop.ask("/repos/octo/shop/branches?per_page=2")
    assert await answer.json() == [
        {"name": name, "commit_sha": head} for name in ("a", "b/c")
    ]
    path = following(answer)
    assert path == "/repos/octo/shop/branches?per_page=2&page=2"
    last = await shop.ask(path)
    assert [branch["name"] for branch in await last.json()] == ["main"]
    assert set(last.links) == {"first", "prev"}


@pytest.mark.parametrize("path", ["feature/one", "feature%2Fone"])
async def test_a_branch_may_have_slashes(shop: AtGitHub, path: str) -> None:
    shop.git("checkout", "-q", "-b", "feature/one")
    sha = shop.git.commit()
    told = await shop.of_shop(f"/branches/{path}")
    assert told == {"name": "feature/one", "commit_sha": sha}


async def test_the_default_branch_is_githubs(shop: AtGitHub) -> None:
    sha = shop.git("rev-parse", "main")
    shop.git("checkout", "-q", "-b", "other")
    shop.git.commit()
    told = await shop.of_shop("/default-branch")
    assert told == {"name": "main", "commit_sha": sha}


async def test_tags_are_listed_from_the_newest_commit_on(shop: AtGitHub) -> None:
    one, two = shop.git.commit(), shop.git.commit()
    shop.git("tag", "-a", "z", "-m", "annotated", one)
    shop.git("tag", "-a", "nested", "-m", "of a tag", "z")
    shop.git("tag", "a", two)
    told = await shop.of_shop("/tags")
    assert told[0] == {"name": "a", "commit_sha": two}
    # Neither is the commit that of the tag's own object.
    assert {tag["name"] for tag in told[1:]} == {"z", "nested"}
    assert {tag["commit_sha"] for tag in told[1:]} == {one}


async def test_each_page_of_tags_has_its_own(shop: AtGitHub) -> None:
    names = [f"v{n:03}" for n in range(105)]
    told = "".join(f"create refs/tags/{name} HEAD\n" for name in names)
    shop.git("update-ref", "--stdin", given=told)
    listed: list[str] = []
    url = "/repos/octo/shop/tags?per_page=30"
    while url:
        answer = await shop.ask(url)
        listed += [tag["name"] for tag in await answer.json()]
        url = following(answer)
    assert sorted(listed) == names
    assert await shop.of_shop("/tags?page=9") == []
    answer = await shop.ask("/repos/octo/shop/tags?per_page=100&page=20")
    assert "next" not in answer.links
    await shop.of_shop("/tags?per_page=100&page=21", 400)


async def test_a_tag_is_found_by_its_whole_name(shop: AtGitHub) -> None:
    one = shop.git("rev-parse", "main")
    shop.git("tag", "-a", "release/1.10", "-m", "annotated")
    shop.git("tag", "-a", "nested", "-m", "of a tag", "release/1.10")
    two = shop.git.commit()
    shop.git("tag", "release/1.1", two)
    for path, sha in (
        ("release/1.10", one),
        ("release%2F1.1", two),
        ("nested", one),
    ):
        assert (await shop.of_shop(f"/tags/{path}"))["commit_sha"] == sha
    problem = await shop.of_shop("/tags/release/1", 404)
    assert problem["code"] == "entity_not_found"
    assert problem["message"] == "GitHub shows no tag release/1 there."
    shop.git("tag", "tree", "HEAD^{tree}")
    await shop.of_shop("/tags/tree", 404)


async def test_commits_say_who_wrote_them_if_github_knows(shop: AtGitHub) -> None:
    shop.git("checkout", "-q", "-b", "feature/one")
    known = shop.git.commit("Fix it\n\nAt last.", email=f"mona{NOREPLY}")
    unknown = shop.git.commit("By somebody")
    two, one = await shop.of_shop("/commits?branch=feature/one&per_page=2")
    assert one == {
        "sha": known,
        "message": "Fix it\n\nAt last.",
        "is_pull_request": False,
        "html_url": one["html_url"],
        "author": {
            "login": "mona",
            "avatar_url": one["author"]["avatar_url"],
            "date": "2030-01-01T00:02:00Z",
        },
    }
    assert one["html_url"].endswith(f"/octo/shop/commit/{known}")
    assert (two["sha"], "author" in two) == (unknown, False)
    assert await shop.of_shop(f"/commits/{known}") == one
    # Without a branch, or with an empty one, it is the default branch.
    for query in ("", "?branch="):
        (first,) = await shop.of_shop(f"/commits{query}")
        assert first["message"] == "First"


async def test_a_commits_statuses_are_those_of_all_tools(shop: AtGitHub) -> None:
    sha = shop.git.commit()
    told = await shop.of_shop(f"/commits/{sha}/statuses")
    assert told == {"state": "success", "statuses": []}
    shop.world.clock.advance(STALE)
    status = {"context": "ci", "state": "error", "target_url": "https://ci/1"}
    await shop.post(f"/statuses/{sha}", status)
    for conclusion in ("success", "cancelled", "skipped", "neutral", "timed_out"):
        run = {"name": conclusion, "head_sha": sha, "conclusion": conclusion}
        await shop.post("/check-runs", run)
    await shop.post("/check-runs", {"name": "running", "head_sha": sha})
    told = await shop.of_shop(f"/commits/{sha}/statuses")
    assert told["state"] == "failure"
    assert {one["context"]: one["state"] for one in told["statuses"]} == {
        "ci": "failure",
        "success": "success",
        "cancelled": "cancelled",
        "skipped": "skipped",
        "neutral": "skipped",
        "timed_out": "failure",
        "running": "pending",
    }
    (ci,) = (one for one in told["statuses"] if one["context"] == "ci")
    assert ci["target_url"] == "https://ci/1"
    assert ci["avatar_url"]


@pytest.mark.parametrize(
    ("states", "merged"),
    [
        (["success", "pending"], "pending"),
        (["success", "pending", "failure"], "failure"),
        (["success"], "success"),
    ],
)
async def test_the_worst_counts(shop: AtGitHub, states: list[str], merged: str) -> None:
    sha = shop.git.commit()
    for n, state in enumerate(states):
        await shop.post(f"/statuses/{sha}", {"context": str(n), "state": state})
    assert (await shop.of_shop(f"/commits/{sha}/statuses"))["state"] == merged


async def test_what_failed_counts_also_on_the_second_page(shop: AtGitHub) -> None:
    sha = shop.git.commit()
    for n in range(102):
        # GitHub tells the oldest contexts first, or not: one of these is last.
        state = "failure" if n in (0, 101) else "success"
        await shop.post(f"/statuses/{sha}", {"context": str(n), "state": state})
        run = {"name": str(n), "head_sha": sha, "conclusion": "success"}
        await shop.post("/check-runs", run)
    told = await shop.of_shop(f"/commits/{sha}/statuses")
    assert (told["state"], len(told["statuses"])) == ("failure", 204)
    failed = [one for one in told["statuses"] if one["state"] == "failure"]
    assert len(failed) == 2


async def test_changes_are_what_was_not_live_before(shop: AtGitHub) -> None:
    first = shop.git("rev-parse", "main")
    one = await shop.deployed(first, 1)
    assert await shop.of_shop(f"/deployments/{one['number']}/changes") == []
    shas = [shop.git.commit(f"Change {n}") for n in range(3)]
    # Neither another environment nor what has not succeeded was live here.
    await shop.deployed(shas[0], 2, "staging")
    await shop.wanted(shas[1])
    two = await shop.deployed(shas[2], 3)
    shop.git.commit("The branch moves on")
    path = f"/deployments/{two['number']}/changes"
    assert [one["sha"] for one in await shop.of_shop(path)] == shas
    answer = await shop.ask(f"/repos/octo/shop{path}?per_page=2")
    assert [one["sha"] for one in await answer.json()] == shas[:2]
    path_of_rest = following(answer)
    assert [one["sha"] for one in await shop.get(path_of_rest)] == shas[2:]
    # What succeeds later is nothing to those before it.
    await shop.deployed(first, 4)
    assert [one["sha"] for one in await shop.of_shop(path)] == shas


async def test_no_branchs_head_stands_in_for_a_commit(shop: AtGitHub) -> None:
    await shop.deployed(shop.git("rev-parse", "main"), 1)
    request = await shop.world.unanswered()
    shop.git.commit()
    assert await shop.of_shop(f"/deployments/{request.number}/changes") == []


async def test_the_rate_limit_is_that_of_the_token(shop: AtGitHub) -> None:
    told = await shop.get("/user/rate-limit")
    assert told["limit"] >= told["remaining"] > 0
    assert told["reset"].endswith("Z")


async def test_links_lead_to_githubs_pages_alone(shop: AtGitHub) -> None:
    web = "https://github.com/Octo/shop"
    for path, status, target in (
        ("config", 301, f"{web}/blob/main/deploy.yml"),
        ("config/new", 302, f"{web}/new/main/deploy.yml"),
    ):
        answer = await shop.ask(f"/link/octo/shop/{path}")
        assert (answer.status, answer.headers["Location"]) == (status, target)
        assert answer.headers["Cache-Control"] == "no-store"
    strange = {"config_path": "a b/ü?#.yml"}
    await shop.world.api.patch("/api/v1/repos/octo/shop", json=strange)
    answer = await shop.ask("/link/octo/shop/config")
    assert answer.headers["Location"] == f"{web}/blob/main/a%20b/%C3%BC%3F%23.yml"
    assert (await shop.ask("/link/octo/other/config")).status == 404
    nobody = await shop.world.api.get(
        "/link/octo/shop/config", headers={"Authorization": ""}, allow_redirects=False
    )
    assert nobody.status == 401


async def test_many_who_look_at_once_cause_one_request(shop: AtGitHub) -> None:
    told = await asyncio.gather(*(shop.of_shop("/branches") for _ in range(20)))
    assert told == [told[0]] * 20
    assert len(shop.asked) == 1


async def test_what_has_not_changed_is_confirmed(shop: AtGitHub) -> None:
    before = await shop.of_shop("/branches/main")
    assert await shop.of_shop("/branches/main") == before
    shop.world.clock.advance(STALE)
    assert await shop.of_shop("/branches/main") == before
    shop.world.clock.advance(STALE)
    sha = shop.git.commit()
    assert (await shop.of_shop("/branches/main"))["commit_sha"] == sha
    assert [status for _, status in shop.asked] == [200, 304, 200]


async def test_a_commit_is_not_asked_for_every_few_seconds(shop: AtGitHub) -> None:
    sha = shop.git("rev-parse", "main")
    for _ in range(3):
        answer = await shop.ask(f"/repos/octo/shop/commits/{sha}")
        shop.world.clock.advance(LASTING.fresh / 3)
    assert answer.headers["Age"] == "200"
    assert len(shop.asked) == 1


async def test_while_github_is_away_the_old_is_told_with_its_age(
    shop: AtGitHub,
) -> None:
    known = await shop.of_shop("/branches/main")
    shop.sandbox.faults.merge({"answers": {"unavailable": True}})
    shop.world.clock.advance(STALE)
    for _ in range(2):
        answer = await shop.ask("/repos/octo/shop/branches/main")
        assert await answer.json() == known
        assert answer.headers["Age"] == "6"
        assert answer.headers["X-Gitploy-Stale"] == "github_unavailable"
    problem = await shop.ask("/repos/octo/shop/branches")
    assert (problem.status, problem.headers["Retry-After"]) == (503, "5")
    assert "ask again" in (await problem.json())["message"]
    shop.sandbox.faults.clear()
    sha = shop.git.commit()
    shop.world.clock.advance(PAUSE)
    # The first is told what is known, and has GitHub asked for the next.
    await shop.of_shop("/branches/main")

    async def is_told() -> bool:
        return bool((await shop.of_shop("/branches/main"))["commit_sha"] == sha)

    await until(is_told)
    answer = await shop.ask("/repos/octo/shop/branches/main")
    assert "X-Gitploy-Stale" not in answer.headers


async def test_a_slow_github_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = Patience()
    monkeypatch.setattr("api_gateway.bootstrap.PATIENCE", patience)
    async with at_github(tmp_path) as shop:
        known = await shop.of_shop("/branches/main")
        shop.world.clock.advance(STALE)
        patience.read = 0.5
        shop.sandbox.faults.merge({"answers": {"delay_s": 30}})
        answer = await shop.ask("/repos/octo/shop/branches/main")
        assert answer.headers["X-Gitploy-Stale"] == "github_unavailable"
        assert await answer.json() == known
        await shop.of_shop("/tags", 503)


async def test_what_github_hides_is_not_there(shop: AtGitHub) -> None:
    await shop.of_shop("/branches")
    shop.sandbox.faults.merge({"answers": {"hide_repository": True}})
    shop.world.clock.advance(STALE + LISTED.behind)
    for path in ("/branches", "/tags", "/default-branch", "/commits"):
        problem = await shop.of_shop(path, 404)
        assert problem["code"] == "entity_not_found"


async def test_a_token_that_github_refuses_is_the_operators_to_renew(
    shop: AtGitHub,
) -> None:
    cast("dict[str, str]", shop.sandbox.settings.tokens).clear()
    problem = await shop.of_shop("/branches", 503)
    assert "its operator has to renew it" in problem["message"]


async def test_a_person_asks_with_a_token_of_his_own(shop: AtGitHub) -> None:
    settings, clock = shop.world.settings, shop.world.clock
    tokens = {1: GITHUB_TOKEN, 2: "ended"}

    async def in_name_of(who: Person, ask: Callable[[str | None], Awaitable[T]]) -> T:
        return await ask(tokens.get(who.id))

    async with ClientSession() as session:

        def connect(token: str | None = None) -> GitHubClient:
            return settings.github_client(session, clock, token=token)

        askers = Askers(connect(), connect, in_name_of)
        browsing = GitHubBrowsing(Cache(clock), askers, clock)
        ann, bob = (Person(id=n, login=f"p{n}") for n in tokens)
        assert (await browsing.branch(ann, REPO, "main")).value.name == "main"
        with pytest.raises(ApiError) as raised:
            await explained(browsing.branch(bob, REPO, "main"))
    assert (raised.value.status, raised.value.code) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("error", "status", "code", "again"),
    [
        (TokenTooWeakError("no checks"), 403, "permission_required", None),
        (TokenRefusedError(own=True), 503, "internal_error", None),
        (GitHubAwayError("down"), 503, "internal_error", "5"),
        (GitHubAwayError("x", timedelta(seconds=7.1)), 503, "internal_error", "8"),
        (GitHubAwayError("x", timedelta(seconds=-7)), 503, "internal_error", "1"),
    ],
)
async def test_why_there_is_no_answer(
    error: Exception, status: int, code: str, again: str | None
) -> None:
    async def fail() -> Known[None]:
        raise error

    with pytest.raises(ApiError) as raised:
        await explained(fail())
    told = raised.value
    assert (told.status, told.code) == (status, code)
    assert (told.headers or {}).get("Retry-After") == again
    if isinstance(error, GitHubAwayError):
        lately = f"{error}, and nobody has asked for this lately: ask again."
        assert str(told) == lately


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/branches/nope", 404),
        ("/branches/a..b", 400),
        ("/branches/%00", 400),
        ("/branches/a%0Ab", 404),
        ("/branches/-x", 400),
        (f"/branches/{'x' * 256}", 400),
        ("/branches/a%2F..%2F..%2Fhooks", 400),
        ("/branches?page=0", 400),
        ("/branches?per_page=101", 400),
        ("/branches?page=x", 400),
        ("/tags/nope", 404),
        ("/tags/v1%3Fx", 400),
        ("/commits?branch=nope", 404),
        ("/commits?branch=a%20b", 400),
        ("/commits/nope", 404),
        (f"/commits/{'a' * 40}", 404),
        (f"/commits/{'a' * 40}/statuses", 404),
        ("/commits/@%7Bu%7D/statuses", 404),
        ("/deployments/9/changes", 404),
        ("/deployments/x/changes", 400),
    ],
)
async def test_what_is_no_name_or_is_not_there(
    shop: AtGitHub, path: str, status: int
) -> None:
    problem: Any = await shop.of_shop(path, status)
    code = {400: "parameter_invalid", 404: "entity_not_found"}[status]
    assert problem["code"] == code


async def test_an_unknown_repository_has_nothing(shop: AtGitHub) -> None:
    for path in ("branches", "tags", "commits", "default-branch"):
        await shop.get(f"/repos/octo/other/{path}", 404)
    assert shop.asked == []
