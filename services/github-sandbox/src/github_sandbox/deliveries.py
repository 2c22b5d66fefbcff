"""Carries webhooks to their receivers, as GitHub does: once, unordered, signed.

A delivery is recorded as pending together with what caused it, so it survives a
crash; a restart sends what is still pending. A delivery that fails stays failed until
somebody asks for another attempt, which has the same GUID.
"""

import asyncio
import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

import aiohttp

from github_sandbox.faults import Faults, happens
from github_sandbox.journal import Journal, clock
from github_sandbox.records import Delivery, Hook
from github_sandbox.signing import content_of, headers_of
from github_sandbox.store import Store

TIMEOUT_S = 10.0
MOST_AT_ONCE = 64
MOST_KEPT = 10_000
SHUFFLE_WITHIN_S = 0.3
_log = logging.getLogger(__name__)

_ANSWER_KEPT = 4_096


@dataclass(frozen=True)
class Outcome:
    status: str
    code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Courier:
    def __init__(
        self, store: Store, faults: Faults, journal: Journal, repository_id: int
    ) -> None:
        self._store = store
        self._faults = faults
        self._journal = journal
        self._repository_id = repository_id
        self._at_once = asyncio.Semaphore(MOST_AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            connector=aiohttp.TCPConnector(limit=MOST_AT_ONCE),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self.send(delivery for delivery in self._store.deliveries if delivery.pending)

    async def stop(self) -> None:
        """Whatever isn't delivered yet stays pending."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._session.close()

    def send(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            if delivery.id not in self._under_way:
                task = asyncio.create_task(self._deliver(delivery))
                self._under_way[delivery.id] = task
                task.add_done_callback(partial(self._done, delivery.id))

    async def arrived(self, deliveries: Iterable[Delivery]) -> None:
        """Return when these are no longer under way."""
        tasks = [self._under_way.get(delivery.id) for delivery in deliveries]
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)

    def _done(self, delivery_id: int, task: asyncio.Task[None]) -> None:
        del self._under_way[delivery_id]
        if not task.cancelled() and (error := task.exception()):
            _log.error("delivery %s stays pending", delivery_id, exc_info=error)
        deliveries = self._store.deliveries
        if len(deliveries) > MOST_KEPT and not (oldest := deliveries.first()).pending:
            deliveries.delete(oldest)
            self._store.drop_body(oldest.content)

    async def _deliver(self, delivery: Delivery) -> None:
        body = await self._store.body(delivery.content)
        await asyncio.sleep(self._patience())
        hook = self._store.hooks.get(delivery.hook_id)
        if hook is None:
            return
        if happens(self._faults.webhooks("drop")):
            await self._record(delivery, Outcome("dropped by the sandbox"), clock())
        else:
            copies = 2 if happens(self._faults.webhooks("duplicate")) else 1
            posts = (self._post(delivery, hook, body) for _ in range(copies))
            await asyncio.gather(*posts)

    def _patience(self) -> float:
        shuffle = SHUFFLE_WITHIN_S if self._faults.webhooks("shuffle") else 0.0
        delay = float(self._faults.webhooks("delay_s"))
        return delay + random.uniform(0, shuffle)  # noqa: S311  no secret is made of it

    async def _post(self, delivery: Delivery, hook: Hook, body: bytes) -> None:
        content = content_of(hook, body)
        headers = headers_of(delivery, hook, content, self._repository_id)
        async with self._at_once:
            begun = clock()
            outcome = await self._attempt(delivery.url, content, headers)
        await self._record(delivery, outcome, begun, headers)

    async def _attempt(
        self, url: str, content: bytes, headers: dict[str, str]
    ) -> Outcome:
        try:
            async with self._session.post(
                url, data=content, headers=headers, allow_redirects=False
            ) as answer:
                kept = await answer.content.read(_ANSWER_KEPT)
                ok = answer.status // 100 == 2
                status = "OK" if ok else f"Invalid HTTP Response: {answer.status}"
                text = kept.decode("utf-8", "replace")
                headers_in = {str(name): one for name, one in answer.headers.items()}
                return Outcome(status, answer.status, headers_in, text)
        except TimeoutError:
            return Outcome("timed out")
        except (aiohttp.ClientError, ValueError) as error:
            return Outcome(f"failed to connect to host: {type(error).__name__}")

    async def _record(
        self,
        delivery: Delivery,
        outcome: Outcome,
        begun: float,
        headers: dict[str, str] | None = None,
    ) -> None:
        self._store.deliveries.update(
            delivery,
            pending=False,
            status=outcome.status,
            status_code=outcome.code,
            duration=round(clock() - begun, 3),
            request_headers=headers,
            response_headers=outcome.headers,
            response_body=outcome.body,
        )
        await self._store.settled()
        self._journal.delivered(
            delivery.guid, delivery.event, delivery.url, outcome.code, begun
        )
