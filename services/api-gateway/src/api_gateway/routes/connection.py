"""One client of the live events: from what it missed to what happens now.

It catches up page by page, as it takes them, and is one of the audience from where it
has arrived. If it then takes less than happens, it leaves the audience and catches up
again: nothing waits for it in memory but what the system's buffers hold.
"""

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from api_gateway.read_model import EventId, Feed, Lost, frame
from shared.store import Clock
from shared.web import ApiError

from .admission import Admission
from .auth import given, user_of
from .listening import Listening

#: A `ping` comes so often; then it is looked at whether they may listen still.
HEARTBEAT_S: Final = 30.0
#: A client that takes nothing for so long is gone, or as good as gone.
STUCK_S: Final = 30.0
#: When clients come again: not all at once, where a replica has sent them away.
AGAIN_MS: Final = (500, 5000)
#: More than this waits for a client that does not keep up; its catching up waits then.
BEHIND_BYTES: Final = 64 * 1024
#: What another replica has learned shows so late at most.
LOOK_EVERY_S: Final = 5.0
LOST: Final = {
    Lost.TOO_OLD: "More has happened since then than is told again.",
    Lost.UNKNOWN: "The log has no such event: it was restored, or is another's.",
}

log = structlog.get_logger()


class Connection:
    """A client, and where it is.

    Args:
        request: What it asked.
        feed: What there is to be told.
        listening: Those who are told what happens now.
        admission: What it may read.
        clock: By which its session or token ends.
    """

    def __init__(
        self,
        request: web.Request,
        feed: Feed,
        listening: Listening,
        admission: Admission,
        clock: Clock,
    ) -> None:
        self.secret, _ = given(request)
        self.user = user_of(request)
        self.position = 0
        self._request = request
        self._transport = request.transport
        self._feed = feed
        self._listening = listening
        self._admission = admission
        self._clock = clock
        self._newest = EventId(0)
        self._chunked = False
        self._ended = False
        self._woken = asyncio.Event()
        self._readable: Collection[int] | None = ()
        self._generation, self._looked_at = -1, 0.0

    @property
    def gone(self) -> bool:
        """Whether the client has left."""
        return self._transport is None or self._transport.is_closing()

    def end(self) -> None:
        """Tell it no more."""
        self._ended = True
        self._woken.set()

    def hear(self, frames: bytes, at: EventId) -> None:
        """Tell it what happens now, up to there."""
        self._send(frames)
        if at.position > self.position:
            self.position, self._newest = at.position, at
        if self._waiting() > BEHIND_BYTES or self.gone:
            self._listening.leave(self)
            self._woken.set()

    async def begin(self, last: EventId | None) -> Sequence[bytes]:
        """Find out where it begins; answers what it is told of that.

        Raises:
            ApiError: It may not listen, or nobody can tell.
        """
        await self._look()
        await self._feed.begun()
        lost = await self._feed.lost(last) if last else None
        start = last if last and not lost else await self._feed.newest()
        self.position, self._newest = start.position, start
        told = [f"retry: {again_ms()}\nid: {start}\n\n".encode()]
        if lost:
            why = {"reason": lost.value, "message": LOST[lost]}
            told.append(frame("reload", why, start))
        return told

    async def run(self, writer: AbstractStreamWriter, *, chunked: bool) -> None:
        """Tell it everything, until it leaves, may listen no more, or is stuck."""
        self._chunked = chunked
        # Those that came together do not stay together.
        beat_at = _in(random.uniform(0.5, 1) * HEARTBEAT_S)  # noqa: S311 - no secret
        try:
            while not self._ended and not self.gone:
                await self._catch_up(writer)
                await self._wait(beat_at)
                if asyncio.get_running_loop().time() >= beat_at:
                    self._send(frame("ping", {}, self._newest))
                    beat_at = _in(HEARTBEAT_S)
        except _StuckError:
            self._drop()
        except ConnectionResetError:
            # The client has left.
            pass
        except ApiError:
            # They may listen no more; why is answered when they come again.
            pass
        except Exception:
            # Half an answer is sent, so an error can't be another.
            log.exception("listener_failed", who=self.user.person.login)
            self._abort()
        finally:
            self._listening.leave(self)

    def part(self) -> None:
        """Send it away, to come again in a moment."""
        self._send(f"retry: {again_ms()}\n\n".encode())
        self.end()
        if self._waiting() > BEHIND_BYTES:
            self._drop()

    async def _catch_up(self, writer: AbstractStreamWriter) -> None:
        self._woken.clear()
        while True:
            await self._look()
            await self._drained(writer)
            if self._ended or self.position >= self._feed.position:
                break
            updates, reached = await self._feed.missed(self.position, self._readable)
            for update in updates:
                self._send(update.frame)
                self._newest = update.id
                await self._drained(writer)
            self.position = reached
        # Nothing was awaited since we looked where the feed is: nothing lies between.
        self._listening.arrive(self)

    async def _wait(self, until: float) -> None:
        """Wait for something to do, or for the end of what proves who it is."""
        if self.user.until:
            left = self.user.until - self._clock()
            until = min(until, _in(left.total_seconds()))
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._woken.wait()

    async def _look(self) -> None:
        """See that it may listen still, and to what."""
        now, generation = time.monotonic(), self._admission.generation
        known = generation == self._generation and now - self._looked_at < LOOK_EVERY_S
        if known and not self.user.ended(self._clock()):
            return
        self._readable = await self._admission.readable_now(self._request)
        self._generation, self._looked_at = generation, now

    async def _drained(self, writer: AbstractStreamWriter) -> None:
        """Wait until it has taken what was sent."""
        try:
            async with asyncio.timeout(STUCK_S):
                await writer.drain()
        except TimeoutError:
            raise _StuckError from None

    def _send(self, frames: bytes) -> None:
        if not frames or self._transport is None or self._transport.is_closing():
            return
        if self._chunked:
            frames = b"%x\r\n%b\r\n" % (len(frames), frames)
        self._transport.write(frames)

    def _waiting(self) -> int:
        """How many bytes it has not taken."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def _drop(self) -> None:
        log.warning(
            "listener_dropped",
            reason="it does not take what is sent",
            who=self.user.person.login,
            waiting_bytes=self._waiting(),
            position=self.position,
        )
        self._abort()

    def _abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class _StuckError(Exception):
    """It takes nothing."""


def again_ms() -> int:
    """When a client that loses its connection comes again."""
    return random.randint(*AGAIN_MS)  # noqa: S311 - no secret


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds
