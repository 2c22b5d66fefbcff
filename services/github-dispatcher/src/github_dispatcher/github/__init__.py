"""The dispatcher's port to GitHub, over the shared client.

Reads go by the repository's numeric id, which a rename doesn't change; writes by the
name that it has now. A write says what GitHub said; one whose answer was lost is looked
up by its content before it is repeated.
"""

from typing import Final

from pydantic import SecretStr

from shared.github import Clock, GitHubClient

from .coverage import Coverage
from .deployments import Deployments
from .hooks import Hooks
from .pace import PacedWrites as PacedWrites
from .statuses import Statuses

#: What a GitHub App's token has to be good for here: nothing else is ever written.
NEEDS: Final = {"deployments": "write", "metadata": "read"}


class Writer(Deployments, Statuses):
    """What is the same for a token and for an App."""

    def __init__(
        self,
        client: GitHubClient,
        pace: PacedWrites,
        *,
        hooks_url: str,
        webhook_secret: SecretStr,
        public_url: str,
        clock: Clock,
    ) -> None:
        self.client = client
        self.clock = clock
        self.hooks_url = hooks_url
        self.webhook_secret = webhook_secret
        self.public_url = public_url
        self.reserve = pace.reserve
        self.release = pace.release


class GitHubWriter(Writer, Hooks):
    """The port `GitHub`, for real, with a token."""


class AppWriter(Writer, Coverage):
    """The port `GitHub`, for real, as a GitHub App."""
