"""The GitHub App: its JWT, its tokens and what they may do, its hook."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.github import verify

from .signing import APP, OAUTH, Signing, app_delivery, installed, mint, signed
from .world import NAME, REPO, World, a_world

CREATE = {"ref": "main", "auto_merge": False, "required_contexts": []}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, oauth=OAUTH, app=APP) as made:
        yield made


async def change(world: World, **told: Any) -> Any:
    reply = await world.call("PUT", "/_sandbox/app", told, token=None)
    assert reply.status == 200, reply.raw
    return reply.json


async def token(world: World, **body: Any) -> str:
    reply = await mint(world, **body)
    assert reply.status == 201, reply.raw
    return str(reply.json["token"])


@pytest.mark.parametrize("iss", [APP.client.id, str(APP.id)])
async def test_the_app_is_known_by_its_signature(world: World, iss: str) -> None:
    told = await world.call("GET", "/app", token=signed(iss=iss))
    assert told.json["client_id"] == APP.client.id


OTHERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLAIMS = {"iat": 0, "exp": 2**32, "iss": APP.client.id}


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "another"},
        {"exp": 1},
        {"exp": 2**31},
        {"exp": None},
        {"iat": None},
        {"iat": 2**31},
    ],
)
async def test_a_wrong_claim_is_refused(world: World, wrong: dict[str, Any]) -> None:
    assert (await world.call("GET", "/app", token=signed(**wrong))).status == 401


@pytest.mark.parametrize(
    "forged",
    [
        jwt.encode(CLAIMS | {"exp": 2}, OTHERS_KEY, algorithm="RS256"),
        jwt.encode(
            CLAIMS | {"exp": int(time.time()) + 300}, OTHERS_KEY, algorithm="RS256"
        ),
        jwt.encode(CLAIMS, "", algorithm="none"),
        "no.jwt.atall",
        "",
    ],
)
async def test_a_forged_signature_is_refused(world: World, forged: str) -> None:
    assert (await world.call("GET", "/app", token=forged)).status == 401
    # And what proves the App is no token.
    assert (await world.call("GET", REPO, token=signed())).status == 401


async def test_the_repositorys_installation_is_found(world: World) -> None:
    path = f"{REPO}/installation"
    told = await world.call("GET", path, token=signed())
    assert told.json["id"] == await installed(world)
    assert (await world.call("GET", path)).status == 401
    await change(world, covers=False)
    assert (await world.call("GET", path, token=signed())).status == 404
    other = "/repos/octo/other/installation"
    assert (await world.call("GET", other, token=signed())).status == 404


async def test_a_token_may_do_what_it_was_made_for(world: World) -> None:
    sha = world.repository.git("rev-parse", "main")
    reads = {"contents": "read", "deployments": "read", "statuses": "read"}
    whole, narrow = await token(world), await token(world, permissions=reads)
    asked: list[tuple[str, str, Any, int, int]] = [
        ("GET", REPO, None, 200, 200),
        ("GET", f"{REPO}/branches", None, 200, 200),
        ("GET", f"{REPO}/commits/{sha}/check-runs", None, 200, 403),
        ("POST", f"{REPO}/deployments", CREATE, 201, 403),
        ("POST", f"{REPO}/statuses/{sha}", {"state": "success"}, 403, 403),
        ("POST", f"{REPO}/hooks", {}, 403, 403),
        ("PATCH", REPO, {"archived": True}, 403, 403),
        ("GET", "/orgs/octo/teams/deployers/members", None, 200, 403),
        ("GET", "/user", None, 403, 403),
        ("GET", "/installation/repositories", None, 200, 200),
    ]
    for method, path, body, full, less in asked:
        for given, status in ((whole, full), (narrow, less)):
            reply = await world.call(method, path, body, token=given)
            assert (method, path, reply.status) == (method, path, status)
            if status == 403:
                message = reply.json["message"]
                assert message == "Resource not accessible by integration"
    refused = await world.call("POST", f"{REPO}/deployments", CREATE, token=narrow)
    assert refused.headers["x-accepted-github-permissions"] == "deployments=write"


async def test_a_deployment_of_the_app_is_its_bots(world: World) -> None:
    path = f"{REPO}/deployments"
    made = await world.call("POST", path, CREATE, token=await token(world))
    creator = made.json["creator"]
    assert (creator["login"], creator["type"]) == ("gitploy[bot]", "Bot")


@pytest.mark.parametrize(
    "body",
    [
        {"permissions": {"administration": "read"}},
        {"permissions": {"contents": "write"}},
        {"permissions": {"contents": "all"}},
        {"repositories": ["other"]},
        {"repository_ids": [1]},
    ],
)
async def test_no_token_may_more_than_the_app(
    world: World, body: dict[str, Any]
) -> None:
    assert (await mint(world, **body)).status == 422


async def test_a_token_for_this_repository_alone(world: World) -> None:
    narrow = await token(world, repositories=["shop"])
    listed = await world.call("GET", "/installation/repositories", token=narrow)
    assert [one["full_name"] for one in listed.json["repositories"]] == [NAME]


async def test_a_token_ends(world: World) -> None:
    await world.fault(app={"token_life_s": 0})
    reply = await world.call("GET", REPO, token=await token(world))
    assert (reply.status, reply.json["message"]) == (401, "Bad credentials")


async def test_what_the_owner_changes_counts_at_once(world: World) -> None:
    given = await token(world)
    await change(world, covers=False)
    assert (await world.call("GET", REPO, token=given)).status == 404
    await change(world, covers=True, suspended=True)
    assert (await world.call("GET", REPO, token=given)).status == 401
    assert (await mint(world)).status == 403
    await change(world, suspended=False)
    assert (await world.call("GET", REPO, token=given)).status == 200
    before = await installed(world)
    await change(world, installed=False)
    assert (await world.call("GET", REPO, token=given)).status == 401
    assert (await world.call("GET", "/app/installations", token=signed())).json == []
    again = await change(world, installed=True)
    assert again["id"] != before
    assert (await world.call("GET", REPO, token=given)).status == 401


async def test_the_owner_is_heard_of(world: World) -> None:
    await change(world, covers=False)
    await change(world, covers=True)
    await change(world, suspended=True)
    await change(world, suspended=False)
    await change(world, permissions={"contents": "read"})
    await change(world, installed=False)
    await change(world, installed=True)
    await world.receiver.until(lambda: len(world.receiver.got) == 7)
    told = {
        (hook.event, hook.payload["action"], hook.payload["installation"]["app_id"])
        for hook in world.receiver.got
    }
    actions = ("suspend", "unsuspend", "new_permissions_accepted", "deleted", "created")
    assert told == {
        ("installation_repositories", "removed", APP.id),
        ("installation_repositories", "added", APP.id),
        *(("installation", action, APP.id) for action in actions),
    }


async def test_the_apps_hook_hears_of_what_is_covered(world: World) -> None:
    hook = await world.hook("deployment", url=f"{world.receiver.url}?own")
    await world.deploy()
    receiver = world.receiver
    await receiver.until(lambda: len(receiver.of("deployment")) == 2)
    told = {
        got.headers["x-github-hook-installation-target-type"]: got
        for got in receiver.of("deployment")
    }
    of_app, of_repository = told["integration"], told["repository"]
    assert of_app.payload["installation"]["id"] == await installed(world)
    assert "installation" not in of_repository.payload
    assert of_app.guid == of_repository.guid
    assert of_app.headers["x-github-hook-installation-target-id"] == str(APP.id)
    signature = of_app.headers["x-hub-signature-256"]
    assert verify(APP.hook_secret, of_app.body, signature)
    # It is none of the repository's hooks.
    listed = (await world.call("GET", f"{REPO}/hooks")).json
    assert [one["id"] for one in listed] == [hook]
    assert (await world.call("GET", f"{REPO}/hooks/{APP.id}")).status == 404
    await change(world, covers=False)
    await world.deploy()
    await receiver.until(lambda: len(receiver.of("deployment")) == 3)
    await world.delivered(hook, 3)
    assert len(receiver.of("deployment")) == 3


async def test_a_delivery_that_failed_is_tried_again(world: World) -> None:
    config = (await world.call("GET", "/app/hook/config", token=signed())).json
    assert (config["url"], config["secret"]) == (world.receiver.url, "********")
    world.receiver.status = 500
    await world.deploy()
    failed = await app_delivery(world, "failure")
    assert failed["installation_id"] == await installed(world)
    path = f"/app/hook/deliveries/{failed['id']}"
    whole = (await world.call("GET", path, token=signed())).json
    assert orjson.loads(world.receiver.got[0].body) == whole["request"]["payload"]
    world.receiver.status = 200
    tried = await world.call("POST", f"{path}/attempts", token=signed())
    assert tried.status == 202
    assert (await app_delivery(world, "success"))["guid"] == failed["guid"]
    assert (await world.call("GET", "/app/hook/deliveries")).status == 401


async def test_a_revoked_authorization_is_told(world: World) -> None:
    given = await Signing(world, APP.client).token("deployer")
    revoke = "/_sandbox/people/deployer/tokens"
    assert (await world.call("DELETE", revoke, token=None)).json == {"revoked": 1}
    told = await world.receiver.first("github_app_authorization")
    assert told.payload["action"] == "revoked"
    assert told.payload["sender"]["login"] == "deployer"
    assert (await world.call("GET", "/user", token=given)).status == 401


async def test_a_persons_token_may_what_both_may(world: World) -> None:
    given = await Signing(world, APP.client).token("admin")
    path = f"{REPO}/deployments"
    assert (await world.call("POST", path, CREATE, token=given)).status == 201
    hooks = await world.call("GET", f"{REPO}/hooks", token=given)
    assert hooks.status == 403
    listed = (await world.call("GET", "/user/repos", token=given)).json
    assert [one["full_name"] for one in listed] == [NAME]
    await change(world, covers=False)
    assert (await world.call("GET", "/user/repos", token=given)).json == []
    assert (await world.call("GET", REPO, token=given)).status == 404
