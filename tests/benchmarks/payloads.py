"""Signed `deployment_status` webhooks of about 9 KB, as GitHub sends them."""

import hashlib
import hmac
import json
import uuid
from typing import Any

SECRET = "the-webhook-secret"
REPOSITORY_ID = 1296269
FULL_NAME = "octo/shop"
#: GitHub's webhooks carry some 60 URLs about the repository and each account.
PADDING = {f"{name}_url": f"https://api.github.com/{name}" + "x" * 60 for name in
           [f"link{n}" for n in range(70)]}  # fmt: skip


def status_webhook(
    deployment_id: int, status_id: int, state: str, repository_id: int = REPOSITORY_ID
) -> bytes:
    """One whole HTTP request."""
    body = json.dumps(
        _document(deployment_id, status_id, state, repository_id)
    ).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        "POST /hooks HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/json\r\n"
        "X-GitHub-Event: deployment_status\r\n"
        f"X-GitHub-Delivery: {uuid.uuid4()}\r\n"
        f"X-Hub-Signature-256: sha256={digest}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _document(
    deployment_id: int, status_id: int, state: str, repository_id: int
) -> dict[str, Any]:
    person = {"id": 583231, "login": "octocat", "type": "User"}
    at = "2026-01-05T09:00:00Z"
    api = f"https://api.github.com/repos/{FULL_NAME}/deployments/{deployment_id}"
    return {
        "action": "created",
        "deployment_status": {
            "id": status_id, "state": state, "creator": person, "description": "Going.",
            "environment": "production", "target_url": "", "log_url": f"{api}/log",
            "environment_url": "", "created_at": at, "updated_at": at,
            "deployment_url": api,
        },
        "deployment": {
            "id": deployment_id, "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "ref": "main", "task": "deploy", "payload": {}, "environment": "production",
            "original_environment": "production", "description": None,
            "creator": person, "created_at": at, "updated_at": at,
            "statuses_url": f"{api}/statuses",
        },
        "repository": {
            "id": repository_id, "full_name": FULL_NAME, "default_branch": "main",
            "owner": person, **PADDING,
        },
        "sender": person,
    }  # fmt: skip
