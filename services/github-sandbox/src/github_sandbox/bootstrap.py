"""Puts the parts together: the one place that knows them all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from github_sandbox import installation, pushes
from github_sandbox.clock import now
from github_sandbox.control import Control
from github_sandbox.deliveries import Courier
from github_sandbox.edge import Edge
from github_sandbox.errors import not_found
from github_sandbox.faults import Faults
from github_sandbox.git import Git
from github_sandbox.graph import answer as graphql
from github_sandbox.journal import Journal
from github_sandbox.people import People
from github_sandbox.records import Hook
from github_sandbox.routes import ROUTES, SIGN_IN
from github_sandbox.sandbox import Answer, Call, Sandbox
from github_sandbox.settings import Settings
from github_sandbox.store import Store

_MOST_BYTES = 25 * 1024 * 1024

SANDBOX = web.AppKey("sandbox", Sandbox)


def build(settings: Settings) -> web.Application:
    """The sandbox as an application that the caller serves; it owns its files."""
    store, faults, journal = (
        Store(settings.data / "sandbox.sqlite"),
        Faults(),
        Journal(),
    )
    sandbox = Sandbox(
        settings=settings,
        store=store,
        git=Git(settings.repository),
        faults=faults,
        journal=journal,
        courier=Courier(store, faults, journal, settings.id),
        people=People(settings, store),
    )
    app = web.Application(client_max_size=_MOST_BYTES)
    app[SANDBOX] = sandbox
    app.add_routes(Control(sandbox).routes())
    edge = Edge(sandbox)
    for method, path, handler, admit in [*SIGN_IN, *ROUTES]:
        app.router.add_route(method, path, edge.serve(handler, admit))
    app.router.add_route("POST", "/graphql", edge.serve(graphql))
    app.router.add_route("*", "/{path:.*}", edge.serve(_unknown))
    app.cleanup_ctx.append(_running)
    return app


def _hear_as_app(sandbox: Sandbox) -> None:
    """The App has its hook from its settings; its number is the App's."""
    app, hooks, at = sandbox.settings.app, sandbox.store.hooks, now()
    if app and app.hook_url:
        hooks.put(
            Hook(
                id=app.id,
                url=app.hook_url,
                content_type="json",
                secret=app.hook_secret,
                insecure_ssl="0",
                events=list(app.events),
                active=True,
                created_at=at,
                updated_at=at,
                of_app=True,
            )
        )


async def _unknown(_: Call) -> Answer:
    raise not_found()


async def _running(app: web.Application) -> AsyncIterator[None]:
    sandbox = app[SANDBOX]
    await sandbox.courier.start()
    await pushes.look(sandbox)
    # Only now, so that nobody is told of what was there at the very first start.
    _hear_as_app(sandbox)
    installation.make(sandbox)
    watching = asyncio.create_task(pushes.watch(sandbox))
    yield
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    await sandbox.courier.stop()
    await sandbox.store.close()
    sandbox.git.close()
