"""What a service is, and how it lives: start, relay, serve, stop.

Every `bootstrap.build()` returns a `Service`. `run` gives one a process of its own;
the standalone composes several of them in one.
"""

import asyncio
import contextlib
import sys
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeVar

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.messaging import Bus, Relay, Subscription
from shared.store import Store
from shared.web import health, problem_middleware

#: A webhook's own limit; routes that take less say so.
MAX_BODY = 25 * 1024 * 1024
BAD_SETTING = 2
RESTART_PAUSE_S = 1.0

log = structlog.get_logger()


class ServiceSettings(BaseSettings):
    """What every service is told: environment variables that begin with GITPLOY_."""

    model_config = SettingsConfigDict(
        env_prefix="GITPLOY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    amqp_url: SecretStr
    database_url: SecretStr
    http_host: str = "127.0.0.1"
    http_port: int
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "console"] = "auto"


class GitHubSettings(BaseSettings):
    """Where GitHub is, and as whom to speak with it."""

    model_config = SettingsConfigDict(
        env_prefix="GITPLOY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    github_api_url: str = "https://api.github.com"
    github_graphql_url: str = "https://api.github.com/graphql"
    github_web_url: str = "https://github.com"
    github_token: SecretStr


@dataclass(frozen=True, kw_only=True)
class Service:
    """The parts of a service, put together."""

    name: str
    store: Store
    bus: Bus
    subscription: Subscription
    routes: Sequence[web.AbstractRouteDef] = ()
    middlewares: Sequence[Middleware] = ()
    #: Loops that run while the service is up.
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    #: What `/readyz` asks besides store and bus; raises with a sentence.
    checks: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    #: What is closed after everything else.
    closing: Sequence[Callable[[], Awaitable[None]]] = ()

    def app(self) -> web.Application:
        """The HTTP side; while it is up, the service takes messages and relays."""
        app = web.Application(
            middlewares=[problem_middleware, *self.middlewares],
            client_max_size=MAX_BODY,
        )
        app.add_routes([*health(self._checks()), *self.routes])
        app.cleanup_ctx.append(self._alive)
        return app

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Take messages, relay and run the loops until the end of the block."""
        loops = [
            ("consumer", self._consume),
            ("relay", Relay(self.store, self.bus).run),
            *((getattr(t, "__qualname__", "task"), t) for t in self.tasks),
        ]
        running = [
            asyncio.create_task(self._keep_running(n, loop), name=f"{self.name}-{n}")
            for n, loop in loops
        ]
        try:
            yield
        finally:
            # First take no more, then say what was concluded, then let go.
            for task in running:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            for close in self.closing:
                await close()

    async def _alive(self, _: web.Application) -> AsyncIterator[None]:
        async with self.living():
            yield

    async def _consume(self) -> None:
        await self.bus.consume(self.name, self.subscription)

    async def _keep_running(
        self, name: str, loop: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """A loop that fails is started again: a lost database comes back."""
        while True:
            try:
                await loop()
            except Exception:
                log.exception("loop_failed", service=self.name, loop=name)
            await asyncio.sleep(RESTART_PAUSE_S)

    def _checks(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {"database": self.store.ready, "bus": self.bus.ready, **self.checks}


Settings = TypeVar("Settings", bound=BaseSettings)


def load(settings: type[Settings]) -> Settings:
    """Read settings from the environment; a bad one ends the process with one line."""
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "GITPLOY_" + "_".join(map(str, first["loc"])).upper()
        missing = first["type"] == "missing"
        said = "is not set" if missing else f"is wrong: {first['msg']}"
        refuse_to_start(f"{name} {said}")


def refuse_to_start(reason: str) -> NoReturn:
    """One line, and the exit code of a bad setting."""
    sys.stderr.write(reason + "\n")
    raise SystemExit(BAD_SETTING)
