"""What is sent to GitHub to create a deployment."""

from typing import Any

from github_dispatcher.domain.answers import sent_by_name
from shared.contracts import RefVerified
from shared.github import Marker, add_marker


def body_of(order: RefVerified, public_url: str = "") -> dict[str, Any]:
    """The pinned commit, and nothing left for GitHub to decide.

    By default GitHub would merge the default branch into the ref and judge the commit's
    checks by rules of its own; the verifier has decided both. An environment may want
    the ref's name to be sent: then GitHub's answer is compared with the commit.

    Raises:
        UnmarkablePayload: GitHub doesn't take a payload of this kind.
    """
    payload, description = add_marker(
        order.config.payload,
        described(order),
        Marker(
            deployment_id=order.deployment_id,
            number=order.number,
            ref=order.ref.name,
            requested_by=order.requested_by.login,
            is_rollback=order.rollback_of is not None,
            url=_page(order, public_url),
        ),
    )
    return {
        "ref": order.ref.name if sent_by_name(order) else order.sha,
        "task": order.config.task,
        "auto_merge": False,
        "required_contexts": [],
        "payload": payload,
        "environment": order.environment,
        "description": description,
        "transient_environment": False,
        "production_environment": order.config.production_environment,
    }


def described(order: RefVerified) -> str:
    """The description: what was passed over comes first, for the end may be cut."""
    if not order.override:
        return order.config.description
    checks, why = ", ".join(order.override.checks), order.override.reason
    told = " ".join(f"Overrides {checks}: {why}".split())
    return f"{told} | {order.config.description}" if order.config.description else told


def _page(order: RefVerified, public_url: str) -> str:
    """Where people see it; empty if nobody said where that is."""
    if not public_url:
        return ""
    return f"{public_url}/{order.repository.full_name}/deployments/{order.number}"
