"""The live events: server-sent events, resumed by their ids."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

import orjson
from aiohttp import web

from api_gateway.read_model import Feed, Update
from shared.web import ApiError

from .admission import Admission
from .listening import Listener
from .operation import Need, Operation, Option
from .reading import last_event_id_of

#: A client that takes no bytes for so long is gone, or as good as gone.
STUCK_S = 30.0
PING = b"event: ping\ndata: {}\n\n"


class Stream:
    def __init__(self, feed: Feed, admission: Admission) -> None:
        self._feed = feed
        self._admission = admission

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Live events: all that happens, until the client leaves or can't keep up.

        `deployment`, `deployment_status`, `review`, `lock` and `hold` carry what they
        are about, as other operations answer it, and its deployment or repository in
        `edges`; `ping` carries nothing. Each but `ping` has an `id`; with
        `Last-Event-ID` all that came after it is told first.
        """
        after = last_event_id_of(request)
        listener = Listener(request, self._admission)
        await listener.may_see([])
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )
        await response.prepare(request)
        try:
            async with aclosing(self._feed.follow(after)) as updates:
                async for some in updates:
                    told = b"".join(map(_frame, await listener.may_see(some)))
                    if told or not some:
                        async with asyncio.timeout(STUCK_S):
                            await response.write(told or PING)
        except TimeoutError:
            if request.transport:
                request.transport.abort()
        except ConnectionResetError:
            # The client has left.
            pass
        except ApiError:
            # They may listen no more; why is answered when they come again.
            pass
        return response

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/api/v1/stream/events",
                self.events,
                Need.USER,
                answers={200: str},
                options=[Option.RESUME],
                media="text/event-stream",
            )
        ]


def _frame(update: Update) -> bytes:
    head = f"id: {update.position}\nevent: {update.event}\ndata: ".encode()
    return head + orjson.dumps(update.document) + b"\n\n"
