"""Whether a GitHub App's installation covers a repository, and what to do if not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .client import GitHubClient
from .errors import GitHubNotFound
from .resources import Installation

#: Without these nothing can be deployed.
NEEDED: Final[Mapping[str, str]] = {
    "checks": "read",
    "contents": "read",
    "deployments": "write",
    "metadata": "read",
    "statuses": "read",
}


@dataclass(frozen=True)
class NotCovered:
    """It is not, or not well enough."""

    code: str
    #: What is wrong, and where somebody can change it.
    message: str


async def covering(client: GitHubClient, full_name: str) -> Installation | NotCovered:
    """The installation with which a repository can be followed; raises GitHubErrors."""
    app = await client.get_app()
    try:
        found = await client.get_installation(full_name)
    except GitHubNotFound:
        return NotCovered(
            "app_not_installed",
            f"The GitHub App {app.slug} is not installed for {full_name}: install it "
            f"at {app.html_url}/installations/new, or add the repository to its "
            "installation, then activate again.",
        )
    if found.suspended_at:
        return NotCovered(
            "app_suspended",
            f"The installation of the GitHub App {app.slug} that covers {full_name} "
            f"is suspended: end that at {found.html_url}, then activate again.",
        )
    if lacking := missing(found.permissions):
        return NotCovered(
            "app_permissions",
            f"The GitHub App {app.slug} lacks a right for {full_name} ({lacking}): "
            f"give it that, accept it at {found.html_url}, then activate again.",
        )
    return found


def missing(granted: Mapping[str, str], needed: Mapping[str, str] = NEEDED) -> str:
    """What was not granted, in GitHub's words; empty if nothing lacks."""
    lacking = [
        f"{name}: {access}"
        for name, access in needed.items()
        if granted.get(name) not in {access, "write", "admin"}
    ]
    return ", ".join(lacking)
