"""Puts status-sync together. Tests call it with fakes."""

from functools import partial

import aiohttp

from shared.contracts import STATUS_SYNC
from shared.github import GitHubClient, TokenAuth
from shared.messaging import Bus, bind
from shared.observability import metrics
from shared.service import Service
from shared.store import Clock, Store, utc_now

from .application import HANDLERS, StatusSync
from .github import GitHubStatuses
from .ports import GitHub
from .routes import routes
from .settings import Settings


def build(
    settings: Settings,
    *,
    bus: Bus,
    github: GitHub | None = None,
    clock: Clock = utc_now,
) -> Service:
    """The service, over the real GitHub unless there is another."""
    store = Store.open(
        STATUS_SYNC, settings.database_url.get_secret_value(), clock=clock
    )
    closing = []
    if github is None:
        session = aiohttp.ClientSession()
        github = GitHubStatuses(_client(settings, session, clock), clock)
        closing.append(session.close)
    application = StatusSync(store, github)
    return Service(
        name=STATUS_SYNC,
        store=store,
        bus=bus,
        subscription=bind(application, HANDLERS),
        routes=routes(application, settings.webhook_secret.get_secret_value()),
        tasks=[partial(application.sweep_every, settings.sweep_interval_s)],
        closing=closing,
    )


def _client(
    settings: Settings, session: aiohttp.ClientSession, clock: Clock
) -> GitHubClient:
    return GitHubClient(
        session,
        settings.github_api_url,
        settings.github_graphql_url,
        TokenAuth(settings.github_token.get_secret_value()),
        clock=clock,
        on_call=_count,
    )


def _count(method: str, route: str, status: int, seconds: float) -> None:
    metrics.github_call_seconds.labels(method, route, status).observe(seconds)
