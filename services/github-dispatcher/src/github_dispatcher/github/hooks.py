"""A repository's webhook: made, brought up to date, removed."""

from typing import Any, Final

from pydantic import SecretStr

from github_dispatcher.domain.answers import Refusal
from github_dispatcher.domain.hook import HookReady
from github_dispatcher.domain.wording import REPOSITORY_GONE
from github_dispatcher.ports import NoAnswerError, RepositoryGoneError
from shared.contracts import Repository
from shared.github import (
    BadCredentials,
    Deleted,
    Forbidden,
    GitHubForbidden,
    GitHubNotFound,
    GitHubUnauthorized,
    Hook,
    HookOutcome,
    HookSaved,
    Invalid,
    NotFound,
)

from .failures import LATER, answering, unwritten
from .outcomes import NOT_ACCEPTED, reasons
from .repositories import NEVER, Repositories

#: What status-sync lives on. A webhook that was made with others gets these when its
#: repository is activated again.
EVENTS: Final = (
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "meta",
    "push",
    "repository",
    "status",
)
NO_RIGHT: Final = Refusal(
    "forbidden",
    "GitHub does not let Gitploy's token manage this repository's webhooks: give it "
    "that right (repository hooks: write, or admin:repo_hook), then activate again.",
)
NO_TOKEN: Final = Refusal("bad_credentials", NOT_ACCEPTED)


class Hooks(Repositories):
    hooks_url: str
    webhook_secret: SecretStr

    async def ensure_hook(self, repository: Repository) -> HookReady | Refusal:
        hooks = await self._ours(repository)
        if isinstance(hooks, Refusal):
            return hooks
        try:
            named = await self.locate(repository, NEVER)
        except RepositoryGoneError:
            return REPOSITORY_GONE
        return self._saved(named, await self._save(named, hooks))

    async def remove_hook(self, repository: Repository) -> None:
        try:
            named = await self.locate(repository, NEVER)
        except RepositoryGoneError:
            return
        hooks = await self._ours(named)
        if isinstance(hooks, Refusal):
            raise NoAnswerError(hooks.message, LATER)
        for hook in hooks:
            outcome = await self.client.delete_hook(named.full_name, hook.id)
            if not isinstance(outcome, Deleted | NotFound):
                raise unwritten(named, outcome, self.clock())

    async def _ours(self, repository: Repository) -> list[Hook] | Refusal:
        """Those that send to us: none, or the one that was made."""
        with answering(repository, self.clock):
            try:
                hooks = await self.client.list_hooks(repository.id)
            except (GitHubNotFound, GitHubForbidden):
                return NO_RIGHT
            except GitHubUnauthorized:
                return NO_TOKEN
        return [hook for hook in hooks if hook.config.url == self.hooks_url]

    async def _save(self, repository: Repository, hooks: list[Hook]) -> HookOutcome:
        wanted: dict[str, Any] = {
            "url": self.hooks_url,
            "secret": self.webhook_secret.get_secret_value(),
            "events": EVENTS,
        }
        if not hooks:
            return await self.client.create_hook(repository.full_name, **wanted)
        # Whether it has our secret can't be read, so it is given it.
        return await self.client.update_hook(
            repository.full_name, hooks[0].id, **wanted
        )

    def _saved(
        self, repository: Repository, outcome: HookOutcome
    ) -> HookReady | Refusal:
        match outcome:
            case HookSaved(hook):
                return HookReady(repository, hook.id)
            case NotFound() | Forbidden():
                return NO_RIGHT
            case BadCredentials():
                return NO_TOKEN
            case Invalid() if "already exists" not in reasons(outcome):
                return Refusal(
                    "invalid",
                    f"GitHub does not accept the webhook ({reasons(outcome)}): check "
                    "that GITPLOY_HOOKS_URL is an address that GitHub can reach.",
                )
        raise unwritten(repository, outcome, self.clock())
