import hashlib
import hmac
import json
from typing import Any

import pytest

from deploy_tool.webhook import Deployment, MalformedError, is_genuine, parse

SECRET = "it's a secret"


def body(**changes: Any) -> bytes:
    deployment = {"id": 7, "sha": "c0ffee", "environment": "production", "payload": ""}
    return json.dumps({"deployment": deployment | changes}).encode()


def test_a_deployment_is_read() -> None:
    wanted = Deployment(7, "c0ffee", "production", told_to_fail=False)
    assert parse(body()) == wanted


@pytest.mark.parametrize(
    ("payload", "fails"),
    [
        ({"fail": True}, True),
        ({"fail": False}, False),
        ({"fail": "yes"}, False),
        ({}, False),
        ('{"fail": true}', False),
        (None, False),
    ],
)
def test_only_an_object_payload_tells_to_fail(payload: Any, fails: bool) -> None:
    assert parse(body(payload=payload)).told_to_fail is fails


@pytest.mark.parametrize(
    ("payload", "step_s"),
    [
        ({"step_seconds": 3}, 3.0),
        ({"step_seconds": 0.5}, 0.5),
        ({"step_seconds": 0}, 0.0),
        ({"step_seconds": True}, None),
        ({"step_seconds": "3"}, None),
        ({"step_seconds": -1}, None),
        ({"step_seconds": 601}, None),
        ({"step_seconds": float("nan")}, None),
        ({}, None),
        ("3", None),
    ],
)
def test_an_object_payload_may_say_how_long_a_step_takes(
    payload: Any, step_s: float | None
) -> None:
    assert parse(body(payload=payload)).step_s == step_s


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b"{", "no JSON"),
        (b"[]", "no object"),
        (b"{}", "'deployment'"),
        (b'{"deployment": 1}', "no object"),
        (body(id="7"), "`deployment.id` is no int"),
        (body(id=True), "`deployment.id` is no int"),
        (body(sha=None), "`deployment.sha` is no str"),
        (body(environment=["production"]), "`deployment.environment` is no str"),
    ],
)
def test_a_malformed_body_is_named(wrong: bytes, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        parse(wrong)


def test_only_a_signature_over_these_bytes_with_our_secret_is_genuine() -> None:
    def sign(secret: str, text: bytes) -> str:
        digest = hmac.new(secret.encode(), text, hashlib.sha256)
        return f"sha256={digest.hexdigest()}"

    assert is_genuine(body(), sign(SECRET, body()), SECRET)
    assert not is_genuine(body(), sign("another", body()), SECRET)
    assert not is_genuine(body(), sign(SECRET, body() + b" "), SECRET)
    assert not is_genuine(body(), "", SECRET)
    assert not is_genuine(body(), "sha256=ü", SECRET)


def test_a_signature_that_is_no_text_is_wrong() -> None:
    assert not is_genuine(b"{}", "sha256=\udcff", "secret")
