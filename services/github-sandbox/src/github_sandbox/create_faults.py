"""The faults of creating a deployment: before it, and after it has succeeded."""

import asyncio
import time

from github_sandbox.errors import validation_failed
from github_sandbox.journal import clock
from github_sandbox.limits import exhausted, slow_down
from github_sandbox.records import Deployment
from github_sandbox.sandbox import Answer, Call

_TOOLING_HAS_S = 0.5
_HTML = {"Content-Type": "text/html"}


def before(call: Call) -> None:
    faults = call.sandbox.faults
    if faults.hits_create("secondary_limit"):
        raise slow_down(faults.create("retry_after_s"))
    if faults.hits_create("primary_limit"):
        raise exhausted(int(time.time()) + faults.create("reset_in_s"))
    if faults.hits_create("refuse"):
        raise validation_failed("Deployment", None, "refused by the sandbox")


async def after(call: Call, deployment: Deployment) -> None:
    """Let the webhooks, or time, pass before the answer."""
    faults = call.sandbox.faults
    early = faults.create("webhook_before_answer")
    delay = faults.create("delay_after_success_s")
    if not (early or delay):
        return
    sent = call.caused.copy()
    call.caused.clear()
    call.sandbox.courier.send(sent)
    if early and sent:
        await call.sandbox.courier.arrived(sent)
        await _first_status(call, deployment)
    await asyncio.sleep(delay)


async def _first_status(call: Call, deployment: Deployment) -> None:
    """Give a tool a moment to post a status, so that its webhook goes first, too."""
    until = clock() + _TOOLING_HAS_S
    while clock() < until:
        statuses = call.store.deployment_statuses.of(deployment.id)
        # A status and its first delivery are recorded in one go: their ids follow.
        told = statuses and call.store.deliveries.get(statuses[0].id + 1)
        if statuses and not (told and told.pending):
            return
        await asyncio.sleep(0.01)


def answer(call: Call, success: Answer) -> Answer:
    faults = call.sandbox.faults
    if faults.hits_create("bad_gateway_after_success"):
        return Answer(status=502, raw=b"<html>Bad Gateway</html>", headers=_HTML)
    if faults.hits_create("empty_after_success"):
        return Answer(status=201, raw=b"", headers=success.headers)
    return success
