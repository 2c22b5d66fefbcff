"""What is kept, as the API shows it: with its id, its links and what it belongs to."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from .documents import Document

AnyRow = Row[Any]


def repository(row: AnyRow, deployments: Sequence[Document] = ()) -> Document:
    """A repository with its owner and some of its deployments."""
    document = {**row.document}
    owner = document.pop("owner")
    return {**document, "edges": {"owner": owner, "deployments": list(deployments)}}


def deployment(
    row: AnyRow, repositories: Mapping[int, Document], web_url: str
) -> Document:
    """A deployment with who wants it and where."""
    document = {"id": row.id, **row.document}
    user, full_name = document.pop("user"), document.pop("repository")
    document["html_url"] = (
        f"{web_url}/{full_name}/commit/{document['sha']}" if document["sha"] else ""
    )
    repo = repositories.get(document["repo_id"])
    document["edges"] = {"user": user, "repo": repo, "reviews": []}
    return document


def whole(
    shown: Document, statuses: Sequence[AnyRow], reviews: Sequence[AnyRow]
) -> Document:
    """A deployment with all that belongs to it."""
    ours = {"deployment_id": shown["id"]}
    edges = {
        **shown["edges"],
        "deployment_statuses": [{**status(row), **ours} for row in statuses],
        "reviews": [{**review(row), **ours} for row in reviews],
    }
    return {**shown, "edges": edges}


def review(row: AnyRow, of: Document | None = None) -> Document:
    """A review, its reviewer, and the deployment that it is of."""
    document = {"id": row.id, **row.document}
    edges = {"user": document.pop("user")} | ({"deployment": of} if of else {})
    return {**document, "deployment_id": of["id"] if of else 0, "edges": edges}


def status(row: AnyRow, of: Document | None = None) -> Document:
    """A status, and the deployment that it is of."""
    document = {"id": row.id, **row.document}
    edges = {"deployment": of, "repo": of["edges"]["repo"]} if of else {}
    return {**document, "deployment_id": of["id"] if of else 0, "edges": edges}


def lock(row: AnyRow, repo: Document | None) -> Document:
    """A lock, whose it is, and the repository."""
    document = {"id": row.id, **row.document}
    user = document.pop("user")
    return {**document, "edges": {"user": user, "repo": repo}}


def hold(row: AnyRow, repo: Document | None) -> Document:
    """A hold, whether it still keeps pushes out, and the repository."""
    return {"active": row.active, **row.document, "edges": {"repo": repo}}
