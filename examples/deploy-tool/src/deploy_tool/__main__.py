"""`python -m deploy_tool`: runs until a signal, or until the parent's pipe closes.

A parent that starts the tool with a pipe as its standard input needs to do nothing
more: the kernel closes the pipe when the parent ends, however it ended.
"""

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress

import aiohttp
from aiohttp import web

from deploy_tool.app import Routes
from deploy_tool.github import GitHub, GitHubError
from deploy_tool.history import History
from deploy_tool.options import Options, parse
from deploy_tool.tool import Tool


async def run(options: Options) -> None:
    """Serve, take up what isn't finished, and run until this task is cancelled."""
    await end_with_process()
    options.directory.mkdir(parents=True, exist_ok=True)
    repository = f"{options.github_url}/repos/{options.repository}"
    with closing(History(options.directory / "deploy-tool.sqlite")) as history:
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
            github = GitHub(session, repository, options.token)
            tool = Tool(
                history,
                github,
                log_url=lambda number: f"{options.public_url}/logs/{number}",
                failing_environments=options.failing_environments,
                step_s=options.step_s,
            )
            routes = Routes(tool, options.secret, tasks)
            async with served(routes, options):
                hook = f"{options.public_url}/webhook"
                await github.ensure_hook(hook, options.secret)
                for deployment in history.unfinished():
                    routes.begin(deployment)
                print(f"deploy-tool ready on {options.public_url}", flush=True)  # noqa: T201
                await asyncio.Event().wait()


@asynccontextmanager
async def served(routes: Routes, options: Options) -> AsyncIterator[None]:
    runner = web.AppRunner(routes.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port).start()
        yield
    finally:
        await runner.cleanup()


async def end_with_process() -> None:
    """Cancel the running task at a signal and when the parent's pipe closes."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101 - for the type checker
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        await loop.connect_read_pipe(lambda: Parent(task.cancel), sys.stdin)


class Parent(asyncio.Protocol):
    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._end()


def main() -> None:
    options = parse(sys.argv[1:], os.environ)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    reasons: list[Exception] = []
    try:
        with suppress(asyncio.CancelledError):
            asyncio.run(run(options))
    except* (GitHubError, OSError) as errors:
        reasons.extend(errors.exceptions)
    if reasons:
        sys.exit(f"deploy-tool: {reasons[0]}")


if __name__ == "__main__":
    main()
