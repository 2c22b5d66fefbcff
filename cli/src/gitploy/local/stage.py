"""What `demo` and `up` have in common: all that stands around Gitploy's services.

The sandbox stands in for GitHub over a git repository, the deployment tool acts, the
repository is made active, and whoever waits is told; then the deployments' steps are
shown until somebody stops it. The services in the middle are the caller's.
"""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

from gitploy.client import reached
from gitploy.live import events
from gitploy.local import people
from gitploy.local.children import Child, listens, living
from gitploy.local.gateway import activate, lock_once
from gitploy.local.kept import write_private
from gitploy.local.place import Place
from gitploy.local.repository import Chosen, choose
from gitploy.local.terminal import Terminal

GATEWAY: Final = "api-gateway"
STATUS_SYNC: Final = "status-sync"
SANDBOX: Final = "github-sandbox"
TOOL: Final = "deploy-tool"
OF_SANDBOX: Final = "GITPLOY_SANDBOX_"
#: What people sign in to at the sandbox.
CLIENT_ID: Final = "gitploy"
STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Options:
    data: Path
    port: int | None = None
    host: str = "127.0.0.1"
    repo: Path | None = None
    ready_file: Path | None = None
    deploy_tool: bool = True


@dataclass(frozen=True)
class Stage:
    place: Place
    chosen: Chosen
    #: Whoever runs here holds it.
    lock: int
    terminal: Terminal
    #: Where status-sync takes webhooks.
    hooks_url: str

    def settings(self) -> dict[str, str]:
        """What every service is told, as environment variables."""
        github = self.place.url(SANDBOX)
        return {
            "GITPLOY_HTTP_HOST": self.place.host,
            "GITPLOY_HOOKS_URL": self.hooks_url,
            "GITPLOY_WEBHOOK_SECRET": self.place.webhook_secret,
            "GITPLOY_API_TOKEN": self.place.secret("token"),
            "GITPLOY_API_TOKENS": people.as_setting(people.tokens(self.place)),
            "GITPLOY_GITHUB_API_URL": github,
            "GITPLOY_GITHUB_GRAPHQL_URL": f"{github}/graphql",
            "GITPLOY_GITHUB_WEB_URL": github,
            "GITPLOY_GITHUB_TOKEN": self.place.secret("github-token"),
            "GITPLOY_PUBLIC_URL": self.place.url(GATEWAY),
            "GITPLOY_GITHUB_CLIENT_ID": CLIENT_ID,
            "GITPLOY_GITHUB_CLIENT_SECRET": self.place.secret("client-secret"),
            "GITPLOY_ENCRYPTION_KEYS": self.place.encryption_key,
        }

    def child(
        self, name: str, *module: str, env: dict[str, str], hears: str | None
    ) -> Child:
        """A process of this system."""
        say = self.terminal.say
        return Child(name, list(module), env, self.place.dir, self.lock, say, hears)

    def sandbox(self) -> Child:
        gitploy, tool = self.place.secret("github-token"), self._tool_token
        env = {
            "GITPLOY_SANDBOX_REPOSITORY": str(self.chosen.path),
            "GITPLOY_SANDBOX_NAME": self.chosen.name,
            "GITPLOY_SANDBOX_DATA": str(self.place.dir / SANDBOX),
            "GITPLOY_SANDBOX_HOST": self.place.host,
            "GITPLOY_SANDBOX_PORT": str(self.place.port(SANDBOX)),
            "GITPLOY_SANDBOX_TOKENS": f"{gitploy}=gitploy,{tool}=deploy-tool",
            "GITPLOY_SANDBOX_OAUTH_CLIENT_ID": CLIENT_ID,
            "GITPLOY_SANDBOX_OAUTH_CLIENT_SECRET": self.place.secret("client-secret"),
            "GITPLOY_SANDBOX_OAUTH_CALLBACK_URL": f"{self.place.url(GATEWAY)}/signin",
        }
        return self.child(SANDBOX, "github_sandbox", env=env, hears=OF_SANDBOX)

    def tool(self) -> Child:
        arguments = {
            "--repository": self.chosen.name,
            "--github-url": self.place.url(SANDBOX),
            "--public-url": self.place.url(TOOL),
            "--host": self.place.host,
            "--port": str(self.place.port(TOOL)),
            "--directory": str(self.place.dir / TOOL),
        }
        told = [word for pair in arguments.items() for word in pair]
        secret = self.place.secret("deploy-tool-secret")
        env = {"DEPLOY_TOOL_TOKEN": self._tool_token, "DEPLOY_TOOL_SECRET": secret}
        return self.child(TOOL, "deploy_tool", *told, env=env, hears=None)

    def ready(self) -> dict[str, Any]:
        """How to reach everything, and as whom, for programs."""
        return {
            "gateway_url": self.place.url(GATEWAY),
            "hooks_url": self.hooks_url,
            "github_url": self.place.url(SANDBOX),
            "token": self.place.secret("token"),
            "github_token": self.place.secret("github-token"),
            "repository": self.chosen.name,
            "people": people.tokens(self.place),
        }

    @property
    def _tool_token(self) -> str:
        return self.place.secret("deploy-tool-token")


#: What must be there before the services act.
Surroundings = Callable[[], Awaitable[None]]
#: Runs the services; it brings in the surroundings while it makes itself ready.
Services = Callable[[Stage, Surroundings], AbstractAsyncContextManager[None]]


def perform(options: Options, hooks_at: str, services: Services) -> None:
    """Run a system until somebody stops it."""
    place = Place.make(options.data, options.host, options.port)
    with place.alone() as lock:
        chosen = choose(options.repo, place.dir)
        hooks_url = f"{place.url(hooks_at)}/hooks"
        stage = Stage(place, chosen, lock, Terminal(), hooks_url)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(stage, _perform(stage, options, services)))


async def _until_stopped(stage: Stage, performance: Coroutine[Any, Any, None]) -> None:
    performing = asyncio.ensure_future(performance)

    def stop() -> None:
        # A second Ctrl-C must not cut the stopping short.
        for number in STOPPING:
            loop.add_signal_handler(number, lambda: None)
        stage.terminal.say("Stopping.")
        performing.cancel()

    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await performing


async def _perform(stage: Stage, options: Options, services: Services) -> None:
    sandbox, tool = stage.sandbox(), stage.tool()
    async with AsyncExitStack() as stack:

        async def surroundings() -> None:
            # What the sandbox could not deliver before it was killed it delivers when
            # it starts; and then the services sweep up what did not arrive.
            if options.deploy_tool:
                await stack.enter_async_context(living(tool))
                port = stage.place.port(TOOL)
                await tool.unless_it_dies(listens(stage.place.host, port))
            await stack.enter_async_context(living(sandbox))
            await sandbox.unless_it_dies(sandbox.says(f"{SANDBOX} ready"))

        await stack.enter_async_context(services(stage, surroundings))
        url, token = stage.place.url(GATEWAY), stage.place.secret("token")
        client = await stack.enter_async_context(reached(url, token))
        await sandbox.unless_it_dies(activate(client, stage.chosen.name))
        if lock := stage.chosen.lock:
            name, admin = stage.chosen.name, people.tokens(stage.place)["admin"]
            async with reached(url, admin) as as_admin:
                await lock_once(as_admin, name, lock.environment, lock.reason)
        if options.deploy_tool:
            await tool.unless_it_dies(tool.says(f"{TOOL} ready"))
        stage.terminal.welcome(stage.chosen, stage.ready())
        if options.ready_file:
            write_private(options.ready_file, json.dumps(stage.ready()) + "\n")
        await stage.terminal.follow(events(client))
