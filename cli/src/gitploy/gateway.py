"""What the command asks the gateway: to follow a repository, and for live events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from gitploy.failing import CommandError

ACTIVE_WITHIN_S: Final = 60
READY_WITHIN_S: Final = 60.0
#: The gateway says something at least every 30 seconds.
SILENT_S: Final = 90.0
AGAIN_S: Final = 0.2
LOOK_EVERY_S: Final = 0.02
#: Somebody who asks waits for the answer.
ANSWERS_WITHIN: Final = aiohttp.ClientTimeout(total=30)
MISSING: Final = object()
#: The longest line of the stream: a deployment with all its checks.
MAX_LINE: Final = 4 * 1024 * 1024


class Gateway:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def activate(self, repository: str) -> None:
        """Have the repository followed, and wait for it."""
        url = f"{self._url}/api/v1/repos/{repository}"
        wait = {"Prefer": f"wait={ACTIVE_WITHIN_S}"}
        request = self._session.patch(url, json={"active": True}, headers=wait)
        async with request as answer:
            body = await answer.json()
        if answer.status != 200:
            reason = body.get("message") or "nothing was answered in time"
            raise CommandError(f"{repository} can't be activated: {reason}.")

    async def get(self, path: str, *, or_else: Any = MISSING) -> Any:
        """What is there; `or_else` where nothing is.

        Raises:
            CommandError: There is nothing, or no answer.
        """
        url = f"{self._url}/api/v1{path}"
        try:
            async with self._session.get(url, timeout=ANSWERS_WITHIN) as answer:
                body = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            what = f"{self._url} gives no answer that can be read: {error}"
            raise CommandError(
                f"{what}. Is it the gateway, and does it run?"
            ) from error
        if answer.status == 404 and or_else is not MISSING:
            return or_else
        if answer.status != 200:
            raise CommandError(f"{url}: {body.get('message') or answer.reason}")
        return body

    async def lock_once(
        self, repository: str, environment: str, reason: str, token: str
    ) -> None:
        """Lock an environment as whoever has the token, unless it ever was."""
        url = f"{self._url}/api/v1/repos/{repository}/locks"
        ever = {"env": environment, "history": "true"}
        async with self._session.get(url, params=ever) as answer:
            if answer.status == 200 and await answer.json():
                return
        body = {"env": environment, "reason": reason}
        bearer = {"Authorization": f"Bearer {token}"}
        async with self._session.post(url, json=body, headers=bearer) as answer:
            if answer.status not in {201, 202}:
                told = (await answer.json()).get("message")
                raise CommandError(f"{environment} can't be locked: {told}")

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Live events by name, without loss also when the gateway is started again."""
        last: dict[str, str] = {}
        heard: dict[str, str] = {}
        while True:
            try:
                async for field, value in self._lines(last):
                    heard[field] = value
                    if field == "data":
                        last = {"Last-Event-ID": heard["id"]} if "id" in heard else last
                        yield heard["event"], json.loads(value)
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _lines(self, last: dict[str, str]) -> AsyncIterator[tuple[str, str]]:
        url = f"{self._url}/api/v1/stream/events"
        timeout = aiohttp.ClientTimeout(total=None, sock_read=SILENT_S)
        request = self._session.get(url, headers=last, timeout=timeout)
        async with request as answer:
            answer.raise_for_status()
            async for line in answer.content:
                field, _, value = line.decode().rstrip("\n").partition(": ")
                if field:
                    yield field, value


@asynccontextmanager
async def reached(url: str, token: str) -> AsyncIterator[Gateway]:
    """The gateway at this address."""
    bearer = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=bearer, read_bufsize=MAX_LINE) as session:
        yield Gateway(session, url)


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
