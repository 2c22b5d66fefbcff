"""From a webhook's bytes to what it says, for the events that Gitploy knows.

No I/O, and no trust: the caller has checked the signature over these very bytes. The
models take the few fields that are needed and bear with everything that GitHub, old
or new, sends in the others. An event that nobody knows is `Unknown`, which is fine;
a body that isn't what its event says is `MalformedWebhook`, which tells why.
"""

from typing import Any, Final
from urllib.parse import unquote_to_bytes

import orjson
from pydantic import ValidationError

from .webhook_models import MODELS, Unknown, Webhook

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


class MalformedWebhook(ValueError):
    """A validly signed webhook whose body can't be read; the text says why."""


def parse(event: str, delivery: str, content_type: str, body: bytes) -> Webhook:
    """Read a webhook whose signature is good.

    Args:
        event: The header `X-GitHub-Event`.
        delivery: The header `X-GitHub-Delivery`, the same when GitHub repeats itself.
        content_type: The header `Content-Type`; either of the two that GitHub offers.
        body: The bytes that were signed.

    Raises:
        MalformedWebhook: The body isn't JSON, or not of the event's shape.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        body = _form_payload(body)
    elif kind != JSON:
        raise MalformedWebhook(f"content type {content_type!r}: send {JSON} or {FORM}")
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedWebhook(f"the body is not JSON: {error}") from None
    return parse_payload(event, delivery, payload)


def parse_payload(event: str, delivery: str, payload: Any) -> Webhook:
    """Read a payload that GitHub's API handed out, as it does for past deliveries."""
    if not isinstance(payload, dict):
        raise MalformedWebhook("the payload is not a JSON object")
    model = MODELS.get(event, Unknown)
    try:
        return model.model_validate({**payload, "event": event, "delivery": delivery})
    except ValidationError as error:
        raise MalformedWebhook(f"{event}: {_first(error)}") from None


def _form_payload(body: bytes) -> bytes:
    # Far cheaper than `parse_qs`, which decodes the text one character at a time.
    for field in body.split(b"&"):
        name, _, value = field.partition(b"=")
        if name == b"payload":
            return unquote_to_bytes(value.replace(b"+", b" "))
    raise MalformedWebhook("the form has no field `payload`")


def _first(error: ValidationError) -> str:
    """The first thing that is wrong: where, and what; never the value itself."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
