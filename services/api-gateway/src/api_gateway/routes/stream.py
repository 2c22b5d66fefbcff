"""The live events: server-sent events, resumed by their ids."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

from aiohttp import HttpVersion11, web

from api_gateway.read_model import Feed
from api_gateway.settings import Settings
from shared.store import Clock
from shared.web import ApiError

from .admission import Admission
from .connection import Connection
from .listening import Listening
from .operation import Need, Operation, Option
from .reading import last_event_id_of

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

HEADERS: Final = {
    "Content-Type": "text/event-stream",
    # A proxy that compressed, or waited for more, would keep events back.
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}
SOON: Final = {"Retry-After": "1"}
LATER: Final = {"Retry-After": "30"}


class Stream:
    """All clients of this replica.

    Args:
        feed: What there is to be told.
        admission: Who may read what.
        settings: How many there may be.
        clock: By which sessions and tokens end.
    """

    def __init__(
        self, feed: Feed, admission: Admission, settings: Settings, clock: Clock
    ) -> None:
        self._feed = feed
        self._admission = admission
        self._settings = settings
        self._clock = clock
        self._listening = feed.audience = Listening(admission, clock)
        self._clients: set[Connection] = set()
        self._closed = False

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Live events: all that happens, until the client leaves or can't keep up.

        `deployment`, `deployment_status`, `review`, `lock` and `hold` carry what they
        are about, as other operations answer it, and its deployment or repository in
        `edges`; `ping` carries nothing. With `Last-Event-ID` all that came after it is
        told first; if that can't be done, `reload` says why, and what is known is to be
        asked for again. A person may have so many open at once; more are 429.
        """
        last = last_event_id_of(request)
        client = Connection(
            request, self._feed, self._listening, self._admission, self._clock
        )
        with self._place(client):
            begun = await client.begin(last)
            response = web.StreamResponse(headers=HEADERS)
            writer = await response.prepare(request)
            await response.write(b"".join(begun))
            await client.run(
                # None is only given where the answer has ended already.
                cast("AbstractStreamWriter", writer),
                chunked=request.version >= HttpVersion11,
            )
        return response

    def close(self) -> None:
        """Let everybody go."""
        self._closed = True
        for client in tuple(self._clients):
            client.part()

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/api/v1/stream/events",
                self.events,
                Need.USER,
                answers={200: str},
                errors=["internal_error"],
                options=[Option.RESUME],
                media="text/event-stream",
            )
        ]

    @contextmanager
    def _place(self, client: Connection) -> Iterator[None]:
        if self._refusal(client):
            # Those that have left are noticed late.
            self._clients = {each for each in self._clients if not each.gone}
        if refusal := self._refusal(client):
            raise refusal
        self._clients.add(client)
        try:
            yield
        finally:
            self._clients.discard(client)

    def _refusal(self, client: Connection) -> ApiError | None:
        """Why it can't listen here now."""
        if self._closed:
            text = "This gateway is stopping: come again."
            return ApiError(503, "internal_error", text, headers=SOON)
        most = self._settings.streams_in_all
        if len(self._clients) >= most:
            text = (
                f"{most} streams of live events are open, as many as this gateway "
                "takes (GITPLOY_STREAMS_IN_ALL): try again later."
            )
            return ApiError(503, "internal_error", text, headers=LATER)
        who, most = client.user.person, self._settings.streams_per_person
        if sum(each.user.person == who for each in self._clients) >= most:
            text = (
                f"{who.login} has {most} streams of live events open, as many as one "
                "person may (GITPLOY_STREAMS_PER_PERSON): close one, and try again."
            )
            return ApiError(429, "rate_limited", text, headers=LATER)
        return None
