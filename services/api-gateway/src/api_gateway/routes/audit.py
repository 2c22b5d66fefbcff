"""The audit: who did what, from the log, from accounts and from operators' commands.

Each has its own order; here they are one, by time, the newest first.
"""

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from aiohttp import web

from api_gateway.accounts import AUDIT_EXPORTED, Accounts, Entry
from api_gateway.domain.acts import ActsWanted
from api_gateway.read_model import Acts
from api_gateway.read_model.documents import Document, rfc3339
from shared.store import Action, Actions, WantedActions

from . import answers
from .auth import person_of
from .operation import Need, Operation
from .paging import paged
from .people_bodies import AuditQuery
from .reading import invalid

AUDIT: Final = "/api/v1/audit"
NDJSON: Final = "application/x-ndjson"
#: Who wants to look further back says from when to when.
DEEPEST: Final = 10_000
AT_ONCE: Final = 500

Place = tuple[datetime, int]
Source = Callable[[ActsWanted, int, Place | None], Awaitable[Sequence[Document]]]


class Audit:
    def __init__(self, accounts: Accounts, acts: Acts, actions: Actions) -> None:
        self._accounts = accounts
        self._actions = actions
        self._sources: Sequence[Source] = (acts.newest, self._entries, self._operators)

    async def list(self, request: web.Request, query: AuditQuery) -> web.StreamResponse:
        """Who did what, the newest first.

        `page` times `per_page` is at most 10,000: `from` and `to` lead further. With
        `Accept: application/x-ndjson` all of it, a line each.
        """
        if NDJSON in request.headers.get("Accept", ""):
            return await self._export(request, query.wanted_acts)
        until = query.page * query.per_page
        if until > DEEPEST:
            text = f"page times per_page is at most {DEEPEST}: use from and to"
            raise invalid("page", text)
        wanted, enough = query.wanted_acts, until + 1
        found = [await each(wanted, enough, None) for each in self._sources]
        merged = list(heapq.merge(*found, key=_place, reverse=True))
        shown = [_shown(one) for one in merged[until - query.per_page : until]]
        return paged(request, query.wanted, shown, more=len(merged) > until)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                AUDIT,
                self.list,
                Need.SYSTEM_ADMIN,
                answers={200: list[answers.AuditEntry]},
                also=NDJSON,
            )
        ]

    async def _export(
        self, request: web.Request, wanted: ActsWanted
    ) -> web.StreamResponse:
        names = {"since": "from", "until": "to"}
        limits = {names.get(n, n): str(v) for n, v in vars(wanted).items() if v}
        await self._accounts.note(person_of(request), AUDIT_EXPORTED, **limits)
        response = web.StreamResponse(headers={"Content-Type": NDJSON})
        await response.prepare(request)
        streams = [_all(each, wanted) for each in self._sources]
        try:
            async for some in _in_turn(streams):
                lines = (orjson.dumps(one) + b"\n" for one in some)
                await response.write(b"".join(lines))
        except Exception:
            # Only an end that is missing tells that this is not all of it.
            if request.transport:
                request.transport.abort()
            raise
        return response

    async def _entries(
        self, wanted: ActsWanted, limit: int, before: Place | None
    ) -> Sequence[Document]:
        return [
            _of_account(entry)
            for entry in await self._accounts.audit(wanted, limit, before)
        ]

    async def _operators(
        self, wanted: ActsWanted, limit: int, before: Place | None
    ) -> Sequence[Document]:
        if wanted.repository:
            return []
        theirs = WantedActions(
            since=wanted.since,
            until=wanted.until,
            who=wanted.who,
            action=wanted.action,
        )
        found = await self._actions.newest(theirs, limit, before)
        return [_of_operator(nth, one) for nth, one in found]


async def _all(source: Source, wanted: ActsWanted) -> AsyncIterator[Document]:
    before: Place | None = None
    while some := await source(wanted, AT_ONCE, before):
        for one in some:
            yield one
        before = _place(some[-1])


async def _in_turn(
    streams: Sequence[AsyncIterator[Document]],
) -> AsyncIterator[Sequence[Document]]:
    """All of them in one order, some at a time."""
    heads = [(await anext(one, None), one) for one in streams]
    ready: list[Document] = []
    while left := [(head, one) for head, one in heads if head is not None]:
        newest, of = max(left, key=lambda pair: _place(pair[0]))
        ready.append(_shown(newest))
        heads = [
            (await anext(one, None) if one is of else head, one) for head, one in left
        ]
        if len(ready) >= AT_ONCE:
            yield ready
            ready = []
    yield ready


def _place(document: Document) -> Place:
    return document["at"], document["nth"]


def _shown(document: Document) -> Document:
    source, nth = document["source"], document["nth"]
    told = {k: v for k, v in document.items() if k != "nth"}
    return {"id": f"{source}-{nth}", **told, "at": rfc3339(document["at"])}


def _of_account(entry: Entry) -> Document:
    return {
        "source": "account",
        "nth": entry.id,
        "at": entry.at,
        "who": entry.who,
        "user_id": entry.user_id,
        "action": entry.action,
        "repository": entry.repository,
        "subject": entry.subject,
        "details": dict(entry.details),
    }


def _of_operator(nth: int, action: Action) -> Document:
    details: dict[str, Any] = {"reason": action.reason}
    return {
        "source": "operator",
        "nth": nth,
        "at": action.at,
        "who": action.who,
        "user_id": None,
        "action": action.action,
        "repository": "",
        "subject": action.subject,
        "details": details,
    }
