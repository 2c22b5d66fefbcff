"""The gateway's API: a request, and its answer or one sentence why there is none.

Whatever makes something carries a key, so a connection that is lost before the answer
is tried once more without doing it twice.
"""

import json
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import aiohttp

from gitploy.failing import UNREACHED, WRONG, CommandError
from gitploy.refusals import refusal
from shared.connections import proxy_of, why

#: Somebody who asks waits for the answer.
ANSWERS_WITHIN_S: Final = 30.0
MISSING: Final = object()
#: As many as the API gives at once.
PAGE: Final = 100
#: The longest line of the stream: a deployment with all its checks.
MAX_LINE: Final = 4 * 1024 * 1024
#: An answer may have been lost, or none was ever given.
LOST: Final = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


@dataclass(frozen=True)
class Reply:
    """A document, and what asks for the one after it, if a list goes on."""

    document: Any
    following: Mapping[str, str] | None = None


class Client:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def get(self, path: str, *, or_else: Any = MISSING, **query: Any) -> Any:
        """What is there; `or_else` where nothing is.

        Raises:
            CommandError: There is nothing, or no answer.
        """
        return (await self._reply("GET", path, query=query, or_else=or_else)).document

    async def page(self, path: str, **query: Any) -> tuple[list[Any], bool]:
        """A page of a list, and whether there is another one."""
        reply = await self._reply("GET", path, query=query)
        return reply.document, reply.following is not None

    async def all(self, path: str, **query: Any) -> list[Any]:
        """Every page of a list: each says where the next one begins."""
        found: list[Any] = []
        wanted: Mapping[str, Any] | None = {**query, "per_page": PAGE}
        while wanted is not None:
            reply = await self._reply("GET", path, query=wanted)
            found += reply.document
            wanted = reply.following
        return found

    async def post(
        self, path: str, body: Any = None, *, wait_s: int | None = None, **query: Any
    ) -> Any:
        """Make something, once."""
        headers = {"Idempotency-Key": str(uuid4())}
        reply = await self._reply(
            "POST", path, body or {}, query=query, headers=headers, wait_s=wait_s
        )
        return reply.document

    async def put(self, path: str, body: Any, *, wait_s: int | None = None) -> Any:
        return (await self._reply("PUT", path, body, wait_s=wait_s)).document

    async def patch(self, path: str, body: Any, *, wait_s: int | None = None) -> Any:
        return (await self._reply("PATCH", path, body, wait_s=wait_s)).document

    async def delete(self, path: str, *, wait_s: int | None = None) -> Any:
        return (await self._reply("DELETE", path, wait_s=wait_s)).document

    async def _reply(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        wait_s: int | None = None,
        or_else: Any = MISSING,
    ) -> Reply:
        prefer = {} if wait_s is None else {"Prefer": f"wait={wait_s}"}
        request = {
            "method": method,
            "url": f"{self.url}/api/v1{path}",
            "json": body,
            "params": _told(query or {}),
            "headers": {**(headers or {}), **prefer},
            "timeout": aiohttp.ClientTimeout(total=ANSWERS_WITHIN_S + (wait_s or 0)),
            # A redirection would turn a POST into a GET, and take the token elsewhere.
            "allow_redirects": False,
        }
        again = method in {"GET", "POST"}
        status, reply, after = await self._sent(request, again=again)
        if 200 <= status < 300:
            return reply
        if status == 404 and or_else is not MISSING:
            return Reply(or_else)
        raise refusal(f"{self.url}/api/v1{path}", status, reply.document, after)

    async def _sent(
        self, request: dict[str, Any], *, again: bool
    ) -> tuple[int, Reply, str]:
        """Status, document, and what the headers say of an error."""
        try:
            async with self.session.request(**request) as answer:
                headers = answer.headers
                after = headers.get("Retry-After") or headers.get("Location") or ""
                following = _following(answer)
                status, body = answer.status, await answer.read()
        except LOST as error:
            if again and not isinstance(error, aiohttp.ClientSSLError):
                return await self._sent(request, again=False)
            raise unreached(self.url, error) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unreached(self.url, error) from error
        try:
            told = json.loads(body) if body.strip() else None
        except ValueError as error:
            raise unreadable(self.url, f"HTTP {status}") from error
        return status, Reply(told, following), after


@asynccontextmanager
async def reached(url: str, token: str) -> AsyncIterator[Client]:
    """The gateway at this address, through the proxy that the environment names."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise CommandError("The token has characters that no token has.", WRONG)
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "gitploy"}
    # Made anew, it trusts whom SSL_CERT_FILE names.
    trust = ssl.create_default_context() if url.startswith("https:") else True
    async with aiohttp.ClientSession(
        headers=headers,
        read_bufsize=MAX_LINE,
        proxy=proxy_of(url),
        connector=aiohttp.TCPConnector(ssl=trust),
    ) as session:
        yield Client(session, url)


def unreached(url: str, error: Exception) -> CommandError:
    """Nobody answers there, and why."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        file = os.environ.get("SSL_CERT_FILE")
        trusted = f"{file} doesn't vouch for it" if file else "it isn't trusted"
        what = f"{url}: its certificate can't be checked, {trusted}"
        return CommandError(
            f"{what}. Name the authority's file in SSL_CERT_FILE.", UNREACHED
        )
    return CommandError(
        f"{url} gives no answer ({why(error)}). Is it the gateway, and does it run?",
        UNREACHED,
    )


def unreadable(url: str, what: str) -> CommandError:
    """Somebody else answers there."""
    return CommandError(
        f"{url} gives no answer that can be read ({what}). Is it the gateway?",
        UNREACHED,
    )


def _following(answer: aiohttp.ClientResponse) -> Mapping[str, str] | None:
    """What asks for the next page: no address, for our token stays at this one."""
    link = answer.links.get("next")
    return dict(parse_qsl(urlsplit(str(link["url"])).query)) if link else None


def _told(query: Mapping[str, Any]) -> dict[str, str]:
    """Without what was not given."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value not in (None, "", False)
    }
