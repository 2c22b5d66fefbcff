"""Serves until it is told to stop, or until its parent is gone.

Started with a pipe as its standard input, it stops when that closes: so it ends with
its parent, also after `kill -9`. Its only words on standard output are the ready line.
"""

import asyncio
import os
import signal
import stat
import sys

import uvloop
from aiohttp import web

from github_sandbox.bootstrap import build
from github_sandbox.settings import SettingError, Settings, read

_GIL_S = 0.0005
"""Threads commit and ask git; waiting the usual 5 ms for them would show."""


async def serve(settings: Settings) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    _stop_with_parent(stop)
    runner = web.AppRunner(build(settings), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await _listen(runner, settings)
        port = runner.addresses[0][1]
        print(f"github-sandbox ready at http://{settings.host}:{port}", flush=True)  # noqa: T201
        await stop.wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        sys.exit(f"github-sandbox can't listen on {where}: {error.strerror}")


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)


def _stop_with_parent(stop: asyncio.Event) -> None:
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    # asyncio gives its children a socket where others give a pipe.
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        asyncio.get_running_loop().add_reader(0, _read_stdin, stop)


def _read_stdin(stop: asyncio.Event) -> None:
    if not os.read(0, 4096):
        asyncio.get_running_loop().remove_reader(0)
        stop.set()


def main() -> None:
    sys.setswitchinterval(_GIL_S)
    try:
        settings = read(sys.argv[1:])
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
