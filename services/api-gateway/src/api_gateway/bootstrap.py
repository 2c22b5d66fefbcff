"""Puts the gateway together. Tests call it with fakes."""

from collections.abc import Sequence
from datetime import timedelta

import aiohttp

from shared.contracts import GATEWAY
from shared.github import GitHubClient, OAuthApp, People, Timeouts
from shared.messaging import Bus, bind
from shared.service import Service, count_call
from shared.store import Actions, Clock, Database, Store, Tables, utc_now

from .accounts import Followed, GitHubPeople, Keys, Membership, Records, Repeats
from .application import HANDLERS, Gateway
from .github import Askers, Cache, GitHubAccounts, GitHubBrowsing, GitHubRepositories
from .openapi import Assets, Published
from .ports import Browsing, GitHub, InNameOf
from .read_model import (
    Acts,
    Delivery,
    EnvironmentQueries,
    Feed,
    Finding,
    Follower,
    Past,
    Projection,
    Queries,
    Watcher,
    rebuild,
)
from .read_model import (
    Search as Finder,
)
from .routes.admission import Admission
from .routes.again import Again
from .routes.audit import Audit
from .routes.auth import Asking
from .routes.branches import Branches
from .routes.changes import Changes
from .routes.commits import Commits
from .routes.community import operations as community
from .routes.config import Config
from .routes.deployments import Deployments
from .routes.dora import Dora
from .routes.edge import Edge
from .routes.environments import Environments
from .routes.intake import Intake
from .routes.links import Links
from .routes.locks import Locks
from .routes.lookup import Lookup
from .routes.operating import Operating
from .routes.operation import Operation
from .routes.preflight import Preflight
from .routes.rate_limit import RateLimit
from .routes.remote_statuses import RemoteStatuses
from .routes.repeating import Repeating
from .routes.repositories import Repositories
from .routes.reviews import Reviews
from .routes.rules import RulesReader
from .routes.search import Search
from .routes.signin import SignIn
from .routes.strangers import Strangers
from .routes.stream import Stream
from .routes.tags import Tags
from .routes.tokens import Tokens
from .routes.user import Myself
from .routes.users import Users
from .routes.visible import VisibleRepositories
from .settings import Settings

#: A person waits for what a page shows; nobody waits for the other questions.
PATIENCE = Timeouts(connect=3, read=5)


