"""Hooks and their deliveries."""

from typing import Any

from github_sandbox.records import Delivery, Hook
from github_sandbox.shapes.links import Links

_HIDDEN = "********"


def hook(links: Links, record: Hook, last: Delivery | None) -> dict[str, Any]:
    here = links.api(f"/hooks/{record.id}")
    return {
        "type": "Repository",
        "id": record.id,
        "name": "web",
        "active": record.active,
        "events": record.events,
        "config": hook_config(record),
        "updated_at": record.updated_at,
        "created_at": record.created_at,
        "url": here,
        "test_url": f"{here}/test",
        "ping_url": f"{here}/pings",
        "deliveries_url": f"{here}/deliveries",
        "last_response": _last_response(last),
    }


def hook_config(record: Hook) -> dict[str, Any]:
    secret = {"secret": _HIDDEN} if record.secret else {}
    return {
        "url": record.url,
        "content_type": record.content_type,
        "insecure_ssl": record.insecure_ssl,
        **secret,
    }


def delivery(record: Delivery) -> dict[str, Any]:
    return {
        "id": record.id,
        "guid": record.guid,
        "delivered_at": record.delivered_at,
        "redelivery": record.redelivery,
        "duration": record.duration,
        "status": record.status,
        "status_code": record.status_code,
        "event": record.event,
        "action": record.action,
        "installation_id": record.installation_id,
        "repository_id": record.repository_id,
        "throttled_at": None,
    }


def delivery_in_full(record: Delivery, payload: Any) -> dict[str, Any]:
    return delivery(record) | {
        "url": record.url,
        "request": {"headers": record.request_headers, "payload": payload},
        "response": {
            "headers": record.response_headers,
            "payload": record.response_body,
        },
    }


def _last_response(last: Delivery | None) -> dict[str, Any]:
    if last is None:
        return {"code": None, "status": "unused", "message": None}
    ok = last.status == "OK"
    return {
        "code": last.status_code,
        "status": "active" if ok else "misconfigured",
        "message": last.status,
    }
