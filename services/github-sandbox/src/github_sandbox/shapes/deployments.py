"""Deployments and their statuses, for REST and for webhooks alike."""

from typing import Any

from github_sandbox.records import Deployment, DeploymentStatus
from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import user


def deployment(links: Links, record: Deployment) -> dict[str, Any]:
    here = links.api(f"/deployments/{record.id}")
    return {
        "url": here,
        "id": record.id,
        "node_id": node_id("DE", record.id),
        "sha": record.sha,
        "ref": record.ref,
        "task": record.task,
        "payload": record.payload,
        "original_environment": record.original_environment,
        "environment": record.environment,
        "description": record.description,
        "creator": user(links, record.creator),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "statuses_url": f"{here}/statuses",
        "repository_url": links.api(),
        "transient_environment": record.transient,
        "production_environment": record.production,
        "performed_via_github_app": None,
    }


def deployment_status(links: Links, record: DeploymentStatus) -> dict[str, Any]:
    deployment_url = links.api(f"/deployments/{record.deployment_id}")
    return {
        "url": f"{deployment_url}/statuses/{record.id}",
        "id": record.id,
        "node_id": node_id("DES", record.id),
        "state": record.state,
        "creator": user(links, record.creator),
        "description": record.description,
        "environment": record.environment,
        "target_url": record.log_url,
        "created_at": record.created_at,
        "updated_at": record.created_at,
        "deployment_url": deployment_url,
        "repository_url": links.api(),
        "environment_url": record.environment_url,
        "log_url": record.log_url,
        "performed_via_github_app": None,
    }
