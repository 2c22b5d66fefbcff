"""Puts the dispatcher together. Tests call it with fakes."""

from collections.abc import Awaitable, Callable

import aiohttp

from shared.contracts import DISPATCHER
from shared.github import Timeouts
from shared.messaging import Bus, bind
from shared.service import Service
from shared.store import Clock, Store, utc_now

from .application import HANDLERS, Dispatcher
from .github import NEEDS, AppWriter, GitHubWriter, PacedWrites
from .ports import GitHub
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
        DISPATCHER, settings.database_url.get_secret_value(), clock=clock
    )
    closing: list[Callable[[], Awaitable[None]]] = []
    if github is None:
        session = settings.github_session()
        github = writer_of(settings, session, clock)
        closing.append(session.close)
    dispatcher = Dispatcher(store, github, settings.attempt_limits)
    return Service(
        name=DISPATCHER,
        store=store,
        bus=bus,
        subscription=bind(dispatcher, HANDLERS),
        closing=closing,
    )


def writer_of(
    settings: Settings, session: aiohttp.ClientSession, clock: Clock
) -> GitHub:
    pace = PacedWrites(
        settings.github_writes_per_minute, settings.github_writes_burst, clock
    )
    client = settings.github_client(
        session,
        clock,
        budget=pace,
        timeouts=Timeouts(write=settings.dispatch_post_s),
        needs=NEEDS,
    )
    writer = AppWriter if settings.is_app else GitHubWriter
    return writer(
        client,
        pace,
        hooks_url=str(settings.hooks_url),
        webhook_secret=settings.webhook_secret,
        public_url=settings.public_url,
        clock=clock,
    )