def build(
    settings: Settings,
    *,
    bus: Bus,
    github: GitHub | None = None,
    browsing: Browsing | None = None,
    people: GitHubPeople | None = None,
    clock: Clock = utc_now,
) -> Service:
    """The service, over the real GitHub unless there is another."""
    store = _store(settings, clock)
    session, cache = settings.github_session(), Cache(clock)
    finding = Finding(store)
    people = people or _people(settings, session, clock)
    membership = _membership(settings, people, finding.followed, clock)
    own = settings.github_client(session, clock, timeouts=PATIENCE)
    github = github or GitHubRepositories(own, cache, clock)
    browsing = browsing or _browsing(
        settings, session, cache, clock, membership.in_name_of
    )
    gateway = Gateway(store, settings.limits, membership.accounts.end)
    queries = Queries(store, settings.github_web_url)
    feed = Feed(store, queries)
    projection = Projection(store, settings.limits)
    follower = Follower(store, projection, feed)
    directory = membership.accounts.directory
    lookup = Lookup(queries, directory, follower)
    intake = Intake(gateway, lookup)
    rules = RulesReader(github, clock)
    asking = Asking(settings, membership.accounts, Strangers(settings))
    admission = Admission(asking, lookup, membership, settings.public_url, bus.hint)
    visible = VisibleRepositories(queries, directory, lookup)
    edge = Edge(settings, asking)
    stream = Stream(feed, admission, settings, clock)
    repeats = Repeats(membership.accounts.records)
    operations: Sequence[Operation] = [
        *Deployments(gateway, queries, lookup, intake).operations(),
        *Reviews(gateway, lookup).operations(),
        *Again(gateway, finding, lookup, intake).operations(),
        *Operating(gateway, finding, lookup).operations(),
        *Repositories(
            gateway, queries, lookup, follower, github, visible, admission
        ).operations(),
        *Config(lookup, rules).operations(),
        *Locks(gateway, queries, lookup, follower, rules).operations(),
        *Preflight(bus, lookup).operations(),
        *RemoteStatuses(gateway, queries, lookup, follower).operations(),
        *Environments(
            gateway,
            EnvironmentQueries(queries),
            Past(gateway, queries),
            lookup,
            follower,
            rules,
        ).operations(),
        *Branches(browsing, lookup).operations(),
        *Tags(browsing, lookup).operations(),
        *Commits(browsing, lookup).operations(),
        *Changes(browsing, queries, lookup).operations(),
        *RateLimit(browsing).operations(),
        *Links(browsing, lookup, settings.github_web_url).operations(),
        *Search(Finder(queries), admission.readable, clock).operations(),
        *Dora(Delivery(queries), lookup, clock).operations(),
        *stream.operations(),
        *SignIn(settings, membership).operations(),
        *Myself(membership, admission).operations(),
        *Users(membership.accounts, lookup).operations(),
        *Tokens(membership.accounts, admission, clock).operations(),
        *Audit(membership.accounts, Acts(queries), Actions(store)).operations(),
        *community(),
    ]
    repeatable = Repeating(repeats).each(operations)
    published = Published(repeatable, Assets())
    every = timedelta(seconds=settings.deadlines_every_s)
    return Service(
        name=GATEWAY,
        store=store,
        bus=bus,
        records_alone=True,
        subscription=bind(gateway, HANDLERS),
        routes=[
            *(admission.route(e) for e in (*repeatable, *published.operations())),
            *published.routes(),
        ],
        middlewares=edge.middlewares,
        dressing=[edge.dress],
        preparing=[projection.prepare, membership.prepare],
        tasks=[
            follower.run,
            Watcher(gateway, queries, finding, every).run,
            *membership.tasks,
            repeats.run,
        ],
        parting=[stream.close],
        closing=[cache.close, membership.close, session.close],
    )


def _people(
    settings: Settings, session: aiohttp.ClientSession, clock: Clock
) -> GitHubPeople:
    """Whom people sign in with, and who says what they may do."""
    secret = settings.github_client_secret.get_secret_value()
    app = OAuthApp(
        session,
        settings.github_web_url,
        settings.github_client_id,
        secret,
        clock=clock,
        on_call=count_call,
    )
    seen = People(session, settings.github_api_url, clock=clock, on_call=count_call)
    own = settings.github_client(session, clock)
    return GitHubAccounts(app, seen, own, settings.github_scopes)


def _membership(
    settings: Settings, people: GitHubPeople, followed: Followed, clock: Clock
) -> Membership:
    url = settings.database_url.get_secret_value()
    tables = Tables(Database(GATEWAY, url), "accounts", durable=True)
    keys = [key.get_secret_value() for key in settings.encryption_keys]
    signing_in = (Keys(keys), people) if settings.signs_in else None
    records = Records(tables, clock)
    return Membership.open(records, settings.access, followed, signing_in)


def _browsing(
    settings: Settings,
    session: aiohttp.ClientSession,
    cache: Cache,
    clock: Clock,
    in_name_of: InNameOf,
) -> Browsing:
    """What pages show, asked with the tokens of those who look at them."""

    def connect(token: str | None = None) -> GitHubClient:
        return settings.github_client(session, clock, timeouts=PATIENCE, token=token)

    return GitHubBrowsing(cache, Askers(connect(), connect, in_name_of), clock)


async def rebuild_read_model(settings: Settings) -> int:
    """Make the rows again from the log; answers how far it went."""
    store = _store(settings, utc_now)
    try:
        return await rebuild(store, settings.limits)
    finally:
        store.close()


def _store(settings: Settings, clock: Clock) -> Store:
    return Store.open(GATEWAY, settings.database_url.get_secret_value(), clock=clock)
