"""What the sandbox tells its hooks: one payload per event, one delivery per hook.

The event's GUID is shared by all hooks that get it. The deliveries are recorded with
the change that caused them and left with the call, which sends them after its answer.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from github_sandbox import shapes
from github_sandbox.clock import now
from github_sandbox.git import Commit
from github_sandbox.records import (
    CheckRun,
    CheckSuite,
    CommitStatus,
    Delivery,
    Deployment,
    DeploymentStatus,
    Hook,
)
from github_sandbox.sandbox import Call
from github_sandbox.shapes import commits, reports

Payload = dict[str, Any]

_NAMES = """
* check_run check_suite commit_comment create delete deployment
deployment_protection_rule deployment_review deployment_status fork issue_comment
issues label member meta milestone ping public pull_request pull_request_review push
release repository status watch workflow_job workflow_run
"""
EVENTS = frozenset(_NAMES.split())


def announce(call: Call, event: str, tell: Callable[[], Payload]) -> None:
    """Tell every hook that takes this event; nothing is built when none does."""
    if call.sandbox.repository.deleted:
        return
    installation = call.sandbox.installation
    hears = installation and installation.covers and not installation.suspended_at
    hooks = [
        hook
        for hook in call.store.hooks
        if hook.active
        and not {event, "*"}.isdisjoint(hook.events)
        and (hears or not hook.of_app)
    ]
    if hooks:
        _record(call, hooks, event, tell())


def tell_app(call: Call, event: str, told: Payload, sender: str | None = None) -> None:
    """Tell the App alone what is not about a repository; it can't decline to hear."""
    payload = told | {"sender": shapes.user(call.links, sender or call.user)}
    guid = str(uuid.uuid4())
    for hook in call.store.hooks:
        if hook.of_app:
            delivery = _delivery(call, hook, event, told.get("action"), guid)
            about = told.get("installation", {}).get("id")
            _keep(call, replace(delivery, installation_id=about), payload)


def ping(call: Call, hook: Hook) -> None:
    told = {
        "zen": "Approachable is better than simple.",
        "hook_id": hook.id,
        "hook": shapes.hook(call.links, hook, None),
    }
    _record(call, [hook], "ping", told)


def redeliver(call: Call, hook: Hook, earlier: Delivery) -> Delivery:
    """Another attempt at the same event, under the same GUID."""
    fresh = _delivery(
        call, hook, earlier.event, earlier.action, earlier.guid, again=True
    )
    return call.store.deliveries.put(
        replace(
            fresh,
            installation_id=earlier.installation_id,
            repository_id=earlier.repository_id,
        )
    )


def repository_changed(call: Call, action: str, changes: Payload | None = None) -> None:
    told = {"changes": changes} if changes else {}
    announce(call, "repository", lambda: {"action": action, **told})


def deployment_created(call: Call, deployment: Deployment) -> None:
    announce(
        call,
        "deployment",
        lambda: {
            "action": "created",
            "deployment": shapes.deployment(call.links, deployment),
            **shapes.workflow_of(call.links, deployment),
        },
    )


def deployment_status_created(
    call: Call, deployment: Deployment, status: DeploymentStatus
) -> None:
    """Of `inactive` GitHub may say nothing, and the sandbox does so unless told."""
    if status.state == "inactive" and not call.sandbox.faults.webhooks("inactive"):
        return
    announce(
        call,
        "deployment_status",
        lambda: {
            "action": "created",
            "deployment_status": shapes.deployment_status(call.links, status),
            "deployment": shapes.deployment(call.links, deployment),
            "check_run": None,
            **shapes.workflow_of(call.links, deployment),
        },
    )


def status_created(
    call: Call, status: CommitStatus, commit: Commit, branches: list[tuple[str, str]]
) -> None:
    announce(
        call,
        "status",
        lambda: {
            **reports.status(call.links, status),
            "sha": status.sha,
            "name": call.links.full_name,
            "commit": commits.commit(call.links, commit),
            "branches": [
                commits.short_branch(call.links, name, tip) for name, tip in branches
            ],
        },
    )


def check_run(
    call: Call,
    action: str,
    run: CheckRun,
    suite: CheckSuite,
    head: Commit,
    branch: str | None,
) -> None:
    def tell() -> Payload:
        whole = reports.check_suite(
            call.links, call.store, suite, head=head, branch=branch
        )
        shaped = reports.check_run(call.links, run, suite)
        return {"action": action, "check_run": shaped | {"check_suite": whole}}

    announce(call, "check_run", tell)


def check_suite_completed(
    call: Call, suite: CheckSuite, head: Commit, branch: str | None
) -> None:
    announce(
        call,
        "check_suite",
        lambda: {
            "action": "completed",
            "check_suite": reports.check_suite(
                call.links, call.store, suite, head=head, branch=branch
            ),
        },
    )


def _record(call: Call, hooks: list[Hook], event: str, told: Payload) -> None:
    payload = told | {
        "repository": shapes.repository(call.links, call.sandbox.facts)
        | told.get("repository", {}),
        "sender": shapes.user(call.links, call.user),
    }
    guid = str(uuid.uuid4())
    number, installation = call.sandbox.settings.id, call.sandbox.installation
    for hook in hooks:
        delivery = _delivery(call, hook, event, payload.get("action"), guid)
        delivery = replace(delivery, repository_id=number)
        if hook.of_app and installation:
            node = shapes.node_id("I", installation.id)
            about = {"installation": {"id": installation.id, "node_id": node}}
            delivery = replace(delivery, installation_id=installation.id)
            _keep(call, delivery, payload | about)
        else:
            _keep(call, delivery, payload)


def _keep(call: Call, delivery: Delivery, payload: Payload) -> None:
    call.store.keep_body(delivery.content, orjson.dumps(payload))
    call.caused.append(call.store.deliveries.put(delivery))


def _delivery(
    call: Call,
    hook: Hook,
    event: str,
    action: str | None,
    guid: str,
    *,
    again: bool = False,
) -> Delivery:
    return Delivery(
        id=call.store.next_id(),
        hook_id=hook.id,
        guid=guid,
        event=event,
        action=action,
        url=hook.url,
        redelivery=again,
        delivered_at=now(),
    )
