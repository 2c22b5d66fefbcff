"""With a GitHub App no repository has a webhook of ours: the App's own hears of all.

So a repository can be followed if the App's installation covers it, and if the App's
webhook comes to us.
"""

from github_dispatcher.domain.answers import Refusal
from github_dispatcher.domain.hook import HookReady
from github_dispatcher.domain.wording import REPOSITORY_GONE
from github_dispatcher.ports import RepositoryGoneError
from shared.contracts import Repository
from shared.github import GitHubUnauthorized, NotCovered, covering

from .failures import answering
from .hooks import NO_TOKEN
from .repositories import NEVER, Repositories


class Coverage(Repositories):
    """The App's part of the port `GitHub`."""

    hooks_url: str

    async def ensure_hook(self, repository: Repository) -> HookReady | Refusal:
        with answering(repository, self.clock):
            try:
                found = await covering(self.client, repository.full_name)
                hook = await self.client.get_app_hook()
            except GitHubUnauthorized:
                return NO_TOKEN
        if isinstance(found, NotCovered):
            return Refusal(found.code, found.message)
        if hook.url.rstrip("/") != self.hooks_url.rstrip("/"):
            return Refusal(
                "app_webhook",
                f"The GitHub App's webhook goes to {hook.url or 'nowhere'} and not to "
                f"{self.hooks_url}: set one of the two (the App's webhook URL, or "
                "GITPLOY_HOOKS_URL), then activate again.",
            )
        try:
            named = await self.locate(repository, NEVER)
        except RepositoryGoneError:
            return REPOSITORY_GONE
        return HookReady(named, installation_id=found.id)

    async def remove_hook(self, repository: Repository) -> None:
        """There is none: what the App's webhook tells of it is passed over."""
