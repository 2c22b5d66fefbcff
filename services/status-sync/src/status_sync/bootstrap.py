"""Puts status-sync together. Tests call it with fakes."""

from shared.contracts import STATUS_SYNC
from shared.messaging import Bus, bind
from shared.service import Service
from shared.store import Clock, Store, utc_now

from .application import HANDLERS, LISTENERS, StatusSync
from .github import GitHubReader
from .ports import GitHub
from .read_model import TurnsTable
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
        session = settings.github_session()
        github = GitHubReader(settings.github_client(session, clock), clock)
        closing.append(session.close)
    turns = TurnsTable(store)
    application = StatusSync(store, github, turns, bus.hint, settings.sync_limits)
    return Service(
        name=STATUS_SYNC,
        store=store,
        bus=bus,
        records_alone=True,
        subscription=bind(application, HANDLERS),
        hearing=bind(application, LISTENERS),
        routes=routes(application, settings.webhook_secret.get_secret_value()),
        preparing=[turns.prepare],
        tasks=[
            application.sweep_regularly,
            application.settle_regularly,
            application.look_when_touched,
            application.hint_when_changed,
        ],
        closing=closing,
    )
