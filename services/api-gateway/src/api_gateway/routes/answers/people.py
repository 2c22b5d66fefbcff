"""People, as answers show them."""

from .base import Answer, Time


class NoEdges(Answer):
    """Nothing belongs to it."""


class User(Answer):
    """A user of GitHub."""

    id: int
    """GitHub's id; 0 is Gitploy itself."""
    login: str
    avatar: str
    admin: bool
    expiry: Time
    created_at: Time
    updated_at: Time
    edges: NoEdges
