"""The bus inside one process: for the embedded system, and for tests.

A publish is confirmed once each bound queue has handled the message, or has it in a
file. What a handler doesn't finish at once (`PROMPT_S`) is written to that file, as is
everything on the ladder and among the dead letters; so the relay's position protects
the embedded system, too, and `kill -9` loses nothing. Without a file (tests) the same
happens in memory.
"""

import asyncio
import heapq
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar

import structlog

from shared.contracts import Answer, Event, Hint, Message, Question
from shared.store import Clock, utc_now

from .answering import Hearing
from .asking import answered
from .bus import PREFETCH, DeadLetter
from .handling import (
    Able,
    Back,
    Dead,
    Done,
    Later,
    Subscription,
    Tries,
    UnableError,
    drain,
    handle,
)
from .memory_answering import Unheard
from .memory_file import Kept, MemoryFile
from .memory_queue import Delivery, Queue, Taker

R = TypeVar("R", bound=Answer)

#: A handler that takes longer must not keep the relay waiting.
PROMPT_S = 0.02
#: How often a ladder that nothing rings is looked at.
LADDER_POLL_S = 0.2
AGAIN_S = 1.0

log = structlog.get_logger()


class MemoryBus:
    """Queues in memory, with a file for what must outlive the process."""

    def __init__(
        self,
        *,
        queues: Iterable[str] = (),
        file: Path | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._clock = clock
        self._queues = {service: Queue(service) for service in queues}
        self._file = MemoryFile(file)
        self._numbers = count()
        self._prompt = PROMPT_S
        self._unheard = Unheard()
        for kept in self._file.pending():
            self._restore(kept)

    async def publish(self, message: Message[Event]) -> None:
        """Give it to each queue; return when each has handled or kept it."""
        bound = [q for q in self._queues.values() if type(message.data) in q.takes]
        await asyncio.gather(*(self._give(queue, message) for queue in bound))

    async def _give(self, queue: Queue, message: Message[Event]) -> None:
        delivery = Delivery(self._clock(), next(self._numbers), message)
        queue.waiting.put_nowait(delivery)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._prompt):
                await delivery.handled.wait()
        if not delivery.handled.is_set():
            self._keep(queue, delivery, self._clock())

    async def consume(
        self, service: str, subscription: Subscription, able: Able | None = None
    ) -> None:
        """Take messages until cancelled; then finish those in hand."""
        queue = self._queues.setdefault(service, Queue(service))
        queue.subscription = subscription
        taker = Taker(subscription, able)
        async with asyncio.TaskGroup() as group:
            climbing = group.create_task(self._climb(queue), name=f"{service}-ladder")
            taking = group.create_task(self._take(queue, taker, group))
            taker.stop = taking.cancel
            try:
                await asyncio.wait([taking])
            finally:
                climbing.cancel()
                taking.cancel()
                await drain(taker.in_hand)
        if taker.unable:
            raise taker.unable

    async def _take(self, queue: Queue, taker: Taker, group: asyncio.TaskGroup) -> None:
        places = asyncio.Semaphore(PREFETCH)
        while True:
            await places.acquire()
            delivery = await queue.waiting.get()
            queue.in_hand += 1
            task = group.create_task(self._deliver(queue, taker, delivery))
            taker.in_hand.add(task)
            task.add_done_callback(taker.in_hand.discard)
            task.add_done_callback(lambda _: places.release())
            task.add_done_callback(partial(_let_go, queue, delivery))

    async def _deliver(self, queue: Queue, taker: Taker, delivery: Delivery) -> None:
        try:
            await self._handle(queue, taker, delivery)
        except UnableError as error:
            queue.waiting.put_nowait(delivery)
            taker.unable = error
            taker.stop()
        except Exception:
            # A full disk, say. The others go on, and this one is tried again.
            log.exception("delivery_lost", service=queue.service)
            loop = asyncio.get_running_loop()
            loop.call_later(AGAIN_S, queue.waiting.put_nowait, delivery)
        else:
            delivery.handled.set()

    async def _handle(self, queue: Queue, taker: Taker, delivery: Delivery) -> None:
        verdict = await handle(
            taker.subscription,
            delivery.message,
            delivery.tries,
            self._clock(),
            taker.able,
        )
        match verdict:
            case Done():
                if delivery.kept:
                    self._file.forget(queue.service, delivery.message.id)
            case Later(rung=rung, tries=tries):
                self._delay(queue, delivery, rung, tries)
            case Back(reason=reason):
                raise UnableError(reason)
            case Dead(reason=reason):
                self._file.bury(queue.service, delivery.message, reason, self._clock())

    def _delay(
        self, queue: Queue, delivery: Delivery, rung: timedelta, tries: Tries
    ) -> None:
        due = self._clock() + rung
        again = Delivery(due, next(self._numbers), delivery.message, tries)
        heapq.heappush(queue.ladder, again)
        self._keep(queue, again, due)

    def _keep(self, queue: Queue, delivery: Delivery, due: datetime) -> None:
        if delivery.message.asked:
            # It comes again, and must not take the place of the one it repeats.
            return
        delivery.kept = True
        self._file.keep(Kept(queue.service, delivery.message, delivery.tries, due))

    def _restore(self, kept: Kept) -> None:
        queue = self._queues.setdefault(kept.service, Queue(kept.service))
        again = Delivery(
            kept.due, next(self._numbers), kept.message, kept.tries, kept=True
        )
        heapq.heappush(queue.ladder, again)

    async def _climb(self, queue: Queue) -> None:
        """Bring back what is due."""
        while True:
            try:
                self.bring_due(queue.service)
            except sqlite3.Error:
                log.exception("ladder_unreadable", service=queue.service)
            await asyncio.sleep(LADDER_POLL_S)

    def bring_due(self, service: str) -> None:
        """Put what is due on the ladder back into the queue."""
        queue = self._queues[service]
        for kept in self._file.changed_elsewhere():
            self._restore(kept)
        while queue.ladder and queue.ladder[0].due <= self._clock():
            queue.waiting.put_nowait(heapq.heappop(queue.ladder))

    async def ask(self, question: Question[R], within: timedelta) -> R | None:
        """Ask a service, and wait so long for its answer; none if none came."""
        return await answered(question, self._unheard.ask(question, within))

    async def hint(self, hint: Hint) -> None:
        """Say it; losing it costs only time."""
        self._unheard.hint(hint)

    async def answer(self, service: str, hearing: Hearing) -> None:
        """Answer questions and hear hints until cancelled."""
        await self._unheard.hear(service, hearing)

    def idle(self) -> bool:
        """Whether no message waits or is in hand; those on the ladder don't count."""
        return all(q.waiting.empty() and not q.in_hand for q in self._queues.values())

    def next_due(self) -> datetime | None:
        """When the first message on a ladder comes back."""
        return min(
            (q.ladder[0].due for q in self._queues.values() if q.ladder), default=None
        )

    async def dead_letters(self) -> list[DeadLetter]:
        """What nobody could handle."""
        return self._file.dead_letters()

    async def revive(self, message_id: str | None = None) -> int:
        """Send dead letters (one, or all) back to their queues; how many there were."""
        revived = self._file.revive(message_id)
        for kept in self._file.revived():
            self._restore(kept)
        return revived

    async def drop(self, message_id: str, service: str | None = None) -> int:
        """Destroy a dead letter, of one service or of all; how many there were."""
        return self._file.drop(message_id, service)

    async def remembers(self, service: str) -> bool:  # noqa: ARG002 - as the bus says
        """Its memory is this process and the file."""
        return True

    async def remember(self, service: str) -> None:
        """Nothing to do."""

    async def ready(self) -> None:
        """It always is."""

    async def close(self) -> None:
        """Close the file."""
        self._file.close()


def _let_go(queue: Queue, delivery: Delivery, task: "asyncio.Task[None]") -> None:
    """What a taker had not done when it was stopped is another's."""
    queue.in_hand -= 1
    if task.cancelled():
        queue.waiting.put_nowait(delivery)
