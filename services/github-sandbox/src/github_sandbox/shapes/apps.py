"""The GitHub App, and where it is installed."""

from typing import Any

from github_sandbox.clients import App
from github_sandbox.records import Installation, Repository
from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import user


def app(links: Links, told: App, since: str) -> dict[str, Any]:
    owner = links.full_name.partition("/")[0]
    return {
        "id": told.id,
        "client_id": told.client.id,
        "slug": told.slug,
        "node_id": node_id("A", told.id),
        "owner": user(links, owner),
        "name": told.slug,
        "description": "",
        "external_url": f"{links.base}/apps/{told.slug}",
        "html_url": f"{links.base}/apps/{told.slug}",
        "created_at": since,
        "updated_at": since,
        "permissions": dict(told.permissions),
        "events": list(told.events),
    }


def installation(links: Links, told: App, record: Installation) -> dict[str, Any]:
    owner = user(links, links.full_name.partition("/")[0])
    here = f"{links.base}/app/installations/{record.id}"
    return {
        "id": record.id,
        "client_id": told.client.id,
        "account": owner,
        "repository_selection": "selected",
        "access_tokens_url": f"{here}/access_tokens",
        "repositories_url": f"{links.base}/installation/repositories",
        "html_url": f"{links.base}/settings/installations/{record.id}",
        "app_id": told.id,
        "app_slug": told.slug,
        "target_id": owner["id"],
        "target_type": owner["type"],
        "permissions": record.permissions,
        "events": list(told.events),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "single_file_name": None,
        "suspended_by": owner if record.suspended_at else None,
        "suspended_at": record.suspended_at,
    }


def short_repository(known: Repository) -> dict[str, Any]:
    """As the webhooks of an installation list it."""
    return {
        "id": known.id,
        "node_id": node_id("R", known.id),
        "name": known.full_name.partition("/")[2],
        "full_name": known.full_name,
        "private": True,
    }
