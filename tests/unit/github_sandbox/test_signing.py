"""Webhooks are signed as GitHub signs them."""

from github_sandbox.records import Delivery, Hook
from github_sandbox.signing import content_of, headers_of

HOOK = Hook(
    id=7,
    url="http://receiver",
    content_type="json",
    secret="It's a Secret to Everybody",
    insecure_ssl="0",
    events=["push"],
    active=True,
    created_at="",
    updated_at="",
)
DELIVERY = Delivery(
    id=1,
    hook_id=7,
    guid="a-guid",
    event="push",
    action=None,
    url=HOOK.url,
    redelivery=False,
    delivered_at="",
)


def test_githubs_own_example() -> None:
    headers = headers_of(DELIVERY, HOOK, b"Hello, World!", 9)
    assert headers["X-Hub-Signature-256"] == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )
    assert headers["X-GitHub-Event"] == "push"
    assert headers["X-GitHub-Hook-Installation-Target-ID"] == "9"


def test_without_a_secret_there_is_no_signature() -> None:
    open_hook = Hook(**(vars(HOOK) | {"secret": ""}))
    headers = headers_of(DELIVERY, open_hook, b"", 9)
    assert not [name for name in headers if "Signature" in name]


def test_a_form_wraps_the_payload() -> None:
    form = Hook(**(vars(HOOK) | {"content_type": "form"}))
    assert content_of(form, b'{"a": "&"}') == b"payload=%7B%22a%22%3A+%22%26%22%7D"
