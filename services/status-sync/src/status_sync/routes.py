"""`POST /hooks`: GitHub's webhooks.

The signature is checked over the raw bytes before anything is parsed, and only the
SHA-256 one. Every event that is validly signed and what it says to be is answered with
2xx, known or not, once it is committed; GitHub doesn't repeat what failed. This is the
system's busiest path, so nothing here does more than it must, and nothing is logged for
each webhook.
"""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from prometheus_client import Counter

from shared.github import signature
from shared.github.webhook_models import MODELS
from shared.web import ApiError

from .application import Heard, StatusSync
from .webhooks import MalformedWebhook, Webhook

#: GitHub sends nothing larger.
MAX_BODY: Final = 25 * 1024 * 1024
#: An event's name and a delivery's GUID are much shorter.
LONGEST_HEADER: Final = 128
#: Whose webhook it is: a repository's, or that of an App.
TARGET_TYPE: Final = "X-GitHub-Hook-Installation-Target-Type"
ANSWERS: Final = {heard: b'{"status":"%s"}' % heard.encode() for heard in Heard}

webhooks_received = Counter(
    "gitploy_webhooks_received_total",
    "Validly signed webhooks, by event and what became of them (recorded, noticed, "
    "ignored).",
    ["event", "outcome"],
)
webhooks_refused = Counter(
    "gitploy_webhooks_refused_total",
    "Webhooks that were answered with 4xx, by the reason.",
    ["reason"],
)


class Hooks:
    """The receiver of GitHub's webhooks."""

    def __init__(self, application: StatusSync, secret: str) -> None:
        self.application = application
        self.secret = secret

    async def post(self, request: web.Request) -> web.Response:
        """Take a webhook in."""
        body = await _body(request)
        self._check_signature(request.headers, body)
        webhook = Webhook(
            _header(request, "X-GitHub-Event"),
            _header(request, "X-GitHub-Delivery"),
            request.headers.get("Content-Type", ""),
            body,
            self.application.clock(),
            of_app=request.headers.get(TARGET_TYPE) == "integration",
        )
        try:
            heard = await self.application.hear(webhook)
        except MalformedWebhook as error:
            raise _refused("malformed", 400, "parameter_invalid", str(error)) from error
        event = webhook.event if webhook.event in MODELS else "other"
        webhooks_received.labels(event, heard.value).inc()
        return web.Response(
            status=202, body=ANSWERS[heard], content_type="application/json"
        )

    def _check_signature(self, headers: Mapping[str, str], body: bytes) -> None:
        given = headers.get(signature.HEADER)
        if signature.verify(self.secret, body, given):
            return
        if given is not None:
            reason, message = "bad_signature", "does not match the body and the secret"
        elif "X-Hub-Signature" in headers:
            reason, message = "sha1_only", "is missing; one with SHA-1 is not enough"
        else:
            reason, message = "no_signature", "is missing"
        raise _refused(
            reason, 401, "unauthorized", f"The signature {signature.HEADER} {message}."
        )


async def _body(request: web.Request) -> bytes:
    try:
        if (request.content_length or 0) <= MAX_BODY:
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        pass
    raise _refused(
        "too_large", 413, "body_too_large", f"A webhook has at most {MAX_BODY} bytes."
    )


def _header(request: web.Request, name: str) -> str:
    value = request.headers.get(name, "")
    if value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_HEADER:
        return value
    wrong = f"not at most {LONGEST_HEADER} characters of ASCII" if value else "missing"
    text = f"The header {name} is {wrong}."
    raise _refused("malformed", 400, "parameter_invalid", text)


def _refused(reason: str, status: int, code: str, message: str) -> ApiError:
    webhooks_refused.labels(reason).inc()
    return ApiError(status, code, message)


def routes(application: StatusSync, secret: str) -> list[web.RouteDef]:
    """All routes besides health."""
    return [web.post("/hooks", Hooks(application, secret).post)]
