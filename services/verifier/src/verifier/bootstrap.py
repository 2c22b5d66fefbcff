"""Puts the verifier together. Tests call it with fakes."""

from collections.abc import Awaitable, Callable

from shared.contracts import VERIFIER
from shared.messaging import Bus, bind
from shared.service import Service
from shared.store import Clock, Store, utc_now

from .application import HANDLERS, LISTENERS, Verifier
from .github import GitHubReader
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
    store = Store.open(VERIFIER, settings.database_url.get_secret_value(), clock=clock)
    closing: list[Callable[[], Awaitable[None]]] = []
    if github is None:
        session = settings.github_session()
        github = GitHubReader(settings.github_client(session, clock))
        closing.append(session.close)
    verifier = Verifier(store, github, settings.verdict_holds, settings.first_check)
    return Service(
        name=VERIFIER,
        store=store,
        bus=bus,
        subscription=bind(verifier, HANDLERS),
        hearing=bind(verifier, LISTENERS),
        closing=closing,
    )
