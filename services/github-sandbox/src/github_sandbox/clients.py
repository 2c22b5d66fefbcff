"""The applications that people sign in to, and that speak on their behalf then.

An OAuth app's tokens have scopes and no end. A GitHub App's have an end and a refresh
token, and may do what both the App and the person may.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from github_sandbox.numbers import stable_number

#: What Gitploy asks for.
_PERMISSIONS = {
    "actions": "read",
    "checks": "read",
    "contents": "read",
    "deployments": "write",
    "members": "read",
    "metadata": "read",
    "statuses": "read",
}
_EVENTS = (
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "push",
    "repository",
    "status",
)
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Client:
    id: str
    secret: str = field(repr=False)
    callback_url: str
    """Where people are sent back to: there, or to somewhere below it."""

    def may_return_to(self, url: str) -> bool:
        registered, asked = urlsplit(self.callback_url), urlsplit(url)
        if {asked.username, asked.password} != {None} or asked.fragment:
            return False
        place = (registered.scheme, registered.hostname)
        if (asked.scheme, asked.hostname) != place:
            return False
        # Of a server on one's own machine nobody knows the port beforehand.
        if registered.hostname not in _LOOPBACK and registered.port != asked.port:
            return False
        below = registered.path.rstrip("/") + "/"
        return ".." not in asked.path.split("/") and (
            asked.path == registered.path or asked.path.startswith(below)
        )


@dataclass(frozen=True)
class App:
    client: Client
    public_key: str
    """What its JWTs are verified with, in PEM."""
    hook_url: str = ""
    hook_secret: str = field(default="", repr=False)
    slug: str = "gitploy"
    permissions: Mapping[str, str] = field(default_factory=lambda: _PERMISSIONS)
    """What its installation is granted at first."""
    events: tuple[str, ...] = _EVENTS

    @property
    def id(self) -> int:
        return stable_number(self.client.id)

    @property
    def login(self) -> str:
        """Who its installations are, when they act themselves."""
        return f"{self.slug}[bot]"


def read_client(said: Callable[[str], str], prefix: str) -> Client | None:
    """The client that settings with this prefix tell of; none if they are silent."""
    id_ = said(f"{prefix}_client_id")
    if not id_:
        return None
    return Client(id_, said(f"{prefix}_client_secret"), said(f"{prefix}_callback_url"))
