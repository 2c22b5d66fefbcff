"""What is sent to GitHub to create a deployment."""

from typing import Any

from shared.contracts import RefVerified
from shared.github import Marker, add_marker


def body_of(order: RefVerified) -> dict[str, Any]:
    """The pinned commit, and nothing left for GitHub to decide.

    By default GitHub would merge the default branch into the ref and judge the commit's
    checks by rules of its own; the verifier has decided both.

    Raises:
        UnmarkablePayload: GitHub doesn't take a payload of this kind.
    """
    payload, description = add_marker(
        order.config.payload,
        order.config.description,
        Marker(
            deployment_id=order.deployment_id,
            number=order.number,
            ref=order.ref.name,
            requested_by=order.requested_by.login,
        ),
    )
    return {
        "ref": order.sha,
        "task": order.config.task,
        "auto_merge": False,
        "required_contexts": [],
        "payload": payload,
        "environment": order.environment,
        "description": description,
        "transient_environment": False,
        "production_environment": order.config.production_environment,
    }
