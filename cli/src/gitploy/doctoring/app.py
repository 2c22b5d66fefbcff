"""What GitHub can tell of Gitploy's App: its rights, its events, its one webhook."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from pydantic import ValidationError

from gitploy.doctoring.delivery import delivery, nothing_delivered
from gitploy.doctoring.finding import Finding, bad, doubtful, good, unknown
from shared.github import (
    READING,
    GitHubClient,
    GitHubError,
    GitHubNotFound,
    GitHubUnauthorized,
    HookConfig,
    Installation,
    NotCovered,
    OwnApp,
    covering,
)
from shared.github.coverage import NEEDED, missing
from shared.github.limits import utc_now
from shared.github.settings import GitHubSettings

API: Final = "GITPLOY_GITHUB_API_URL"
HOOKS_URL: Final = "GITPLOY_HOOKS_URL"
APP: Final = "GITPLOY_GITHUB_APP_CLIENT_ID"
KEY: Final = "GITPLOY_GITHUB_APP_PRIVATE_KEY"
PREFIX: Final = "GITPLOY_"
RIGHTS: Final = {**READING, **NEEDED}
#: Without these Gitploy learns of nothing, or late.
NEEDED_EVENTS: Final = frozenset({"deployment_status", "push"})
EVENTS: Final = NEEDED_EVENTS | {
    "check_run", "check_suite", "deployment", "repository", "status",
}  # fmt: skip


async def of_app(name: str | None, told: Mapping[str, str]) -> AsyncIterator[Finding]:
    """Whether the App may do its work, covers the repository, and is listened to."""
    given = {
        key.removeprefix(PREFIX).lower(): value
        for key, value in told.items()
        if key.startswith(PREFIX)
    }
    try:
        settings = GitHubSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]["msg"]
        said = first.removeprefix("Value error, ")
        yield unknown("GitHub App", f"GitHub was not asked: {said}.", f"{APP}, {KEY}.")
        return
    async with settings.github_session() as session:
        client = settings.github_client(session, utc_now)
        look = Look(client, settings.github_web_url, told.get(HOOKS_URL))
        try:
            async for finding in look.at(name):
                yield finding
        except GitHubUnauthorized as error:
            do = f"{APP} and {KEY} must be of one App, and the machine's clock right."
            yield bad("GitHub App", f"GitHub doesn't take its key: {error}.", do)
        except GitHubError as error:
            said = f"{settings.github_api_url} gives no answer to use: {error}."
            yield bad("GitHub", said, f"Is {API} right, and GitHub up?")


class Look:
    """What is asked as the App, one thing after the other."""

    def __init__(self, client: GitHubClient, web: str, hooks_url: str | None) -> None:
        self._client = client
        self._web = web
        self._hooks_url = hooks_url

    async def at(self, name: str | None) -> AsyncIterator[Finding]:
        app = await self._client.get_app()
        page = page_of(app, self._web)
        yield _rights(app, page)
        yield _events(app, page)
        if name is not None:
            yield _covered(name, app, await covering(self._client, name))
        try:
            hook = await self._client.get_app_hook()
        except GitHubNotFound:
            hook = HookConfig()
        yield self._address(hook, page)
        if not hook.url:
            return
        yield _secret(hook, page)
        yield await self._delivered(page)

    def _address(self, hook: HookConfig, page: str) -> Finding:
        wanted = self._hooks_url
        do = f"Set Webhook URL and Active at {page} ({HOOKS_URL} is {wanted})."
        if not hook.url:
            return bad("webhook", "The App has none.", do)
        if wanted is None:
            do = f"Compare that with {HOOKS_URL} of the services."
            return doubtful("webhook", f"It goes to {hook.url}.", do)
        if hook.url.rstrip("/") != wanted.rstrip("/"):
            return bad("webhook", f"It goes to {hook.url}.", do)
        return good("webhook", f"It goes to {hook.url}.")

    async def _delivered(self, page: str) -> Finding:
        async for last in self._client.list_app_deliveries():
            return delivery(
                when=last.delivered_at,
                event=last.event,
                code=last.status_code or 0,
                status=last.status,
                resign=f"and type it as Webhook secret at {page}",
            )
        do = f"Push something, and see Recent Deliveries at {page}/advanced."
        return nothing_delivered(do)


def page_of(app: OwnApp, web: str) -> str:
    """Where its owner changes it; its public page, if that can't be told."""
    owner = app.owner
    if owner is None or not owner.login:
        return app.html_url
    if owner.type == "Organization":
        return f"{web}/organizations/{owner.login}/settings/apps/{app.slug}"
    return f"{web}/settings/apps/{app.slug}"


def _rights(app: OwnApp, page: str) -> Finding:
    do = f"Set it at {page}/permissions; then who installed the App accepts it."
    if lacking := missing(app.permissions):
        return bad("GitHub App", f"{app.slug} lacks a right: {lacking}.", do)
    if lacking := missing(app.permissions, RIGHTS):
        do += " docs/github-app.md says what for."
        return doubtful("GitHub App", f"{app.slug} has no {lacking}.", do)
    return good("GitHub App", f"{app.slug} asks for all the rights that it needs.")


def _events(app: OwnApp, page: str) -> Finding:
    lacking = EVENTS - set(app.events)
    if not lacking:
        return good("events", "Its webhook tells all that Gitploy takes.")
    find = bad if lacking & NEEDED_EVENTS else doubtful
    said = f"Its webhook doesn't tell {', '.join(sorted(lacking))}."
    return find(
        "events", said, f"Tick them at {page}/permissions, Subscribe to events."
    )


def _covered(name: str, app: OwnApp, found: Installation | NotCovered) -> Finding:
    if isinstance(found, NotCovered):
        return bad("installation", found.message, "")
    asked = {key: RIGHTS[key] for key in RIGHTS.keys() & app.permissions.keys()}
    if lacking := missing(found.permissions, asked):
        do = f"Accept it at {found.html_url}."
        return doubtful("installation", f"It was not granted {lacking}.", do)
    return good("installation", f"{name} is covered.")


def _secret(hook: HookConfig, page: str) -> Finding:
    if hook.secret:
        return good("secret", "There is one; GitHub doesn't tell which.")
    do = f"Type GITPLOY_WEBHOOK_SECRET as Webhook secret at {page}."
    return bad("secret", "The App's webhook has none.", do)
