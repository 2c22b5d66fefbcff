"""The documents of Gitploy's v1 API: their members, as its own clients read them.

Each says the type of a member; `...` takes anything. More members do no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from types import EllipsisType
from typing import Any, Final

Shape = dict[str, Any]


class Time:
    """A time in RFC 3339, zero values included."""


def nullable(shape: Any) -> tuple[Any, None]:
    return shape, None


USER: Final[Shape] = {
    "id": int, "login": str, "avatar": str, "admin": bool, "expiry": Time,
    "created_at": Time, "updated_at": Time, "edges": dict,
}  # fmt: skip
ME: Final[Shape] = USER | {"hash": str}
REPO: Final[Shape] = {
    "id": int, "namespace": str, "name": str, "description": str, "config_path": str,
    "active": bool, "webhook_id": int, "created_at": Time, "updated_at": Time,
    "latest_deployed_at": Time, "owner_id": int, "edges": dict,
}  # fmt: skip
PERM: Final[Shape] = {
    "id": int, "repo_perm": str, "synced_at": Time, "created_at": Time,
    "updated_at": Time, "user_id": int, "repo_id": int,
    "edges": {"user": USER, "repo": REPO},
}  # fmt: skip
STATUS: Final[Shape] = {
    "id": int, "status": str, "description": str, "log_url": str, "created_at": Time,
    "updated_at": Time, "deployment_id": int, "repo_id": int, "edges": dict,
}  # fmt: skip
DEPLOYMENT: Final[Shape] = {
    "id": int, "number": int, "type": str, "env": str, "ref": str,
    "dynamic_payload": nullable(dict), "status": str, "uid": int, "sha": str,
    "html_url": str, "production_environment": bool, "is_rollback": bool,
    "created_at": Time, "updated_at": Time, "user_id": int, "repo_id": int,
    "is_approval_enabled": None, "required_approval_count": None,
    "edges": {"user": USER, "repo": REPO},
}  # fmt: skip
REVIEW: Final[Shape] = {
    "id": int, "status": str, "comment": str, "created_at": Time, "updated_at": Time,
    "user_id": int, "deployment_id": int,
    "edges": {"user": USER, "deployment": DEPLOYMENT},
}  # fmt: skip
WHOLE: Final[Shape] = DEPLOYMENT | {
    "edges": {"user": USER, "repo": REPO, "deployment_statuses": [STATUS]}
}
LOCK: Final[Shape] = {
    "id": int, "env": str, "expired_at": nullable(Time), "created_at": Time,
    "user_id": int, "repo_id": int, "edges": {"user": USER, "repo": REPO},
}  # fmt: skip
COMMIT: Final[Shape] = {
    "sha": str, "message": str, "is_pull_request": bool, "html_url": str,
}  # fmt: skip
BRANCH: Final[Shape] = {"name": str, "commit_sha": str}
CHECKS: Final[Shape] = {
    "state": str,
    "statuses": [{"context": str, "avatar_url": str, "target_url": str, "state": str}],
}
RATE_LIMIT: Final[Shape] = {"limit": int, "remaining": int, "reset": Time}
LICENSE: Final[Shape] = {
    "kind": str, "member_count": int, "memeber_limit": int, "deployment_count": int,
    "deployment_limit": int, "expired_at": Time,
}  # fmt: skip
REMOTE_STATUS: Final[Shape] = {
    "id": int, "status": str, "description": str, "log_url": str,
}  # fmt: skip
CONFIG: Final[Shape] = {"envs": [{"name": str}]}
ERROR: Final[Shape] = {"code": str, "message": str}


def differences(told: Any, shape: Any, where: str = "") -> list[str]:
    """What a client would stumble over."""
    if isinstance(shape, EllipsisType):
        return []
    if isinstance(shape, tuple):
        return [] if told is None else differences(told, shape[0], where)
    if isinstance(shape, dict):
        return _members(told, shape, where)
    if isinstance(shape, Sequence):
        return _items(told, shape[0], where)
    return [] if _fits(told, shape) else [f"{where}: {told!r} is no {shape}"]


def _members(told: Any, shape: Shape, where: str) -> list[str]:
    if not isinstance(told, dict):
        return [f"{where}: {told!r} is no object"]
    missing = [f"{where}.{name} is missing" for name in shape if name not in told]
    return missing + [
        why
        for name, part in shape.items()
        if name in told
        for why in differences(told[name], part, f"{where}.{name}")
    ]


def _items(told: Any, shape: Any, where: str) -> list[str]:
    if not isinstance(told, list):
        return [f"{where}: {told!r} is no list"]
    return [
        why
        for n, item in enumerate(told)
        for why in differences(item, shape, f"{where}[{n}]")
    ]


def _fits(told: Any, shape: Any) -> bool:
    if shape is None:
        return told is None
    if shape is Time:
        return isinstance(told, str) and datetime.fromisoformat(told).tzinfo is not None
    # A boolean is an integer to Python, and not to anybody else.
    return isinstance(told, shape) and isinstance(told, bool) == (shape is bool)
