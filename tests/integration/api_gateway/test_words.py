"""What people read who ask for what can't be: each sentence, word for word."""

from typing import Any

import pytest

from .conftest import World

REPO = "/api/v1/repos/octo/shop"
BODY = {"type": "branch", "ref": "main", "env": "production"}
PAST = "2020-01-01T00:00:00Z"
REUSED = (
    "Idempotency-Key 'k' was used for deployment #2 with another body: use a "
    "new key for a new request."
)


def deploying(**body: Any) -> tuple[str, str, Any]:
    return "POST", "/deployments", {**BODY, **body}


def promoting(source: str) -> tuple[str, str, Any]:
    return "POST", "/environments/production/promote", {"from": source}


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (promoting("production"), 400,
         "from: it is the environment that is deployed to"),
        (promoting("PRODUCTION"), 400,
         "from: it is the environment that is deployed to"),
        (promoting("staging"), 422,
         "Nothing is live in 'staging': deploy there first."),
        (("POST", "/environments/staging/release", {"reason": "r"}), 422,
         "No deployment has a place in 'staging': there is nothing to release."),
        (("POST", "/environments/staging/release", {"reason": ""}), 400,
         "reason: it is empty: say why"),
        (("POST", "/environments/production/resume", {}), 422,
         "No rollback keeps pushes out of production."),
        (("POST", "/locks", {"env": "production", "expired_at": PAST}), 400,
         "expired_at: that time is over"),
        (("GET", "/locks/99", None), 404, "Octo/shop has no lock 99."),
        (("GET", "/deployments/99", None), 404, "Octo/shop has no deployment #99."),
        (deploying(env="a\x07"), 400, "env: it contains a control character"),
        (deploying(env=" "), 400, "env: it is empty"),
        (deploying(ref="a..b"), 400, "ref: git does not allow the name 'a..b'"),
        (deploying(ref="a" * 256), 400, "ref: it is longer than 255 bytes"),
        (deploying(type="commit"), 400,
         "body: ref: 'main' is no commit id (4 to 64 hex digits)"),
        (deploying(dynamic_payload={"a\0": 1}), 400,
         "dynamic_payload: a key contains a zero byte"),
        (deploying(dynamic_payload={"a": "\0"}), 400,
         "dynamic_payload: a text contains a zero byte"),
        (deploying(dynamic_payload={"a": "x" * 33_000}), 400,
         "dynamic_payload: it is larger than 32768 bytes"),
        (deploying(dynamic_payload={"a": [[[[[[[[[[[1]]]]]]]]]]]}), 400,
         "dynamic_payload: it is nested more than 10 deep"),
        (deploying(override={"checks": ["ref"], "reason": "r"}), 400,
         ("override.checks.0: nobody may override 'ref', only commit_checks, frozen, "
         "locked, needs, review, running, up_to_date")),
        (deploying(override={"checks": ["frozen"], "reason": "\x07"}), 400,
         "override.reason: it contains a control character"),
        (deploying(expected_sha="abc"), 400,
         "expected_sha: it must be a whole commit id, 40 or 64 hexadecimal digits"),
        (("PATCH", "", {}), 400, "body: it must have active, config_path or both"),
        (("PATCH", "", {"config_path": "../x"}), 400,
         "config_path: it must be a file's path from the repository's root"),
        (("GET", "/deployments/1?at=2026-01-05T09:00:00", None), 400,
         "at: it must say its time zone, like 2026-01-31T12:00:00Z"),
        (("GET", "/deployments/1?at=0001-01-01T00:00:00%2B23:59", None), 400,
         "at: it is out of all time"),
        (("GET", f"/deployments/1?at={PAST}", None), 404,
         "Nobody had asked for #1 then."),
        (("GET", "/environments/nowhere/dora", None), 404,
         "Nothing was ever deployed to 'nowhere'."),
        (("GET", f"/dora?from={PAST}&to=2026-01-01T00:00:00Z", None), 400,
         "from: it must be before `to`, by 366 days at most"),
        (("GET", "/tags?page=99", None), 400,
         "page: only the newest 2000 tags are listed: ask for others by name"),
        (("POST", "/deployments/1/remote-statuses",
          {"status": "success", "log_url": "ftp://x"}), 400,
         "log_url: it must begin with http:// or https://"),
    ],
)  # fmt: skip
async def test_what_can_not_be_is_said(
    active: World, request_: tuple[str, str, Any], code: int, message: str
) -> None:
    await active.deploy()
    method, path, body = request_
    assert await told(active, method, f"{REPO}{path}", body) == (code, message)


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "message"),
    [
        ("GET", "/search/deployments?ref=%00", None, 400,
         "ref: it contains a zero byte"),
        ("GET", "/audit?page=200&per_page=100", None, 400,
         "page: page times per_page is at most 10000: use from and to"),
        ("POST", "/user/tokens", {"name": "ci", "scope": "read", "expires_at": PAST},
         400, "expires_at: that time is over"),
        ("DELETE", "/user/tokens/99", None, 404, "You have no token 99."),
        ("PATCH", "/users/99", {"admin": True}, 404, "Gitploy knows no user 99."),
        ("PATCH", "/repos/octo/nothing", {"active": True}, 404,
         "GitHub does not show a repository octo/nothing to Gitploy."),
    ],
)  # fmt: skip
async def test_what_is_not_of_a_repository_is_said_too(
    active: World, method: str, path: str, body: Any, code: int, message: str
) -> None:
    assert await told(active, method, f"/api/v1{path}", body) == (code, message)


