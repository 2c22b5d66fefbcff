"""What a system that runs here is asked at its start."""

import asyncio
from typing import Final

import aiohttp

from gitploy.client import Client
from gitploy.failing import CommandError
from gitploy.paths import of_repository

ACTIVE_WITHIN_S: Final = 60
READY_WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 0.02


async def activate(client: Client, repository: str) -> None:
    """Have the repository followed, and wait for it.

    Raises:
        CommandError: It is not, and why.
    """
    path = of_repository(repository)
    known = await client.patch(path, {"active": True}, wait_s=ACTIVE_WITHIN_S)
    if not known["active"]:
        raise CommandError(
            f"{repository} is not active yet: nothing was answered in time. "
            "`gitploy repo get` says what has become of it."
        )


async def lock_once(
    client: Client, repository: str, environment: str, reason: str
) -> None:
    """Lock an environment, unless it ever was."""
    path = of_repository(repository, "locks")
    if not await client.get(path, env=environment, history=True):
        await client.post(path, {"env": environment, "reason": reason})


async def is_ready(url: str, within_s: float = READY_WITHIN_S) -> None:
    """Wait until what is there says that it lacks nothing.

    Raises:
        CommandError: It still lacked something at the end of the wait.
    """
    missing = "nobody answers"
    try:
        async with asyncio.timeout(within_s), aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{url}/readyz") as answer:
                        if answer.status == 200:
                            return
                        missing = await answer.text()
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError as error:
        raise CommandError(f"{url} is not ready: {missing}") from error
