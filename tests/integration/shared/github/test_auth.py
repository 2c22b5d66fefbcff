"""A GitHub App: trades its key for tokens, keeps them, and replaces refused ones."""

import asyncio
from datetime import timedelta

import jwt
import orjson
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from shared.github import (
    AppAuth,
    AppNotInstalled,
    BadCredentials,
    Created,
    GitHubClient,
    GitHubNotFound,
    GitHubUnauthorized,
    GitHubUnavailable,
    NotFound,
    TokenAuth,
    Unreachable,
)

from .conftest import Clock, Connect, GitHub

REPOSITORY = {"id": 1, "full_name": "o/r"}
LONG = "ghs_" + "x" * 300
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def app(connect: Connect, clock: Clock) -> GitHubClient:
    return connect(auth=AppAuth("Iv1.abc", PEM, clock))


def mints(github: GitHub, clock: Clock, token: str) -> GitHub:
    expires_at = (clock() + timedelta(hours=1)).isoformat()
    return github.says(201, {"token": token, "expires_at": expires_at})


async def test_a_token_is_had_for_the_repository_and_kept(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, LONG)
    github.says(200, REPOSITORY).says(200, REPOSITORY)
    await app.get_repository("o/r")
    await app.get_repository("o/r")
    assert github.paths == [
        "GET /api/v3/repos/o/r/installation",
        "POST /api/v3/app/installations/9/access_tokens",
        "GET /api/v3/repos/o/r",
        "GET /api/v3/repos/o/r",
    ]
    assert github.seen[3].headers["authorization"] == f"Bearer {LONG}"


async def test_the_app_signs_who_it_is_and_for_how_long(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, LONG).says(200, REPOSITORY)
    await app.get_repository("o/r")
    signed = github.seen[0].headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        signed,
        KEY.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    now = int(clock().timestamp())
    assert claims == {"iss": "Iv1.abc", "iat": now - 60, "exp": now + 540}


async def test_a_token_is_replaced_five_minutes_before_its_end(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "first").says(200, REPOSITORY)
    await app.get_repository("o/r")
    clock.forward(55 * 60)
    # The owner may have installed the App anew since then, or granted more.
    mints(github.says(200, {"id": 10}), clock, "second").says(200, REPOSITORY)
    await app.get_repository("o/r")
    assert github.seen[-1].headers["authorization"] == "Bearer second"
    assert "POST /api/v3/app/installations/10/access_tokens" in github.paths


async def test_a_new_token_does_not_confirm_what_an_old_one_saw(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "first")
    github.says(200, REPOSITORY, ETag='"v1"')
    await app.get_repository("o/r")
    clock.forward(55 * 60)
    mints(github.says(200, {"id": 9}), clock, "second").says(200, REPOSITORY)
    await app.get_repository("o/r")
    assert "if-none-match" not in github.seen[-1].headers


async def test_repositories_of_one_installation_share_a_token(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "one").says(200, REPOSITORY)
    github.says(200, {"id": 9}).says(200, REPOSITORY)
    await app.get_repository("o/r")
    await app.get_repository("o/s")
    assert sum("access_tokens" in path for path in github.paths) == 1


async def test_no_more_is_asked_for_than_is_needed_and_granted(
    github: GitHub, connect: Connect, clock: Clock
) -> None:
    needs = {"contents": "read", "deployments": "write", "checks": "read"}
    app = connect(auth=AppAuth("Iv1.abc", PEM, clock, needs=needs))
    granted = {"contents": "write", "deployments": "read", "administration": "write"}
    mints(github.says(200, {"id": 9, "permissions": granted}), clock, LONG)
    github.says(200, REPOSITORY)
    await app.get_repository("o/r")
    asked = orjson.loads(github.seen[1].body)
    assert asked == {"permissions": {"contents": "read", "deployments": "read"}}


async def test_many_calls_at_once_get_one_token(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "one")
    for _ in range(5):
        github.says(200, REPOSITORY)
    await asyncio.gather(*(app.get_repository("o/r") for _ in range(5)))
    assert len(github.seen) == 7


async def test_repositories_that_ask_at_once_share_a_token(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}).says(200, REPOSITORY), clock, "one")
    installation, repository, token = github.replies
    asked = asyncio.Event()

    async def reply(request: web.Request) -> web.StreamResponse:
        if "access_tokens" in request.path:
            await asked.wait()
            return await token(request)
        if "installation" not in request.path:
            return await repository(request)
        if sum("/installation" in path for path in github.paths) > 1:
            asked.set()
        return await installation(request)

    github.replies = [reply] * 5
    await asyncio.gather(app.get_repository("o/r"), app.get_repository("o/s"))
    assert sum("access_tokens" in path for path in github.paths) == 1


async def test_many_calls_at_once_wait_no_longer_than_one_for_a_github_that_is_away(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    github.says(502)
    calls = (app.get_repository("o/r") for _ in range(5))
    failed = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(error) for error in failed] == [GitHubUnavailable] * 5
    assert len(github.seen) == 1
    # Whoever comes later asks anew.
    mints(github.says(200, {"id": 9}), clock, "one").says(200, REPOSITORY)
    assert (await app.get_repository("o/r")).id == 1


