"""Deployments.

Creating one follows GitHub: the default branch is merged into a ref that is behind it
unless `auto_merge` is off (202, and no deployment), and every status and check of the
commit, or those that `required_contexts` names, must be `success` (else 409).
"""

from typing import Any

from github_sandbox import create_faults, shapes, webhooks
from github_sandbox.bodies import Field, read_body
from github_sandbox.clock import now
from github_sandbox.errors import ApiError, not_found
from github_sandbox.gates import check_contexts, merge_default_branch
from github_sandbox.paging import page_of
from github_sandbox.records import Deployment, Run
from github_sandbox.sandbox import Answer, Call

_FIELDS = {
    "ref": Field(required=True),
    "task": Field(),
    "auto_merge": Field((bool,)),
    "required_contexts": Field((list,)),
    "payload": Field((dict, str)),
    "environment": Field(),
    "description": Field(nullable=True),
    "transient_environment": Field((bool,)),
    "production_environment": Field((bool,)),
}
_STILL_ACTIVE = (
    "We cannot delete an active deployment unless it is the only deployment in a "
    "given environment."
)


async def create(call: Call) -> Answer:
    create_faults.before(call)
    body = read_body(call.raw_body, "Deployment", _FIELDS)
    found = await call.git.run(call.git.named, body["ref"])
    if found is None:
        raise ApiError(422, f"No ref found for: {body['ref']}")
    if body.get("auto_merge", True):
        merged = await merge_default_branch(call, body["ref"], found)
        if merged:
            return Answer({"message": merged}, 202)
    check_contexts(call, body["ref"], found.commit, body.get("required_contexts"))
    record = file(call, body, found.commit)
    shaped = shapes.deployment(call.links, record)
    await create_faults.after(call, record)
    return create_faults.answer(call, Answer(shaped, 201, {"Location": shaped["url"]}))


def file(
    call: Call, body: dict[str, Any], sha: str, run: Run | None = None
) -> Deployment:
    """Make it, and tell of it."""
    record = call.store.deployments.put(_deployment(call, body, sha, run))
    webhooks.deployment_created(call, record)
    return record


async def list_deployments(call: Call) -> Answer:
    wanted = {
        name: call.query[name]
        for name in ("sha", "ref", "task", "environment")
        if name in call.query
    }
    found = [
        one
        for one in call.store.deployments
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    page, links = page_of(call, found[::-1])
    return Answer([shapes.deployment(call.links, one) for one in page], headers=links)


async def show(call: Call) -> Answer:
    return Answer(shapes.deployment(call.links, deployment_of(call)))


async def delete(call: Call) -> Answer:
    record = deployment_of(call)
    store = call.store
    statuses = store.deployment_statuses.of(record.id)
    active = not statuses or statuses[-1].state == "success"
    alone = all(
        other.id == record.id or other.environment != record.environment
        for other in store.deployments
    )
    if active and not alone:
        raise ApiError(422, _STILL_ACTIVE)
    for status in statuses:
        store.deployment_statuses.delete(status)
    store.deployments.delete(record)
    return Answer(status=204)


def deployment_of(call: Call) -> Deployment:
    record = call.store.deployments.get(int(call.where["deployment_id"]))
    if record is None:
        raise not_found()
    return record


def _deployment(
    call: Call, body: dict[str, Any], sha: str, run: Run | None
) -> Deployment:
    environment = body.get("environment", "production")
    at = now()
    return Deployment(
        id=call.store.next_id(),
        sha=sha,
        ref=body["ref"],
        task=body.get("task", "deploy"),
        payload=body.get("payload", {}),
        environment=environment,
        original_environment=environment,
        description=body.get("description"),
        transient=body.get("transient_environment", False),
        production=body.get("production_environment", environment == "production"),
        creator=call.user,
        created_at=at,
        updated_at=at,
        run=run,
    )
