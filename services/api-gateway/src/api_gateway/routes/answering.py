"""How answers are written, and how long they may wait for an outcome.

A request is recorded first and answered by messages later. Whoever asked waits for the
rows to show the outcome, and after that gets what is known and where to look again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from aiohttp import web

from api_gateway.domain.refusal import Refusal
from api_gateway.read_model import Changes, Follower
from api_gateway.read_model.documents import Document
from shared.store import READ_WITHIN_S
from shared.web import ApiError

#: How long what was just recorded may take to show, for who does not wait longer.
SHOWS_WITHIN_S = 5.0
#: When what was not answered now may be.
AGAIN: Final = {"Retry-After": "5"}
BASE = "/api/v1/repos/{namespace:[A-Za-z0-9_.-]+}/{name:[A-Za-z0-9_.-]+}"

Read = Callable[[], Awaitable[Document | None]]


def answer(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A JSON answer."""
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def refused(refusal: Refusal) -> ApiError:
    """The answer to what can't be done."""
    statuses = {"entity_not_found": 404, "permission_required": 403}
    return ApiError(statuses.get(refusal.code, 422), refusal.code, refusal.message)


def too_long(narrowed_by: Sequence[str]) -> ApiError:
    """The answer where the database was not through with looking in time."""
    told = f"Looking this up was given up after {READ_WITHIN_S} s"
    if not narrowed_by:
        text = f"{told}: the database is slow now. Ask again."
        return ApiError(503, "internal_error", text, headers=AGAIN)
    names = ", ".join(f"`{name}`" for name in narrowed_by)
    return ApiError(
        422,
        "entity_unprocessable",
        f"{told}: too much had to be looked through. Ask for less by these, or by "
        f"fewer of them: {names}.",
    )


@dataclass(frozen=True)
class Wanted:
    """What a request waits for."""

    stream: UUID
    read: Callable[[], Awaitable[Document | None]]
    #: Whether the rows show the request itself yet.
    shows: Callable[[Document], bool]
    #: Whether they show what became of it.
    settled: Callable[[Document], bool]


async def outcome(follower: Follower, wanted: Wanted, wait_s: float) -> Document | None:
    """What the rows show once it is settled, or else at the end of the wait.

    None means that not even the request shows: the rows are far behind.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + wait_s
    with follower.watching(wanted.stream) as changes:
        within_s = max(wait_s, SHOWS_WITHIN_S)
        shown = await _until(changes, wanted.read, wanted.shows, within_s)
        if shown is None or wanted.settled(shown):
            return shown
        settled = await _until(changes, wanted.read, wanted.settled, end - clock())
        return settled or await wanted.read()


async def _until(
    changes: Changes, read: Read, holds: Callable[[Document], bool], wait_s: float
) -> Document | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            while not ((shown := await read()) and holds(shown)):
                await changes.next()
            return shown
    return None
