"""Webhooks: who gets them, how they are signed, and what becomes of failures."""

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from .world import REPO, SECRET, World

HOOKS = f"{REPO}/hooks"


def sign(body: bytes, digest: Any) -> str:
    return hmac.new(SECRET.encode(), body, digest).hexdigest()


async def test_a_new_hook_is_pinged_and_hides_its_secret(world: World) -> None:
    hook = await world.hook("deployment")
    ping = await world.receiver.first("ping")
    assert ping.payload["hook_id"] == hook
    for shown in (ping.payload["hook"], (await world.call("GET", HOOKS)).json[0]):
        assert shown["config"]["secret"] == "********"
        assert shown["events"] == ["deployment"]


async def test_a_webhook_is_signed_and_says_what_it_is(world: World) -> None:
    hook = await world.hook("deployment")
    made = await world.deploy(payload={"a": 1})
    got = await world.receiver.first("deployment")

    assert (
        got.headers["x-hub-signature-256"] == f"sha256={sign(got.body, hashlib.sha256)}"
    )
    assert got.headers["x-hub-signature"] == f"sha1={sign(got.body, hashlib.sha1)}"
    assert got.headers["x-github-hook-id"] == str(hook)
    assert got.headers["x-github-hook-installation-target-type"] == "repository"
    assert got.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert got.headers["content-type"] == "application/json"
    assert got.payload["deployment"] == made
    assert got.payload["sender"]["login"] == "mona"
    target = got.headers["x-github-hook-installation-target-id"]
    assert target == str(got.payload["repository"]["id"])


async def test_a_form_carries_the_same_payload(world: World) -> None:
    await world.hook("deployment", content_type="form")
    made = await world.deploy()
    got = await world.receiver.first("deployment")
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (
        got.headers["x-hub-signature-256"] == f"sha256={sign(got.body, hashlib.sha256)}"
    )
    (payload,) = parse_qs(got.body.decode())["payload"]
    assert orjson.loads(payload)["deployment"]["id"] == made["id"]


async def test_a_hook_gets_what_it_asked_for_while_it_is_active(world: World) -> None:
    hook = await world.hook("deployment_status")
    made = (await world.deploy())["id"]
    await world.post_status(made, "queued")
    await world.receiver.first("deployment_status")
    assert not world.receiver.of("deployment")

    await world.call("PATCH", f"{HOOKS}/{hook}", {"active": False})
    await world.post_status(made, "success")
    await world.call("PATCH", f"{HOOKS}/{hook}", {"active": True})
    await world.post_status(made, "inactive")
    await world.post_status(made, "error")
    await world.receiver.until(lambda: len(world.receiver.of("deployment_status")) == 2)
    states = [
        hook.payload["deployment_status"]["state"]
        for hook in world.receiver.of("deployment_status")
    ]
    assert states == ["queued", "error"]


async def test_all_hooks_get_an_event_under_one_guid(world: World) -> None:
    await world.hook("deployment")
    await world.hook("deployment", url=world.receiver.url + "?second")
    await world.deploy()
    await world.receiver.until(lambda: len(world.receiver.of("deployment")) == 2)
    first, second = world.receiver.of("deployment")
    assert first.guid == second.guid
    assert first.headers["x-github-hook-id"] != second.headers["x-github-hook-id"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"config": {"url": "ftp://x"}},
        {"config": {"url": "http://x", "content_type": "xml"}},
        {"config": {"url": "http://x"}, "events": ["surprise"]},
    ],
)
async def test_a_bad_hook_is_refused(world: World, body: Any) -> None:
    assert (await world.call("POST", HOOKS, body)).status == 422
    assert (await world.call("GET", HOOKS)).json == []


async def test_the_same_hook_is_refused_twice(world: World) -> None:
    await world.hook("push")
    told = {"url": world.receiver.url, "content_type": "json"}
    reply = await world.call("POST", HOOKS, {"config": told})
    message = reply.json["errors"][0]["message"]
    assert (reply.status, message) == (422, "Hook already exists on this repository")


async def test_a_deleted_hook_gets_nothing_more(world: World) -> None:
    gone = await world.hook("deployment")
    assert (await world.call("DELETE", f"{HOOKS}/{gone}")).status == 204
    await world.hook("deployment")
    await world.deploy()
    got = await world.receiver.first("deployment")
    assert got.headers["x-github-hook-id"] != str(gone)


async def test_a_failed_delivery_is_listed_and_can_be_tried_again(
    world: World,
) -> None:
    hook = await world.hook("deployment")
    await world.delivered(hook, 1)
    world.receiver.status = 500
    await world.deploy()
    failed = (await world.delivered(hook, 2))[0]
    assert (failed["event"], failed["status_code"]) == ("deployment", 500)
    assert failed["status"] == "Invalid HTTP Response: 500"
    assert await world.deliveries(hook, "?status=failure") == [failed]

    path = f"{HOOKS}/{hook}/deliveries/{failed['id']}"
    shown = (await world.call("GET", path)).json
    assert shown["request"]["payload"] == world.receiver.of("deployment")[0].payload
    assert shown["request"]["headers"]["X-GitHub-Delivery"] == failed["guid"]
    assert shown["response"]["payload"] == "received"

    world.receiver.status = 200
    assert (await world.call("POST", f"{path}/attempts")).status == 202
    again = (await world.delivered(hook, 3))[0]
    assert (again["guid"], again["redelivery"]) == (failed["guid"], True)
    assert again["status"] == "OK"
    first, second = world.receiver.of("deployment")
    assert first.body == second.body


async def test_a_receiver_that_is_away_is_a_failure(world: World) -> None:
    hook = await world.hook("deployment", url="http://127.0.0.1:1/")
    (ping,) = await world.delivered(hook, 1)
    assert ping["status_code"] == 0
    assert ping["status"].startswith("failed to connect to host")
    shown = (await world.call("GET", f"{HOOKS}/{hook}")).json
    assert shown["last_response"]["status"] == "misconfigured"


async def test_deliveries_are_walked_with_a_cursor(world: World) -> None:
    hook = await world.hook("deployment")
    for _ in range(3):
        await world.deploy()
    every = [one["id"] for one in await world.delivered(hook, 4)]
    page = await world.call("GET", f"{HOOKS}/{hook}/deliveries?per_page=3")
    url = page.headers["link"].partition("<")[2].partition(">")[0]
    rest = await world.call("GET", url)
    assert [one["id"] for one in page.json + rest.json] == every
    assert "link" not in rest.headers


async def test_old_deliveries_are_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("github_sandbox.deliveries.MOST_KEPT", 2)
    hook = await world.hook("deployment")
    ping = (await world.delivered(hook, 1))[0]["id"]
    for _ in range(2):
        await world.deploy()
    await world.receiver.until(lambda: len(world.receiver.of("deployment")) == 2)
    kept = await world.delivered(hook, 2)
    while ping in [one["id"] for one in kept]:
        kept = await world.deliveries(hook)
    assert len(kept) == 2


async def test_a_ping_is_sent_when_asked_for(world: World) -> None:
    hook = await world.hook("push")
    assert (await world.call("POST", f"{HOOKS}/{hook}/pings")).status == 204
    await world.receiver.until(lambda: len(world.receiver.of("ping")) == 2)
