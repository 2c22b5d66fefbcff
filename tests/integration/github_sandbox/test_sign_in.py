"""People sign in: the page, the code, the token, and what the token is good for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from .signing import APP, CALLBACK, FORMS, OAUTH, VERIFIER, Signing
from .world import REPO, a_world


@pytest.fixture
async def signing(tmp_path: Path) -> AsyncIterator[Signing]:
    async with a_world(tmp_path, oauth=OAUTH, app=APP) as world:
        yield Signing(world)


@pytest.fixture
def with_app(signing: Signing) -> Signing:
    return Signing(signing.world, APP.client)


async def test_a_page_lets_one_choose_who_one_is(signing: Signing) -> None:
    page = await signing.authorize(scope="<b>repo")
    assert page.headers["content-type"].startswith("text/html")
    text = page.raw.decode()
    for login in ("reader", "deployer", "admin"):
        assert f"login={login}" in text
    assert "mona" not in text
    assert "&lt;b&gt;repo" in text
    assert "<b>repo" not in text


async def test_a_code_comes_back_with_the_state(signing: Signing) -> None:
    told = await signing.back(login="admin")
    assert told.keys() == {"code", "state"}
    assert told["state"] == "s&s"


async def test_whoever_declines_brings_an_error_back(signing: Signing) -> None:
    told = await signing.back(cancel="1")
    assert (told["error"], told["state"]) == ("access_denied", "s&s")


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/signin",
        "https://gitploy.example.evil.example/signin",
        "http://gitploy.example/signin",
        "https://gitploy.example:8443/signin",
        "https://gitploy.example/signin/../x",
        "https://gitploy.example/signing",
        "https://gitploy.example@evil.example/signin",
    ],
)
async def test_nobody_is_sent_elsewhere(signing: Signing, there: str) -> None:
    told = await signing.back(login="admin", redirect_uri=there)
    assert told["error"] == "redirect_uri_mismatch"


async def test_an_unknown_application_is_not_found(signing: Signing) -> None:
    assert (await signing.authorize(client_id="x", login="admin")).status == 404


async def test_a_plain_challenge_is_refused(signing: Signing) -> None:
    told = await signing.back(login="admin", code_challenge_method="plain")
    assert told["error"] == "invalid_request"


async def test_a_code_is_good_for_one_token(signing: Signing) -> None:
    code = (await signing.back(login="Reader"))["code"]
    told = await signing.trade(code=code, code_verifier=VERIFIER, redirect_uri=CALLBACK)
    assert told["access_token"].startswith("gho_")
    assert (told["token_type"], told["scope"]) == ("bearer", "read:org,repo")
    me = await signing.world.call("GET", "/user", token=told["access_token"])
    assert me.json["login"] == "reader"
    assert me.headers["x-oauth-scopes"] == "read:org, repo"
    again = await signing.trade(code=code, code_verifier=VERIFIER)
    assert again["error"] == "bad_verification_code"


async def test_forms_are_answered_with_forms(signing: Signing) -> None:
    code = (await signing.back(login="admin"))["code"]
    sent = {"client_id": OAUTH.id, "client_secret": OAUTH.secret, "code": code}
    reply = await signing.world.call(
        "POST",
        "/login/oauth/access_token",
        data=urlencode(sent | {"code_verifier": VERIFIER}).encode(),
        token=None,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert "access_token" in parse_qs(reply.raw.decode())


@pytest.mark.parametrize(
    ("different", "error"),
    [
        ({"code_verifier": "another"}, "bad_verification_code"),
        ({"code_verifier": ""}, "bad_verification_code"),
        ({"code": "invented"}, "bad_verification_code"),
        ({"redirect_uri": f"{CALLBACK}/x"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"client_secret": "ü"}, "incorrect_client_credentials"),
        ({"client_id": "wrong"}, "incorrect_client_credentials"),
        ({"client_id": "Iv23app", "client_secret": "app secret"}, None),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "bad_refresh_token"),
    ],
)
async def test_what_does_not_fit_gets_no_token(
    signing: Signing, different: dict[str, str], error: str | None
) -> None:
    code = (await signing.back(login="admin"))["code"]
    told = await signing.trade(**{"code": code, "code_verifier": VERIFIER} | different)
    assert told["error"] == (error or "bad_verification_code")
    assert "access_token" not in told


async def test_a_code_ends(signing: Signing) -> None:
    await signing.world.fault(sign_in={"code_life_s": 0})
    assert (await signing.sign_in("admin"))["error"] == "bad_verification_code"


async def test_an_apps_token_ends_and_is_refreshed_once(with_app: Signing) -> None:
    world = with_app.world
    first = await with_app.sign_in("deployer")
    assert first["access_token"].startswith("ghu_")
    assert (first["expires_in"], first["scope"]) == (28800, "")
    refresh = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
    }
    second = await with_app.trade(**refresh)
    # The first token dies at once, and its refresh token with it.
    old = await world.call("GET", "/user", token=first["access_token"])
    assert (old.status, old.json["message"]) == (401, "Bad credentials")
    assert (await with_app.trade(**refresh))["error"] == "bad_refresh_token"
    me = await world.call("GET", "/user", token=second["access_token"])
    assert me.json["login"] == "deployer"
    await world.fault(sign_in={"token_life_s": 0})
    third = await with_app.sign_in("deployer")
    assert (await world.call("GET", "/user", token=third["access_token"])).status == 401


async def test_an_answer_that_is_lost_has_had_its_effect(with_app: Signing) -> None:
    first = await with_app.sign_in("deployer")
    await with_app.world.fault(sign_in={"bad_gateway_after_success": 1})
    body = {
        "client_id": APP.client.id,
        "client_secret": APP.client.secret,
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
    }
    path = "/login/oauth/access_token"
    lost = await with_app.world.call("POST", path, body, token=None, headers=FORMS)
    assert lost.status == 502
    told = await with_app.trade(**body)
    assert told["error"] == "bad_refresh_token"


async def test_each_person_may_do_their_own(signing: Signing) -> None:
    world = signing.world
    await world.call("PUT", "/_sandbox/people/stranger", {}, token=None)
    sha = world.repository.git("rev-parse", "main")
    deploy = {"ref": "main", "auto_merge": False, "required_contexts": []}
    hook = {"config": {"url": world.receiver.url, "content_type": "json"}}
    asked = [
        ("GET", REPO, None),
        ("POST", f"{REPO}/statuses/{sha}", {"state": "success"}),
        ("POST", f"{REPO}/deployments", deploy),
        ("POST", f"{REPO}/hooks", hook),
        ("PATCH", REPO, {"archived": False}),
    ]
    wanted = {
        "stranger": [404, 404, 404, 404, 404],
        "reader": [200, 403, 403, 404, 403],
        "deployer": [200, 201, 201, 404, 403],
        "admin": [200, 201, 201, 201, 200],
    }
    for login, statuses in wanted.items():
        token = await signing.token(login)
        got = [(await world.call(*one, token=token)).status for one in asked]
        assert (login, got) == (login, statuses)


async def test_each_person_has_a_list_of_their_own(signing: Signing) -> None:
    world = signing.world
    others = {f"octo/other-{number}": "read" for number in range(3)}
    await world.call(
        "PUT",
        "/_sandbox/people/reader",
        {"repositories": others, "organizations": ["octo", "acme"]},
        token=None,
    )
    token = await signing.token("reader")
    first = await world.call("GET", "/user/repos?per_page=3", token=token)
    assert first.json[0]["full_name"] == "octo/shop"
    assert first.json[0]["permissions"] | {"pull": False} == dict.fromkeys(
        ("pull", "triage", "push", "maintain", "admin"), False
    )
    assert 'rel="next"' in first.headers["link"]
    second = await world.call("GET", "/user/repos?per_page=3&page=2", token=token)
    assert [one["full_name"] for one in second.json] == ["octo/other-2"]
    orgs = await world.call("GET", "/user/orgs?per_page=1", token=token)
    assert [one["login"] for one in orgs.json] == ["acme"]
    assert 'rel="next"' in orgs.headers["link"]
    shown = (await world.call("GET", REPO, token=token)).json
    assert shown["permissions"] == first.json[0]["permissions"]


async def test_a_token_without_scopes_shows_little(signing: Signing) -> None:
    token = await signing.token("admin", scope="")
    world = signing.world
    assert (await world.call("GET", REPO, token=token)).status == 404
    assert (await world.call("GET", "/user/repos", token=token)).json == []
    assert (await world.call("GET", "/user/orgs", token=token)).status == 403
    narrow = await signing.token("admin", scope="repo_deployment")
    assert (await world.call("GET", f"{REPO}/deployments", token=narrow)).json == []
    assert (await world.call("GET", f"{REPO}/branches", token=narrow)).status == 404


async def test_a_changed_permission_counts_at_once(signing: Signing) -> None:
    world = signing.world
    token = await signing.token("reader")
    for role, status in (("none", 404), ("write", 200)):
        person = "/_sandbox/people/Reader"
        told = (await world.call("PUT", person, {"role": role}, token=None)).json
        assert (told["login"], told["role"]) == ("reader", role)
        assert (await world.call("GET", REPO, token=token)).status == status


@pytest.mark.parametrize("taken", ["/_sandbox/people/admin/tokens", None])
async def test_a_token_that_was_taken_back_is_refused(
    signing: Signing, taken: str | None
) -> None:
    world = signing.world
    token = await signing.token("admin")
    path = taken or "/_sandbox/people/admin"
    assert (await world.call("DELETE", path, token=None)).status == 200
    reply = await world.call("GET", "/user", token=token)
    assert (reply.status, reply.json["message"]) == (401, "Bad credentials")
    assert (await signing.authorize(login="admin")).status == (302 if taken else 200)


async def test_an_application_gives_a_token_back(signing: Signing) -> None:
    world = signing.world
    tokens = [await signing.token("admin") for _ in range(3)]

    async def delete(what: str, token: str, **sent: Any) -> int:
        path = f"/applications/{OAUTH.id}/{what}"
        more = {"token": None, "headers": signing.basic} | sent
        body = {"access_token": token}
        return (await world.call("DELETE", path, body, **more)).status

    assert await delete("token", tokens[0], headers={}) == 401
    assert await delete("token", tokens[0]) == 204
    assert await delete("token", tokens[0]) == 422
    statuses = [(await world.call("GET", "/user", token=one)).status for one in tokens]
    assert statuses == [401, 200, 200]
    assert await delete("grant", tokens[1]) == 204
    statuses = [(await world.call("GET", "/user", token=one)).status for one in tokens]
    assert statuses == [401, 401, 401]


async def test_no_secret_is_in_the_journal_or_on_disk(
    signing: Signing, tmp_path: Path
) -> None:
    token = await signing.token("admin")
    await signing.world.call("GET", "/user", token=token)
    shown = await signing.world.call("GET", "/_sandbox/requests", token=None)
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    for where in (shown.raw, kept):
        assert token.encode() not in where
