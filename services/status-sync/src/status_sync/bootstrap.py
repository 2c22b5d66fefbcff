"""Puts status-sync together. Tests call it with fakes."""

from functools import partial

import aiohttp

from shared.contracts import STATUS_SYNC
from shared.messaging import Bus, bind
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
        github = GitHubStatuses(settings.github_client(session, clock), clock)
        closing.append(session.close)
    application = StatusSync(store, github)
    return Service(
        name=STATUS_SYNC,
        store=store,
        bus=bus,
        records_alone=True,
        subscription=bind(application, HANDLERS),
        routes=routes(application, settings.webhook_secret.get_secret_value()),
        tasks=[partial(application.sweep_every, settings.sweep_interval_s)],
        closing=closing,
    )
