"""What a webhook looks like on the wire: its headers, its body and its signatures."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from github_sandbox.records import Delivery, Hook


def content_of(hook: Hook, body: bytes) -> bytes:
    if hook.content_type == "form":
        return urlencode({"payload": body}).encode()
    return body


def headers_of(
    delivery: Delivery, hook: Hook, content: bytes, repository_id: int
) -> dict[str, str]:
    form = hook.content_type == "form"
    return {
        "Accept": "*/*",
        "User-Agent": "GitHub-Hookshot/sandbox",
        "Content-Type": (
            "application/x-www-form-urlencoded" if form else "application/json"
        ),
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(hook.id),
        # The App's hook has the App's number.
        "X-GitHub-Hook-Installation-Target-ID": str(
            hook.id if hook.of_app else repository_id
        ),
        "X-GitHub-Hook-Installation-Target-Type": (
            "integration" if hook.of_app else "repository"
        ),
        **_signatures(hook.secret, content),
    }


def _signatures(secret: str, content: bytes) -> Mapping[str, str]:
    if not secret:
        return {}
    key = secret.encode()
    sha1 = hmac.new(key, content, hashlib.sha1).hexdigest()
    sha256 = hmac.new(key, content, hashlib.sha256).hexdigest()
    return {
        "X-Hub-Signature": f"sha1={sha1}",
        "X-Hub-Signature-256": f"sha256={sha256}",
    }
