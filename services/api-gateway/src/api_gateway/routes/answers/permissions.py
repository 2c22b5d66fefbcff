"""What people may do, as answers show it."""

from .base import Answer, Time
from .deployments import Repository
from .people import User


class PermissionEdges(Answer):
    """Whose it is, and where."""

    user: User
    repo: Repository


class Permission(Answer):
    """What somebody may do in a repository, as GitHub said last."""

    id: int
    repo_perm: str
    """`read`, `write` or `admin`."""
    synced_at: Time
    """When GitHub said so."""
    created_at: Time
    updated_at: Time
    user_id: int
    repo_id: int
    edges: PermissionEdges
