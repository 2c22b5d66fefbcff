"""What holds for every request: tokens, names, limits, conditions."""

import pytest

from .world import NAME, REPO, World


@pytest.mark.parametrize("token", [None, "wrong"])
async def test_nobody_gets_in_without_a_known_token(
    world: World, token: str | None
) -> None:
    for method, path in (("GET", REPO), ("POST", "/graphql"), ("GET", "/nowhere")):
        reply = await world.call(method, path, token=token)
        assert (reply.status, reply.json["message"]) == (401, "Bad credentials")


async def test_both_schemes_of_a_token_are_known(world: World) -> None:
    for scheme in ("token", "Bearer"):
        headers = {"Authorization": f"{scheme} other-token"}
        reply = await world.call("GET", "/user", token=None, headers=headers)
        assert reply.json["login"] == "hubot"


async def test_what_is_not_there_is_not_found(world: World) -> None:
    for path in ("/repos/octo/other", "/repositories/1", "/users/nobody", "/x/y/z"):
        reply = await world.call("GET", path)
        assert (reply.status, reply.json["message"]) == (404, "Not Found")


async def test_the_repository_is_known_by_name_and_by_number(world: World) -> None:
    by_name = await world.call("GET", REPO.upper().replace("/REPOS", "/repos"))
    assert by_name.json["full_name"] == NAME
    by_number = await world.call("GET", f"/repositories/{by_name.json['id']}")
    assert by_number.json == by_name.json
    deployments = f"/repositories/{by_name.json['id']}/deployments"
    assert (await world.call("GET", deployments)).json == []


async def test_an_answer_that_is_known_already_is_not_sent_again(world: World) -> None:
    first = await world.call("GET", REPO)
    again = await world.call(
        "GET",
        REPO,
        headers={"If-None-Match": "W/" + first.headers["etag"].removeprefix("W/")},
    )
    assert (again.status, again.raw) == (304, b"")
    left = [int(one.headers["x-ratelimit-remaining"]) for one in (first, again)]
    assert left[0] == left[1]
    other = await world.call("GET", REPO, headers={"If-None-Match": '"other"'})
    assert other.status == 200


async def test_the_rate_limit_counts_down_and_asking_for_it_is_free(
    world: World,
) -> None:
    first, second = [await world.call("GET", REPO) for _ in range(2)]
    left = [int(one.headers["x-ratelimit-remaining"]) for one in (first, second)]
    assert left[0] - left[1] == 1
    assert second.headers["x-github-request-id"]
    shown = (await world.call("GET", "/rate_limit")).json["rate"]
    assert shown["remaining"] == left[1]


async def test_links_start_with_what_the_client_called(world: World) -> None:
    made = await world.deploy()
    assert made["url"].startswith(f"{world.url}{REPO}/deployments/")
