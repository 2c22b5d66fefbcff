"""The workflow and the run of it that filed a deployment, as webhooks tell them."""

from typing import Any

from github_sandbox.numbers import stable_number
from github_sandbox.records import Deployment, Run
from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import user


def workflow_of(links: Links, deployment: Deployment) -> dict[str, Any]:
    """Both are null of what a client of the API made."""
    run = deployment.run
    if run is None:
        return {"workflow": None, "workflow_run": None}
    return {
        "workflow": _workflow(links, run, deployment.created_at),
        "workflow_run": _workflow_run(links, run, deployment),
    }


def _workflow(links: Links, run: Run, since: str) -> dict[str, Any]:
    number = stable_number(run.workflow)
    return {
        "id": number,
        "node_id": node_id("W", number),
        "name": run.workflow,
        "path": _path(run),
        "state": "active",
        "created_at": since,
        "updated_at": since,
        "url": links.api(f"/actions/workflows/{number}"),
        "html_url": links.html(f"/blob/main/{_path(run)}"),
        "badge_url": links.html(f"/workflows/{number}/badge.svg"),
    }


def _workflow_run(links: Links, run: Run, deployment: Deployment) -> dict[str, Any]:
    actor = user(links, deployment.creator)
    return {
        "id": run.id,
        "node_id": node_id("WFR", run.id),
        "name": run.workflow,
        "display_title": run.workflow,
        "head_branch": deployment.ref,
        "head_sha": deployment.sha,
        "run_number": 1,
        "run_attempt": 1,
        "event": run.event,
        "status": "in_progress",
        "conclusion": None,
        "workflow_id": stable_number(run.workflow),
        "check_suite_id": run.id,
        "check_suite_node_id": node_id("CS", run.id),
        "path": _path(run),
        "pull_requests": [],
        "created_at": deployment.created_at,
        "updated_at": deployment.created_at,
        "run_started_at": deployment.created_at,
        "actor": actor,
        "triggering_actor": actor,
        "url": links.api(f"/actions/runs/{run.id}"),
        "html_url": links.html(f"/actions/runs/{run.id}"),
    }


def _path(run: Run) -> str:
    return f".github/workflows/{run.workflow}.yml"
