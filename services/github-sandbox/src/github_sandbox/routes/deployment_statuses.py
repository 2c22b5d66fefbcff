"""The statuses that tools post for deployments.

Any state may follow any other. A success makes the earlier successes of the same
environment inactive, unless they are transient or production's or the client says no.
"""

from typing import Any

from github_sandbox import shapes, webhooks
from github_sandbox.bodies import Field, read_body
from github_sandbox.clock import now
from github_sandbox.errors import not_found, validation_failed
from github_sandbox.paging import page_of
from github_sandbox.records import Deployment, DeploymentStatus
from github_sandbox.routes.deployments import deployment_of
from github_sandbox.sandbox import Answer, Call

MOST_OF_DESCRIPTION = 140

_STATES = "error failure inactive in_progress queued pending success"
_FIELDS = {
    "state": Field(required=True, choices=frozenset(_STATES.split())),
    "target_url": Field(),
    "log_url": Field(),
    "description": Field(),
    "environment": Field(),
    "environment_url": Field(),
    "auto_inactive": Field((bool,)),
}


async def create(call: Call) -> Answer:
    deployment = deployment_of(call)
    body = read_body(call.raw_body, "DeploymentStatus", _FIELDS)
    _check(body)
    environment = body.get("environment", deployment.environment)
    status = _post(call, deployment, body, environment)
    if body["state"] == "success" and body.get("auto_inactive", True):
        for earlier in _superseded(call, deployment, environment):
            _post(call, earlier, {"state": "inactive"}, earlier.environment)
    shaped = shapes.deployment_status(call.links, status)
    return Answer(shaped, 201, {"Location": shaped["url"]})


async def list_all(call: Call) -> Answer:
    statuses = call.store.deployment_statuses.of(deployment_of(call).id)
    page, links = page_of(call, statuses[::-1])
    shaped = [shapes.deployment_status(call.links, one) for one in page]
    return Answer(shaped, headers=links)


async def show(call: Call) -> Answer:
    deployment = deployment_of(call)
    status = call.store.deployment_statuses.get(int(call.where["status_id"]))
    if status is None or status.deployment_id != deployment.id:
        raise not_found()
    return Answer(shapes.deployment_status(call.links, status))


def _check(body: dict[str, Any]) -> None:
    if len(body.get("description", "")) > MOST_OF_DESCRIPTION:
        why = f"description is too long (maximum is {MOST_OF_DESCRIPTION} characters)"
        raise validation_failed("DeploymentStatus", "description", why)
    for name in ("environment_url", "log_url", "target_url"):
        if not body.get(name, "https://").startswith(("http://", "https://")):
            why = f"{name} must use http(s) scheme"
            raise validation_failed("DeploymentStatus", name, why)


def _post(
    call: Call, deployment: Deployment, body: dict[str, Any], environment: str
) -> DeploymentStatus:
    at = now()
    status = DeploymentStatus(
        id=call.store.next_id(),
        deployment_id=deployment.id,
        state=body["state"],
        description=body.get("description", ""),
        environment=environment,
        environment_url=body.get("environment_url", ""),
        log_url=body.get("log_url", body.get("target_url", "")),
        creator=call.user,
        created_at=at,
    )
    call.store.deployment_statuses.put(status)
    deployment = call.store.deployments.update(
        deployment, environment=environment, updated_at=at
    )
    webhooks.deployment_status_created(call, deployment, status)
    return status


def _superseded(call: Call, by: Deployment, environment: str) -> list[Deployment]:
    def was_successful(deployment: Deployment) -> bool:
        statuses = call.store.deployment_statuses.of(deployment.id)
        return bool(statuses) and statuses[-1].state == "success"

    return [
        one
        for one in call.store.deployments
        if one.id < by.id
        and one.environment == environment
        and not (one.transient or one.production)
        and was_successful(one)
    ]
