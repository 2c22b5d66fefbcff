"""Deployments, with GraphQL's own words for their states."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from github_sandbox.graph.connections import Node, connection
from github_sandbox.graph.world import Graph
from github_sandbox.records import Deployment, DeploymentStatus
from github_sandbox.shapes import node_id


def deployments_field(graph: Graph, of: Callable[[], list[Deployment]]) -> Any:
    def chosen(
        orderBy: dict[str, str],  # noqa: N803
        environments: list[str] | None = None,
    ) -> list[Deployment]:
        found = [
            one for one in of() if not environments or one.environment in environments
        ]
        return found[::-1] if orderBy["direction"] == "DESC" else found

    return connection(chosen, partial(deployment_node, graph))


def deployment_node(graph: Graph, record: Deployment) -> Node:
    statuses = graph.store.deployment_statuses.of(record.id)
    return {
        "id": node_id("DE", record.id),
        "databaseId": record.id,
        "commit": lambda _: graph.object(graph, record.sha),
        "commitOid": record.sha,
        "ref": lambda _: graph.ref(graph, record.ref),
        "task": record.task,
        "environment": record.environment,
        "latestEnvironment": record.environment,
        "originalEnvironment": record.original_environment,
        "description": record.description,
        "payload": _text(record.payload),
        "creator": lambda _: graph.actor(record.creator),
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "repository": lambda _: graph.repository(graph),
        "state": _state(record, statuses),
        "latestStatus": _status_node(graph, record, statuses[-1]) if statuses else None,
        "statuses": connection(
            lambda: statuses[::-1], partial(_status_node, graph, record)
        ),
    }


def _text(payload: Any) -> str:
    return payload if isinstance(payload, str) else orjson.dumps(payload).decode()


def _state(record: Deployment, statuses: list[DeploymentStatus]) -> str:
    if not statuses:
        return "PENDING"
    latest = statuses[-1].state.upper()
    if latest == "SUCCESS":
        return "ACTIVE"
    destroyed = latest == "INACTIVE" and record.transient
    return "DESTROYED" if destroyed else latest


def _status_node(graph: Graph, of: Deployment, record: DeploymentStatus) -> Node:
    return {
        "id": node_id("DES", record.id),
        "state": record.state.upper(),
        "description": record.description,
        "environment": record.environment,
        "environmentUrl": record.environment_url or None,
        "logUrl": record.log_url or None,
        "creator": lambda _: graph.actor(record.creator),
        "createdAt": record.created_at,
        "updatedAt": record.created_at,
        "deployment": lambda _: deployment_node(graph, of),
    }
