"""Puts the gateway together. Tests call it with fakes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
from aiohttp import web

from shared.contracts import GATEWAY
from shared.messaging import Bus, bind
from shared.service import Service
from shared.store import Clock, Store, utc_now

from .application import HANDLERS, Gateway
from .github import GitHubRepositories
from .ports import GitHub
from .read_model import (
    Delivery,
    EnvironmentQueries,
    Feed,
    Finding,
    Follower,
    Projection,
    Queries,
    Watcher,
    rebuild,
)
from .read_model import (
    Search as Finder,
)
from .routes.again import Again
from .routes.auth import admitting, bearer, users_of
from .routes.config import Config
from .routes.deployments import Deployments
from .routes.dora import Dora
from .routes.environments import Environments
from .routes.intake import Intake
from .routes.locks import Locks
from .routes.lookup import Lookup
from .routes.operating import Operating
from .routes.preflight import Preflight
from .routes.remote_statuses import RemoteStatuses
from .routes.repositories import Repositories
from .routes.reviews import Reviews
from .routes.rules import RulesReader
from .routes.search import Search
from .routes.stream import Stream
from .routes.users import operations as users
from .settings import Settings


def build(
    settings: Settings,
    *,
    bus: Bus,
    github: GitHub | None = None,
    clock: Clock = utc_now,
) -> Service:
    """The service, over the real GitHub unless there is another."""
    store = _store(settings, clock)
    closing: list[Callable[[], Awaitable[None]]] = []
    if github is None:
        session = aiohttp.ClientSession()
        github = GitHubRepositories(settings.github_client(session, clock))
        closing.append(session.close)
    gateway = Gateway(store, settings.limits)
    queries = Queries(store, settings.github_web_url)
    finding = Finding(store)
    feed = Feed(store, queries)
    projection = Projection(store, settings.limits)
    follower = Follower(store, projection, feed)
    lookup = Lookup(queries, follower)
    intake = Intake(gateway, lookup)
    rules = RulesReader(github)
    operations = [
        *Deployments(gateway, queries, lookup, intake).operations(),
        *Reviews(gateway, lookup).operations(),
        *Again(gateway, finding, lookup, intake).operations(),
        *Operating(gateway, finding, lookup).operations(),
        *Repositories(gateway, queries, follower, github).operations(),
        *Config(lookup, rules).operations(),
        *Locks(gateway, queries, lookup, follower, rules).operations(),
        *Preflight(bus, lookup).operations(),
        *RemoteStatuses(gateway, queries, lookup, follower).operations(),
        *Environments(
            gateway, EnvironmentQueries(queries), lookup, follower
        ).operations(),
        *Search(Finder(queries), everything, clock).operations(),
        *Dora(Delivery(queries), lookup, clock).operations(),
        *Stream(feed).operations(),
        *users(),
    ]
    every = timedelta(seconds=settings.deadlines_every_s)
    return Service(
        name=GATEWAY,
        store=store,
        bus=bus,
        records_alone=True,
        subscription=bind(gateway, HANDLERS),
        routes=[admitting(operation) for operation in operations],
        middlewares=[bearer(users_of(settings))],
        preparing=[projection.prepare],
        tasks=[follower.run, Watcher(gateway, queries, finding, every).run],
        parting=[feed.close],
        closing=closing,
    )


async def everything(_: web.Request) -> None:
    """Everybody may see every repository."""


async def rebuild_read_model(settings: Settings) -> int:
    """Make the rows again from the log; answers how far it went."""
    store = _store(settings, utc_now)
    try:
        return await rebuild(store, settings.limits)
    finally:
        store.close()


def _store(settings: Settings, clock: Clock) -> Store:
    return Store.open(GATEWAY, settings.database_url.get_secret_value(), clock=clock)
