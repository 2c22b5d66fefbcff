"""What a service is, and how it lives: start, relay, serve, stop.

Every `bootstrap.build()` returns a `Service`. `shared.process.run` gives one a process
of its own; the standalone composes several of them in one.
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
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.github.settings import GitHubSettings as GitHubSettings
from shared.github.settings import HttpAddress as HttpAddress
from shared.github.settings import count_call as count_call
from shared.messaging import Bus, Hearing, Relay, Subscription, UnableError
from shared.store import Store
from shared.web import Dependency, bound_addresses, health, problem_middleware

#: A webhook's own limit; routes that take less say so.
MAX_BODY = 25 * 1024 * 1024
BAD_SETTING = 2
RESTART_PAUSE_S = 1.0
#: How long a database that was away may take to answer.
ABLE_WITHIN_S = 5.0
#: How long what was concluded last may take to be published at the stop.
LAST_WORDS_S = 5.0

Loop = Callable[[], Coroutine[Any, Any, None]]
Dress = Callable[[web.Request, web.StreamResponse], Coroutine[Any, Any, None]]

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

    @field_validator("amqp_url")
    @classmethod
    def _names_a_broker(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        outside = parts.scheme in ("amqp", "amqps") and parts.hostname
        if not outside and parts.scheme != "memory":
            raise ValueError("it must be like amqp://user:password@host/")
        return url

    @field_validator("http_port")
    @classmethod
    def _is_a_port(cls, port: int) -> int:
        if not 0 <= port < 2**16:
            raise ValueError("it must be a port's number: 0 to 65535")
        return port


@dataclass(frozen=True, kw_only=True)
class Service:
    """The parts of a service, put together."""

    name: str
    store: Store
    bus: Bus
    subscription: Subscription
    #: The questions that it answers and the hints that it hears.
    hearing: Hearing = field(default_factory=dict)
    routes: Sequence[web.AbstractRouteDef] = ()
    middlewares: Sequence[Middleware] = ()
    #: What is added to every answer of the process.
    dressing: Sequence[Dress] = ()
    #: What has to be there before anything runs, like tables.
    preparing: Sequence[Callable[[], Awaitable[object]]] = ()
    #: Loops that run while the service is up.
    tasks: Sequence[Loop] = ()
    #: Whether what people and GitHub send is recorded while the broker is away.
    records_alone: bool = False
    #: Sends away, at the stop's beginning, clients that would stay for ever.
    parting: Sequence[Callable[[], None]] = ()
    #: What is closed after everything else.
    closing: Sequence[Callable[[], Awaitable[None]]] = ()

    def app(self) -> web.Application:
        """The HTTP side; while it is up, the service takes messages and relays."""
        return app_of(self)

    @contextlib.asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Take messages, relay and run the loops until the end of the block."""
        for prepare in self.preparing:
            await prepare()
        relay = Relay(self.store, self.bus)
        relaying = self._start("relay", relay.run)
        loops = [self._start(getattr(t, "__qualname__", "task"), t) for t in self.tasks]
        loops.append(self._start("consumer", self._consume))
        if self.hearing:
            loops.append(self._start("answerer", self._answer))
        try:
            yield
        finally:
            # First take no more, then say what was concluded, then let go.
            for loop in reversed(loops):
                await _end(loop)
            relay.finish()
            # What isn't said by then is said after the next start.
            await asyncio.wait([relaying], timeout=LAST_WORDS_S)
            await _end(relaying)
            for close in self.closing:
                await close()

    def _start(self, name: str, loop: Loop) -> "asyncio.Task[None]":
        running = self._keep_running(name, loop)
        return asyncio.create_task(running, name=f"{self.name}-{name}")

    async def _consume(self) -> None:
        """Take messages, but none while the database is away: they wait at the bus."""
        while True:
            try:
                return await self.bus.consume(
                    self.name, self.subscription, self.store.ready
                )
            except UnableError as error:
                log.warning("consumer_paused", service=self.name, reason=str(error))
            while not await self._able():  # noqa: ASYNC110 - another machine answers
                await asyncio.sleep(RESTART_PAUSE_S)
            log.info("consumer_resumed", service=self.name)

    async def _able(self) -> bool:
        try:
            async with asyncio.timeout(ABLE_WITHIN_S):
                await self.store.ready()
        except Exception:  # noqa: BLE001 - why was said when it paused
            return False
        return True

    async def _answer(self) -> None:
        await self.bus.answer(self.name, self.hearing)

    async def _keep_running(self, name: str, loop: Loop) -> None:
        """A loop that fails is started again: a lost database comes back."""
        while True:
            try:
                return await loop()
            except Exception:
                log.exception("loop_failed", service=self.name, loop=name)
            await asyncio.sleep(RESTART_PAUSE_S)

    @property
    def dependencies(self) -> Mapping[str, Dependency]:
        """What `/readyz` asks."""
        return {
            "database": Dependency(self.store.ready),
            "bus": Dependency(self.bus.ready, dispensable=self.records_alone),
        }


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def app_of(*services: Service) -> web.Application:
    """One HTTP side for a service, or for several that share a process."""
    app = web.Application(
        middlewares=[
            problem_middleware,
            bound_addresses,
            *(m for s in services for m in s.middlewares),
        ],
        client_max_size=MAX_BODY,
    )
    dependencies = {
        name if len(services) == 1 else f"{s.name} {name}": dependency
        for s in services
        for name, dependency in s.dependencies.items()
    }
    app.add_routes([*health(dependencies), *(r for s in services for r in s.routes)])

    async def living(_: web.Application) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for service in services:
                await stack.enter_async_context(service.living())
            yield

    async def part(_: web.Application) -> None:
        for send_away in (each for s in services for each in s.parting):
            send_away()

    app.cleanup_ctx.append(living)
    app.on_shutdown.append(part)
    for service in services:
        app.on_response_prepare.extend(service.dressing)
    return app


Settings = TypeVar("Settings", bound=BaseSettings)


def load(settings: type[Settings]) -> Settings:
    """Read settings from the environment; a bad one ends the process with one line."""
    try:
        return settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "GITPLOY_" + "_".join(map(str, first["loc"])).upper()
        missing = first["type"] == "missing"
        wrong = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # several settings together are wrong
            refuse_to_start(wrong)
        refuse_to_start(f"{name} is not set" if missing else f"{name}: {wrong}")


def refuse_to_start(reason: str, code: int = BAD_SETTING) -> NoReturn:
    """One line, and an exit code."""
    sys.stderr.write(reason + "\n")
    raise SystemExit(code)
