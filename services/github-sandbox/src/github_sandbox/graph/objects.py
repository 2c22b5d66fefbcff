"""Git's objects: commits, annotated tags, trees and files."""

from functools import partial
from typing import Any

import pygit2

from github_sandbox import git as facts
from github_sandbox.graph.connections import Node, connection
from github_sandbox.graph.deployments import deployments_field
from github_sandbox.graph.reports import check_suites_field, rollup, status
from github_sandbox.graph.world import Graph
from github_sandbox.shapes import node_id

_MOST_TEXT = 512_000


def object_node(graph: Graph, sha: str) -> Node | None:
    found = graph.git.object(sha)
    if isinstance(found, pygit2.Commit):
        return commit_node(graph, sha)
    if isinstance(found, pygit2.Tag):
        return _common(graph, "Tag", sha) | {
            "name": found.name,
            "message": found.raw_message.decode("utf-8", "replace"),
            "target": lambda _: object_node(graph, str(found.target)),
        }
    if isinstance(found, pygit2.Blob):
        return _common(graph, "Blob", sha) | _blob(found)
    if isinstance(found, pygit2.Tree):
        return _common(graph, "Tree", sha) | {
            "entries": lambda _: [_entry(graph, "", child) for child in found]
        }
    return None


def commit_node(graph: Graph, sha: str) -> Node:
    record = graph.git.commit(sha)
    headline, _, body = record.message.rstrip("\n").partition("\n")

    def deployed() -> list[Any]:
        return [one for one in graph.store.deployments if one.sha == sha]

    return _common(graph, "Commit", sha) | {
        "message": record.message.rstrip("\n"),
        "messageHeadline": headline,
        "messageBody": body.lstrip("\n"),
        "authoredDate": record.author.at,
        "committedDate": record.committer.at,
        "author": _person(record.author),
        "committer": _person(record.committer),
        "resourcePath": f"/{graph.links.full_name}/commit/{sha}",
        "url": graph.links.html(f"/commit/{sha}"),
        "tree": lambda _: object_node(graph, record.tree),
        "file": lambda _, path: _file(graph, sha, path),
        "parents": connection(
            lambda: list(record.parents), partial(commit_node, graph)
        ),
        "statusCheckRollup": lambda _: rollup(graph, sha),
        "status": lambda _: status(graph, sha),
        "checkSuites": check_suites_field(graph, sha),
        "deployments": deployments_field(graph, deployed),
    }


def _common(graph: Graph, kind: str, sha: str) -> Node:
    return {
        "__typename": kind,
        "id": node_id(kind, sha),
        "oid": sha,
        "abbreviatedOid": sha[:7],
        "commitResourcePath": f"/{graph.links.full_name}/commit/{sha}",
        "commitUrl": graph.links.html(f"/commit/{sha}"),
        "repository": lambda _: graph.repository(graph),
    }


def _person(person: facts.Person) -> Node:
    return {"name": person.name, "email": person.email, "date": person.at, "user": None}


def _blob(blob: Any) -> Node:
    def text() -> str | None:
        return (
            None
            if blob.is_binary
            else blob.data[:_MOST_TEXT].decode("utf-8", "replace")
        )

    return {
        "byteSize": blob.size,
        "isBinary": blob.is_binary,
        "isTruncated": blob.size > _MOST_TEXT,
        "text": lambda _: text(),
    }


def _file(graph: Graph, sha: str, path: str) -> Node | None:
    found = graph.git.entry(sha, path.strip("/"))
    return _entry(graph, path.strip("/").rpartition("/")[0], found) if found else None


def _entry(graph: Graph, directory: str, found: Any) -> Node:
    blob = found if isinstance(found, pygit2.Blob) else None
    dot = found.name.rfind(".")
    return {
        "name": found.name,
        "path": f"{directory}/{found.name}".lstrip("/"),
        "extension": found.name[dot:] if dot > 0 else "",
        "mode": int(found.filemode),
        "oid": str(found.id),
        "type": found.type_str,
        "size": blob.size if blob else 0,
        "lineCount": blob.data.count(b"\n") if blob else None,
        "object": lambda _: object_node(graph, str(found.id)),
        "repository": lambda _: graph.repository(graph),
    }
