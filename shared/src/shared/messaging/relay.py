"""Sends what the store has recorded: the event table is the outbox.

The position moves only over what every bound queue has; a crash between a publish and
the position repeats messages, and their ids tell the takers. When the broker has lost
its memory (somebody wiped it), what it had confirmed is lost with it: the relay goes
back a day and says it all again.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import structlog

from shared.contracts import ROUTES, Event, Message
from shared.observability import metrics
from shared.store import Outbox, Said, Store

from .bus import Bus, BusUnavailableError, MessageRefusedError

#: How long one window may wait for its confirms.
CONFIRM_TIMEOUT_S = 5.0
#: Other replicas' commits ring no bell here.
POLL_S = 0.25
ANOTHERS_TURN_S = 0.01
UNAVAILABLE_S = 1.0
#: A window costs the same for one event as for a hundred. When many come, waiting for
#: more costs each a little time, and saves much of the process's.
A_FEW = 8
GATHER_S = 0.02
LOOK_FOR_MARK_S = 10.0
GO_BACK = timedelta(hours=24)
REFUSALS = 5

log = structlog.get_logger()


class Relay:
    """Publishes one service's events."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self.store = store
        self.bus = bus
        self.outbox = Outbox(store)
        self._age = metrics.outbox_age_seconds.labels(store.service)
        self._refused: Counter[int] = Counter()
        self._looked_at = float("-inf")
        self._finishing = False

    async def run(self) -> None:
        """Publish until `finish` is called and all that is there is published."""
        await self.outbox.prepare()
        while True:
            heard, last = self.store.said.count, self._finishing
            pause = await self.step()
            if pause and last:
                return
            if pause:
                await self.store.said.wait(pause, since=heard)

    def finish(self) -> None:
        """Come to the end: nothing more will be said."""
        self._finishing = True
        self.store.said.ring()

    async def step(self) -> float:
        """One window; answers how long there may be nothing to do."""
        try:
            await self._look_now_and_then()
            moved = await self.flush_once()
        except BusUnavailableError as error:
            log.warning("broker_unavailable", reason=str(error))
            self._looked_at = float("-inf")
            await self._tell_age()
            await asyncio.sleep(UNAVAILABLE_S)
            return 0
        if moved is None:
            await asyncio.sleep(ANOTHERS_TURN_S)
            return 0
        if not moved:
            self._age.set(0)
            return POLL_S
        if moved > A_FEW:
            await asyncio.sleep(GATHER_S)
        # What is left is another replica's, which publishes it at once, too.
        return 0 if self.outbox.left or self._finishing else POLL_S

    async def _tell_age(self) -> None:
        since = await self.outbox.waiting_since()
        age = (self.store.clock() - since).total_seconds() if since else 0
        self._age.set(age)

    async def flush(self) -> None:
        """Publish everything that is there now."""
        while await self.flush_once() != 0:
            pass

    async def flush_once(self) -> int | None:
        """Publish the next window; how far it got, none if it's another's turn."""
        await self._repeat()
        return await self.outbox.next_window(self._publish)

    async def _publish(self, window: Sequence[Said]) -> int:
        """How many from the front of the window are at the broker."""
        age = self.store.clock() - window[0].message.time
        self._age.set(age.total_seconds())
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_S):
                results = await asyncio.gather(
                    *map(self._publish_one, window), return_exceptions=True
                )
        except TimeoutError as error:
            raise BusUnavailableError("the broker did not confirm in time") from error
        for place, result in enumerate(results):
            if result is None:
                continue
            if isinstance(result, BusUnavailableError) and place == 0:
                raise result
            if not isinstance(result, BusUnavailableError | MessageRefusedError):
                raise result
            return place
        metrics.events_relayed.labels(self.store.service).inc(len(window))
        return len(window)

    async def _publish_one(self, said: Said) -> None:
        try:
            await self._say(said.message)
        except MessageRefusedError as error:
            self._refused[said.position] += 1
            if self._refused[said.position] < REFUSALS:
                raise
            await self.outbox.park(said, str(error))
            log.exception("event_parked", message_id=said.message.id)

    async def _say(self, message: Message[Event]) -> None:
        route = ROUTES.get(type(message.data))
        # A broker refuses what no queue is bound to, and holds up all that follows.
        if route is None or route.takers:
            await self.bus.publish(message)

    async def _repeat(self) -> None:
        repeats = self.store.repeats()
        try:
            for message in repeats:
                await self._say(message)
        except MessageRefusedError as error:
            log.warning("repeat_refused", reason=str(error))

    async def _look_now_and_then(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._looked_at >= LOOK_FOR_MARK_S:
            await self.look_for_mark()
            self._looked_at = now

    async def look_for_mark(self) -> None:
        """Go back if the broker has lost what it confirmed."""
        if not await self.bus.remembers(self.store.service):
            if await self.outbox.position() > 0:
                at = await self.outbox.rewind(self.store.clock() - GO_BACK)
                log.warning("broker_lost_its_memory", relay_goes_back_to=at)
            await self.bus.remember(self.store.service)
