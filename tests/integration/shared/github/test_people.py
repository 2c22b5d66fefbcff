"""What GitHub shows to somebody who signed in."""

import aiohttp
import pytest

from shared.github import (
    GitHubForbidden,
    GitHubNotFound,
    GitHubUnauthorized,
    GitHubUnavailable,
    People,
    Permissions,
)

from .conftest import GitHub

ANN = {"id": 7, "login": "ann", "name": None, "avatar_url": "https://a.example/7"}
MAY = {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}
SHOP = {"id": 1, "full_name": "o/shop", "permissions": MAY}
BLOG = {"id": 2, "full_name": "o/blog"}


@pytest.fixture
def people(github: GitHub, session: aiohttp.ClientSession) -> People:
    return People(session, github.url)


async def test_whose_token_it_is(github: GitHub, people: People) -> None:
    github.says(200, ANN)
    ann = await people.user("gho_ann")
    assert (ann.id, ann.login, ann.name) == (7, "ann", "")
    assert github.paths == ["GET /api/v3/user"]
    assert github.seen[0].headers["authorization"] == "Bearer gho_ann"


async def test_all_pages_are_read(github: GitHub, people: People) -> None:
    for path, items in (("orgs", [{"id": 3, "login": "o"}]), ("repos", [SHOP])):
        more = f'</api/v3/user/{path}?per_page=100&page=2>; rel="next"'
        github.says(200, items, Link=more)
        github.says(200, [{"id": 4, "login": "p"}] if path == "orgs" else [BLOG])
    assert [one.login for one in await people.organizations("t")] == ["o", "p"]
    shop, blog = await people.repositories("t")
    assert shop.permissions == Permissions(pull=True, push=True)
    # What GitHub doesn't say may not be done.
    assert blog.permissions == Permissions()
    assert [seen.query.get("page") for seen in github.seen] == [None, "2", None, "2"]
    assert all(seen.query["per_page"] == "100" for seen in github.seen)


async def test_each_page_is_confirmed_to_whom_it_was_told(
    github: GitHub, people: People
) -> None:
    more = '</api/v3/user/repos?per_page=100&page=2>; rel="next"'
    github.says(200, [SHOP], Link=more, ETag='"1"').says(200, [BLOG], ETag='"2"')
    first = await people.repositories("ann's")
    github.says(304, b"").says(304, b"")
    assert await people.repositories("ann's") == first
    asked = [seen.headers.get("if-none-match") for seen in github.seen]
    assert asked == [None, None, '"1"', '"2"']
    github.says(200, [])
    assert await people.repositories("bob's") == []
    assert "if-none-match" not in github.seen[-1].headers


async def test_one_repository(github: GitHub, people: People) -> None:
    github.says(200, SHOP).says(404)
    assert (await people.repository("t", 1)).permissions.push
    with pytest.raises(GitHubNotFound):
        await people.repository("t", "o/shop")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, GitHubUnauthorized),
        (403, GitHubForbidden),
        (500, GitHubUnavailable),
    ],
)
async def test_only_a_refused_token_is_one(
    github: GitHub, people: People, status: int, error: type[Exception]
) -> None:
    github.says(status, {"message": "Because."})
    with pytest.raises(error) as raised:
        await people.repositories("gho_secret")
    assert "gho_secret" not in repr(raised.value)


async def test_half_a_list_is_none(github: GitHub, people: People) -> None:
    more = '</api/v3/user/repos?page=2>; rel="next"'
    github.says(200, [SHOP], Link=more).says(502)
    with pytest.raises(GitHubUnavailable):
        await people.repositories("t")
