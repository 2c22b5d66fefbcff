"""Commit statuses: what other tools say about a commit."""

from github_sandbox import webhooks
from github_sandbox.bodies import Field, read_body
from github_sandbox.clock import now
from github_sandbox.errors import no_commit, validation_failed
from github_sandbox.paging import page_of
from github_sandbox.records import CommitStatus
from github_sandbox.reports import combined_state, latest_statuses
from github_sandbox.routes.commits import find
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import reports as shapes
from github_sandbox.shapes import repository

_MOST_OF_DESCRIPTION = 140
_STATES = frozenset({"error", "failure", "pending", "success"})
_FIELDS = {
    "state": Field(required=True, choices=_STATES),
    "target_url": Field(nullable=True),
    "description": Field(nullable=True),
    "context": Field(),
}


async def create(call: Call) -> Answer:
    body = read_body(call.raw_body, "Status", _FIELDS)
    if len(body.get("description", "")) > _MOST_OF_DESCRIPTION:
        why = f"description is too long (maximum is {_MOST_OF_DESCRIPTION} characters)"
        raise validation_failed("Status", "description", why)
    sha = await call.git.run(call.git.peel, call.where["sha"])
    if sha != call.where["sha"]:
        raise no_commit(call.where["sha"])
    commit = await call.git.run(call.git.commit, sha)
    branches = await call.git.run(call.git.branches_with, sha)
    status = CommitStatus(
        id=call.store.next_id(),
        sha=sha,
        context=body.get("context", "default"),
        state=body["state"],
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=call.user,
        created_at=now(),
    )
    call.store.commit_statuses.put(status)
    webhooks.status_created(call, status, commit, branches)
    shaped = shapes.status(call.links, status)
    return Answer(shaped, 201, {"Location": shaped["url"]})


async def list_statuses(call: Call) -> Answer:
    sha = await call.git.run(find, call.git, call.where["ref"])
    page, links = page_of(call, call.store.commit_statuses.of(sha)[::-1])
    return Answer([shapes.status(call.links, one) for one in page], headers=links)


async def combined(call: Call) -> Answer:
    sha = await call.git.run(find, call.git, call.where["ref"])
    statuses = latest_statuses(call.store, sha)
    page, links = page_of(call, statuses)
    shaped = {
        "state": combined_state(statuses),
        "statuses": [shapes.status(call.links, one) for one in page],
        "sha": sha,
        "total_count": len(statuses),
        "repository": repository(call.links, call.sandbox.facts),
        "commit_url": call.links.api(f"/commits/{sha}"),
        "url": call.links.api(f"/commits/{sha}/status"),
    }
    return Answer(shaped, headers=links)