async def told(
    world: World, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str]:
    sent = {} if body is None else {"json": body}
    answer = await world.api.request(method, path, headers=headers, **sent)
    return answer.status, (await answer.json())["message"]


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/deployments", [], "body: it must be a JSON object"),
        ("POST", "/deployments", {}, "type: it is missing"),
        ("POST", "/deployments", BODY | {"type": "x"},
         "type: it must be 'branch', 'tag' or 'commit'"),
        ("POST", "/deployments", BODY | {"env": 1}, "env: it must be a text"),
        ("POST", "/deployments", BODY | {"wait_for_checks": 1},
         "wait_for_checks: it must be true or false"),
        ("POST", "/deployments", BODY | {"override": {"checks": [], "reason": "x"}},
         "override.checks: it must have at least 1"),
        ("POST", "/deployments", BODY | {"override": {"checks": 1, "reason": "x"}},
         "override.checks: it must be a list"),
        ("PATCH", "", {"activ": True}, "activ: there is no such member here"),
        ("GET", f"/deployments?env={'x' * 256}", None,
         "env: it may have at most 255 characters"),
        ("GET", "/deployments?cursor=x", None, "cursor: it must match ^[0-9]{1,18}$"),
    ],
)  # fmt: skip
async def test_what_is_wrong_about_a_request_is_said_in_plain_words(
    active: World, method: str, path: str, body: Any, message: str
) -> None:
    assert await told(active, method, f"{REPO}{path}", body) == (400, message)


async def test_a_lock_that_is_over_is_not_in_force(active: World) -> None:
    lock = await (await active.post("/locks", {"env": "production"})).json()
    one = f"{REPO}/locks/{lock['id']}"
    await active.api.delete(one)
    why = f"Lock {lock['id']} is not in force: it is unlocked."
    assert await told(active, "DELETE", one) == (404, why)


async def test_a_key_of_another_request_is_refused(active: World) -> None:
    await active.deploy()
    key = {"Idempotency-Key": "k"}
    await active.post("/deployments", BODY, **key)
    other = BODY | {"env": "staging"}
    path = f"{REPO}/deployments"
    assert await told(active, "POST", path, other, **key) == (422, REUSED)
    await active.post("/locks", {"env": "production"}, **key)
    path, other = f"{REPO}/locks", {"env": "staging"}
    assert await told(active, "POST", path, other, **key) == (
        422,
        (
            "Idempotency-Key 'k' was used for another request: use a new key for a new "
            "request."
        ),
    )
    spaced = {"Idempotency-Key": "k k"}
    assert await told(active, "POST", path, other, **spaced) == (
        400,
        "Idempotency-Key: it must be 1 to 255 ASCII characters, no spaces",
    )


async def test_what_is_not_followed_is_not_deployed(active: World) -> None:
    await active.api.patch(REPO, json={"active": False})
    assert await told(active, "POST", f"{REPO}/deployments", BODY) == (
        422,
        (
            "The repository Octo/shop is not active: activate it first, with PATCH "
            '/api/v1/repos/Octo/shop and {"active": true}.'
        ),
    )


async def test_what_github_does_not_have_is_neither_asked_for_nor_told(
    active: World,
) -> None:
    await active.unanswered()
    one = f"{REPO}/deployments/1"
    assert await told(active, "POST", f"{one}/sync", {}) == (
        422,
        "GitHub does not have this deployment: it is requested.",
    )
    status = {"status": "success"}
    assert await told(active, "POST", f"{one}/remote-statuses", status) == (
        422,
        "GitHub does not have deployment #1 yet.",
    )


async def test_what_has_ended_is_not_canceled(active: World) -> None:
    active.others.verdict = "rejected"
    await active.deploy()
    one = f"{REPO}/deployments/1/cancel"
    why = "Deployment #1 has ended: rejected."
    assert await told(active, "POST", one, {}) == (422, why)
