"""Commit statuses, check runs and check suites."""

from typing import Any

from github_sandbox.git import Commit
from github_sandbox.records import CheckRun, CheckSuite, CommitStatus
from github_sandbox.reports import latest_runs, suite_conclusion, suite_status
from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import app, user
from github_sandbox.tables import Tables


def status(links: Links, record: CommitStatus) -> dict[str, Any]:
    return {
        "url": links.api(f"/statuses/{record.sha}"),
        "avatar_url": user(links, record.creator)["avatar_url"],
        "id": record.id,
        "node_id": node_id("SC", record.id),
        "state": record.state,
        "description": record.description,
        "target_url": record.target_url,
        "context": record.context,
        "created_at": record.created_at,
        "updated_at": record.created_at,
        "creator": user(links, record.creator),
    }


def check_run(links: Links, record: CheckRun, suite: CheckSuite) -> dict[str, Any]:
    here = links.api(f"/check-runs/{record.id}")
    html = links.html(f"/runs/{record.id}")
    return {
        "id": record.id,
        "name": record.name,
        "node_id": node_id("CR", record.id),
        "head_sha": record.sha,
        "external_id": record.external_id,
        "url": here,
        "html_url": html,
        "details_url": record.details_url or html,
        "status": record.status,
        "conclusion": record.conclusion,
        "started_at": record.started_at,
        "completed_at": record.completed_at,
        "output": {
            "title": record.title,
            "summary": record.summary,
            "text": record.text,
            "annotations_count": 0,
            "annotations_url": f"{here}/annotations",
        },
        "check_suite": {"id": record.suite_id},
        "app": app(links, suite.app, suite.created_at),
        "pull_requests": [],
    }


def check_suite(
    links: Links,
    store: Tables,
    record: CheckSuite,
    *,
    head: Commit,
    branch: str | None,
) -> dict[str, Any]:
    here = links.api(f"/check-suites/{record.id}")
    return {
        "id": record.id,
        "node_id": node_id("CS", record.id),
        "head_branch": branch,
        "head_sha": record.sha,
        "status": suite_status(store, record),
        "conclusion": suite_conclusion(store, record),
        "url": here,
        "before": None,
        "after": None,
        "pull_requests": [],
        "app": app(links, record.app, record.created_at),
        "created_at": record.created_at,
        "updated_at": record.created_at,
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": len(latest_runs(store, record)),
        "check_runs_url": f"{here}/check-runs",
        "head_commit": head_commit(head),
    }


def head_commit(record: Commit) -> dict[str, Any]:
    people = (("author", record.author), ("committer", record.committer))
    return {
        "id": record.sha,
        "tree_id": record.tree,
        "message": record.message.rstrip("\n"),
        "timestamp": record.committer.at,
        **{role: {"name": one.name, "email": one.email} for role, one in people},
    }
