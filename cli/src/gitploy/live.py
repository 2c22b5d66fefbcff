"""Live events of the gateway, without loss also when the connection is lost."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

import aiohttp

from gitploy.client import Client, unreached
from gitploy.failing import UNREACHED
from gitploy.refusals import Refused, refusal

#: What comes first, when whatever happens from now on will be told.
OPEN: Final = "open"
#: The gateway has nothing to tell: a moment to look whether anything was missed.
PING: Final = "ping"
#: It can't be reached just now, and is tried again; PING when it is back.
AWAY: Final = "away"
#: Events were missed that are not told again; the document says why.
RELOAD: Final = "reload"
#: The gateway says something at least every 30 seconds.
SILENT_S: Final = 90.0
AGAIN_S: Final = 0.2
AGAIN_AT_MOST_S: Final = 5.0
TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=SILENT_S)

Event = tuple[str, dict[str, Any]]


async def events(client: Client) -> AsyncGenerator[Event]:
    """Events by name; after a lost connection those that came meanwhile, too.

    Raises:
        CommandError: There was no first connection, or we may not listen (any more).
    """
    last: dict[str, str] = {}
    opened, away, pause = False, False, AGAIN_S
    while True:
        try:
            async for heard in _blocks(client, last):
                pause = AGAIN_S
                if not opened:
                    opened = True
                    yield OPEN, {}
                if away:
                    away = False
                    yield PING, {}
                if "id" in heard:
                    last = {"Last-Event-ID": heard["id"]}
                if "data" in heard:
                    yield heard["event"], json.loads(heard["data"])
        except (Refused, aiohttp.ClientError, TimeoutError) as error:
            _bear(error, client.url, opened=opened)
        if pause > AGAIN_S and not away:
            away = True
            yield AWAY, {}
        await asyncio.sleep(pause)
        pause = min(pause * 2, AGAIN_AT_MOST_S)


def _bear(error: Exception, url: str, *, opened: bool) -> None:
    """Go on after trouble that may pass, if there was a connection once.

    Raises:
        CommandError: There was none, or it will not pass.
    """
    if isinstance(error, Refused):
        if not opened or error.code != UNREACHED:
            raise error
    elif not opened:
        raise unreached(url, error) from error


async def _blocks(
    client: Client, last: dict[str, str]
) -> AsyncIterator[dict[str, str]]:
    """The fields of what is told; at first none, when the stream is open."""
    url = f"{client.url}/api/v1/stream/events"
    request = client.session.get(
        url, headers=last, timeout=TIMEOUT, allow_redirects=False
    )
    async with request as answer:
        if answer.status != 200:
            raise refusal(url, answer.status, await _document(answer), "")
        heard: dict[str, str] = {}
        yield heard
        async for line in answer.content:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field:
                heard[field] = value
            else:
                yield heard
                heard = {}


async def _document(answer: aiohttp.ClientResponse) -> Any:
    """What a refusal says; a proxy's may be no document."""
    try:
        return await answer.json(content_type=None)
    except ValueError:
        return None
