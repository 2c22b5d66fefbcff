"""A process of its own for a service: what its three-line `__main__` calls.

What stops the start is said in one line: exit code 2 for a setting that is missing or
wrong, 1 for what the machine lacks, like a free port. A database or a broker that does
not answer stops nothing: `/readyz` names it until it does.

A signal stops the process in order: no new requests, no new messages, those in hand
finished, what they said published, then files and connections closed. With
`GITPLOY_STOP_ON_STDIN_EOF=1` the end of standard input is such a signal: a parent that
gives a pipe needs do no more, for the kernel closes it however the parent ends.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeVar

import structlog
from aiohttp import web

from shared.messaging import Bus, RabbitBus
from shared.observability import configure
from shared.service import Service, ServiceSettings, load, refuse_to_start
from shared.store import Database, DatabaseUnavailableError, DatabaseUrlError, Store
from shared.web import MAX_LINE, Dependency, health, server_log

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

FAILED: Final = 1
STOP_ON_STDIN_EOF: Final = "GITPLOY_STOP_ON_STDIN_EOF"
#: How long requests in hand may go on once it stops.
REQUESTS_S: Final = 5.0
#: A commit hands over between the loop and the store's threads a dozen times, and
#: Python's usual 5 ms for each would be most of what it takes under load.
THREADS_TURN_S: Final = 0.0005
#: How long the database may take to let go.
CLOSE_S: Final = 10.0
#: How often a database that doesn't answer is tried.
DATABASE_S: Final = 1.0

log = structlog.get_logger()
S = TypeVar("S", bound=ServiceSettings)
S_contra = TypeVar("S_contra", contravariant=True)


class Build(Protocol[S_contra]):
    """A service's `bootstrap.build`."""

    def __call__(self, settings: S_contra, /, *, bus: Bus) -> Service: ...


def run(build: Build[S], settings: type[S]) -> None:
    """Be a service until a signal; this is the whole process."""
    told = load(settings)
    configure(told.log_level, told.log_format)
    name = settings.__module__.partition(".")[0].replace("_", "-")
    complete(lambda: _live(build, told, name))


def complete(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run it to the end; what stops its start ends the process with one line."""
    sys.setswitchinterval(THREADS_TURN_S)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(main())
    except DatabaseUrlError as error:
        refuse_to_start(str(error))
    except OSError as error:
        refuse_to_start(str(error), FAILED)


async def _live(build: Build[S], told: S, name: str) -> None:
    stop = stop_asked()
    database = Database(name, told.database_url.get_secret_value())
    if not await _database_answers(database, told, stop):
        return
    bus = RabbitBus(told.amqp_url.get_secret_value(), name=name)
    service = build(told, bus=bus)
    try:
        async with listening(service.app(), told.http_host, told.http_port) as url:
            log.info("service_started", service=name, url=url)
            await stop.wait()
    finally:
        await bus.close()
        _close(service.store)
        log.info("service_stopped", service=name)


def _close(store: Store) -> None:
    """Close it; a database that is gone must not keep the process.

    What isn't committed by then was acknowledged to nobody.
    """
    closing = threading.Thread(target=store.close, daemon=True)
    closing.start()
    closing.join(CLOSE_S)
    if closing.is_alive():
        log.error("store_left_open", service=store.service)
        os._exit(FAILED)


async def _database_answers(
    database: Database, told: ServiceSettings, stop: asyncio.Event
) -> bool:
    """Wait for the database, and say meanwhile that it is what is missing."""
    try:
        await asyncio.to_thread(database.prepare)
    except DatabaseUnavailableError as error:
        log.warning("database_unavailable", reason=str(error))
    else:
        return True

    async def ask() -> None:
        await asyncio.to_thread(database.prepare)

    app = web.Application()
    app.add_routes(health({"database": Dependency(ask)}))
    async with listening(app, told.http_host, told.http_port):
        while not stop.is_set():
            try:
                await ask()
            except DatabaseUnavailableError:
                await _either(stop, DATABASE_S)
            else:
                return True
    return False


async def _either(event: asyncio.Event, seconds: float) -> None:
    await asyncio.wait([asyncio.ensure_future(event.wait())], timeout=seconds)


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve the application to the end of the block; gives its address.

    Raises:
        OSError: Nobody can listen there; the text names the place.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=server_log(),
        shutdown_timeout=REQUESTS_S,
        max_line_size=MAX_LINE,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise OSError(f"can't listen on {host}:{port}: {reason}") from error
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def stop_asked() -> asyncio.Event:
    """Is set by SIGTERM, by SIGINT, and by the parent's end where that is wanted."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if os.environ.get(STOP_ON_STDIN_EOF) == "1":
        loop.add_reader(0, _read_stdin, stop)
    return stop


def _read_stdin(stop: asyncio.Event) -> None:
    if not os.read(0, 4096):
        asyncio.get_running_loop().remove_reader(0)
        stop.set()
