"""People, as answers show them."""

from typing import Any, Literal

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


class Myself(User):
    """Who is asking."""

    hash: Literal[""]
    """Where Gitploy shows the credential itself."""
    csrf_token: str | None = None
    """For writes with the cookie, where the browser tells no origin."""


class Token(Answer):
    """A personal API token, without itself."""

    id: int
    name: str
    scope: Literal["read", "deploy", "admin"]
    repository: str | None
    """The only one that it is for; none: all that you may see."""
    created_at: Time
    expires_at: Time | None
    last_used_at: Time | None
    """To the minute."""


class NewToken(Token):
    """A personal API token, this once."""

    token: str


class AuditEntry(Answer):
    """What somebody did."""

    id: str
    source: Literal["log", "account", "operator"]
    """What people decided; what they did to accounts; what operators did by hand."""
    at: Time
    who: str
    """The login then; of an operator the account and the machine."""
    user_id: int | None
    action: str
    repository: str
    subject: str
    """What it was done to."""
    details: dict[str, Any]


class License(Answer):
    """Gitploy's licence: nothing is limited, so nothing is counted."""

    kind: Literal["oss"]
    member_count: int
    member_limit: int
    memeber_limit: int
    """The same, as Gitploy spells it."""
    deployment_count: int
    deployment_limit: int
    expired_at: Time