async def test_who_gives_up_does_not_take_the_token_from_the_others(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "one").says(200, REPOSITORY)
    first = asyncio.create_task(app.get_repository("o/r"))
    await asyncio.sleep(0)
    second = asyncio.create_task(app.get_repository("o/r"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).id == 1


async def test_a_refused_token_is_replaced_once_also_for_a_write(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "revoked").says(401)
    mints(github.says(200, {"id": 9}), clock, "fresh")
    github.says(201, {"id": 7, "sha": "a" * 40})
    outcome = await app.create_deployment("o/r", {"ref": "main"})
    assert isinstance(outcome, Created)
    assert github.seen[-1].headers["authorization"] == "Bearer fresh"


async def test_a_token_refused_twice_is_an_answer(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "bad").says(401)
    mints(github.says(200, {"id": 9}), clock, "bad again").says(401)
    with pytest.raises(GitHubUnauthorized):
        await app.get_repository("o/r")
    assert len(github.seen) == 6


async def test_a_repository_that_has_moved_to_another_installation_is_found(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "theirs").says(200, REPOSITORY)
    await app.get_repository(1)
    github.says(404, {"message": "Not Found"})
    mints(github.says(200, {"id": 10}), clock, "ours").says(200, REPOSITORY)
    assert (await app.get_repository(1)).id == 1
    assert github.seen[-1].headers["authorization"] == "Bearer ours"


async def test_what_is_not_there_is_asked_for_once(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    mints(github.says(200, {"id": 9}), clock, "one")
    github.says(404, {"message": "Not Found"}).says(200, {"id": 9})
    with pytest.raises(GitHubNotFound, match="Not Found"):
        await app.get_deployment("o/r", 7)
    assert sum("deployments" in path for path in github.paths) == 1


async def test_a_plain_token_is_not_tried_twice(
    github: GitHub, client: GitHubClient
) -> None:
    github.says(401, {"message": "Bad credentials"})
    assert await client.create_deployment("o/r", {}) == BadCredentials()
    assert len(github.seen) == 1


async def test_without_a_token_nothing_is_written(
    github: GitHub, app: GitHubClient
) -> None:
    github.says(404, {"message": "Not Found"}).says(502)
    told = "our GitHub App's installation does not cover o/r"
    assert await app.create_deployment("o/r", {}) == NotFound(told)
    assert isinstance(await app.create_deployment("o/r", {}), Unreachable)
    assert github.paths == ["GET /api/v3/repos/o/r/installation"] * 2


async def test_an_app_that_is_not_installed_is_told(
    github: GitHub, app: GitHubClient
) -> None:
    github.says(404, {"message": "Not Found"})
    with pytest.raises(AppNotInstalled, match="does not cover o/r"):
        await app.get_repository("o/r")


async def test_the_app_asks_of_itself_with_what_it_signed(
    github: GitHub, app: GitHubClient
) -> None:
    github.says(200, {"slug": "gitploy", "events": ["push"]})
    github.says(200, {"id": 9, "permissions": {"contents": "read"}})
    github.says(200, {"url": "https://gitploy.example/hooks"})
    listed = {"id": 5, "guid": "g", "event": "push", "status": "OK"}
    github.says(200, [listed]).says(200, listed)
    assert (await app.get_app()).events == ("push",)
    assert (await app.get_installation("o/r")).id == 9
    assert (await app.get_app_hook()).url == "https://gitploy.example/hooks"
    (delivery,) = [one async for one in app.list_app_deliveries("failure")]
    assert (await app.get_app_delivery(delivery.id)).arrived
    assert github.paths == [
        "GET /api/v3/app",
        "GET /api/v3/repos/o/r/installation",
        "GET /api/v3/app/hook/config",
        "GET /api/v3/app/hook/deliveries",
        "GET /api/v3/app/hook/deliveries/5",
    ]
    for seen in github.seen:
        signed = seen.headers["authorization"].removeprefix("Bearer ")
        assert jwt.get_unverified_header(signed)["alg"] == "RS256"


async def test_time_spent_on_a_token_counts(
    github: GitHub, app: GitHubClient, clock: Clock
) -> None:
    github.says(200, {"id": 9})
    mints(github, clock, "one")
    slow = github.replies.pop()

    async def late(request: web.Request) -> web.StreamResponse:
        clock.forward(15)
        return await slow(request)

    github.replies.append(late)
    begin_by = clock() + timedelta(seconds=10)
    outcome = await app.create_deployment("o/r", {}, begin_by=begin_by)
    assert isinstance(outcome, Unreachable)
    assert not any("/deployments" in path for path in github.paths)


async def test_no_secret_shows(github: GitHub, app: GitHubClient, clock: Clock) -> None:
    mints(github.says(200, {"id": 9}), clock, LONG).says(404).says(404)
    with pytest.raises(GitHubNotFound) as raised:
        await app.get_repository("o/r")
    auth = app._reads.auth
    assert isinstance(auth, AppAuth)
    shown = f"{raised.value!r} {auth!r} {vars(auth)['_tokens']!r} {app._reads!r}"
    assert LONG not in shown
    plain = TokenAuth("secret-token")
    assert "secret-token" not in f"{plain!r} {vars(plain)!r}"
