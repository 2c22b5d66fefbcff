"""The root of every query, and the repository with its refs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

from github_sandbox.graph.connections import Node, connection
from github_sandbox.graph.deployments import deployments_field
from github_sandbox.graph.objects import object_node
from github_sandbox.graph.world import Graph
from github_sandbox.sandbox import Call
from github_sandbox.shapes import node_id

_KNOWN = ("refs/heads/", "refs/tags/")


def query_root(call: Call) -> Node:
    graph = Graph(call, repository_node, find_ref, object_node)
    known = call.sandbox.repository
    names = {name.casefold() for name in (known.full_name, *known.former_names)}

    def repository(_: Any, owner: str, name: str, **__: Any) -> Node:
        asked = f"{owner}/{name}"
        if not call.sees_repository or asked.casefold() not in names:
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{asked}'.",
                extensions={"type": "NOT_FOUND"},
            )
        return repository_node(graph)

    return {
        "rateLimit": lambda _, **__: _rate_limit(call),
        "repository": repository,
        "viewer": lambda _: graph.actor(call.user),
    }


def repository_node(graph: Graph) -> Node:
    sandbox, git = graph.call.sandbox, graph.git
    settings, facts = sandbox.settings, sandbox.facts
    return {
        "id": node_id("R", settings.id),
        "databaseId": settings.id,
        "name": sandbox.full_name.partition("/")[2],
        "nameWithOwner": sandbox.full_name,
        "owner": lambda _: graph.actor(sandbox.owner),
        "url": graph.links.html(),
        "createdAt": facts.created_at,
        "updatedAt": facts.created_at,
        "pushedAt": facts.pushed_at,
        "isPrivate": True,
        **dict.fromkeys(("isDisabled", "isLocked", "isFork"), False),
        "isArchived": facts.archived,
        "isEmpty": lambda _: not git.refs(),
        "viewerPermission": "ADMIN",
        "defaultBranchRef": lambda _: ref_node(
            graph, f"refs/heads/{git.default_branch}"
        ),
        "ref": lambda _, qualifiedName: find_ref(graph, qualifiedName),  # noqa: N803
        "refs": _refs_field(graph),
        "object": lambda _, expression=None, oid=None: _find_object(
            graph, oid or expression or ""
        ),
        "deployments": deployments_field(graph, lambda: list(graph.store.deployments)),
    }


def ref_node(graph: Graph, full: str) -> Node | None:
    target = graph.git.target(full)
    if target is None:
        return None
    prefix = next((known for known in _KNOWN if full.startswith(known)), "refs/")
    return {
        "id": node_id("REF", full),
        "name": full.removeprefix(prefix),
        "prefix": prefix,
        "repository": lambda _: repository_node(graph),
        "target": lambda _: object_node(graph, str(target.id)),
        "compare": lambda _, headRef: _compare(graph, full, headRef),  # noqa: N803
    }


def find_ref(graph: Graph, name: str) -> Node | None:
    full = (f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}")
    candidates = (name,) if name.startswith("refs/") else full
    found = (ref_node(graph, candidate) for candidate in candidates)
    return next((node for node in found if node), None)


def _refs_field(graph: Graph) -> Any:
    def refs(
        refPrefix: str,  # noqa: N803
        query: str = "",
        orderBy: Mapping[str, str] | None = None,  # noqa: N803
    ) -> list[Node]:
        names = [
            name
            for name in sorted(graph.git.refs())
            if name.startswith(refPrefix) and query in name.removeprefix(refPrefix)
        ]
        if orderBy:
            if orderBy["field"] == "TAG_COMMIT_DATE":
                names.sort(key=graph.git.date)
            if orderBy["direction"] == "DESC":
                names.reverse()
        nodes = (ref_node(graph, name) for name in names)
        return [node for node in nodes if node]

    return connection(refs, lambda node: node)


def _find_object(graph: Graph, expression: str) -> Node | None:
    sha = graph.git.parse(expression)
    return object_node(graph, sha) if sha else None


def _compare(graph: Graph, base_ref: str, head: str) -> Node | None:
    git = graph.git
    base = git.find(base_ref)
    tip = git.find(head.removeprefix(f"{graph.call.sandbox.owner}:"))
    if base is None or tip is None:
        return None
    compared = git.compare(base, tip)
    return {
        "id": node_id("CMP", f"{base}:{tip}"),
        "status": compared.status.upper(),
        "aheadBy": compared.ahead_by,
        "behindBy": compared.behind_by,
        "baseTarget": lambda _: object_node(graph, base),
        "headTarget": lambda _: object_node(graph, tip),
    }


def _rate_limit(call: Call) -> Node:
    window = call.sandbox.limits.window(call.user, "graphql")
    reset = datetime.fromtimestamp(window.reset, UTC)
    shown = window.shown() | {"resetAt": reset.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return shown | {"cost": 1, "nodeCount": 1}
