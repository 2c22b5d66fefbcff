"""The sweep: what GitHub could not deliver, and whether it still delivers at all.

One replica sweeps a webhook every so often, from where the last sweep ended; what it
fetches goes the way of every webhook, so it makes no difference what else brings it.
"""

import asyncio
import hashlib
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from shared.contracts import (
    Cause,
    Message,
    Repository,
    RepositoryActivated,
    RepositoryDeactivated,
)
from status_sync.domain import delivery, hooks, repository
from status_sync.domain.delivery import DeliverySwept
from status_sync.domain.hooks import AnyHook, Hooks, HookState
from status_sync.ports import NoAnswerError
from status_sync.reconcile import MOST_FAILURES, MOST_FETCHED, Attempt, begin, lost
from status_sync.webhooks import MalformedWebhook, Webhook

from .hearing import Hearing

#: Between two sweeps it is looked so often whether one is due.
LOOKS: Final = 5
#: One that is gone may come back, but nobody waits for that.
RARELY: Final = 12
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

deliveries_swept = Counter(
    "gitploy_deliveries_swept_total",
    "Webhooks that GitHub could not deliver and the sweep asked for, by what became "
    "of them (taken_in, unreadable, forgotten, unavailable).",
    ["event", "outcome"],
)
hooks_at_github = Gauge(
    "gitploy_hooks",
    "Our webhooks at GitHub, by their state (ok, missing, disabled, outdated).",
    ["state"],
)

log = structlog.get_logger()


class Sweeping(Hearing):
    async def take_hook(
        self, message: Message[RepositoryActivated | RepositoryDeactivated]
    ) -> None:
        """A repository's webhook was made or removed: GitHub has shown it to us."""
        await self.hooks.take(hooks.STREAM, message)
        self.touch(message.data.repository)

    async def sweep_regularly(self) -> None:
        """Sweep at once, for what was missed while we were away, and then regularly."""
        while True:
            await self.sweep()
            await asyncio.sleep(self.limits.sweep.total_seconds() / LOOKS)

    async def sweep(self) -> None:
        """Take in what GitHub could not deliver, where it is time to."""
        known = await self.hooks.get(hooks.STREAM)
        self.followed = known.followed
        for covered in known.covered:
            try:
                await self._look_if_due(covered)
            except NoAnswerError as error:
                log.warning("repository_not_seen", reason=str(error))
        for hook in known.all:
            try:
                await self._sweep_if_due(hook)
            except NoAnswerError as error:
                log.warning("hook_not_swept", hook=hook.name, reason=str(error))
        _show(await self.hooks.get(hooks.STREAM))

    async def _look_if_due(self, covered: Repository) -> None:
        """The App's webhook is swept for all; a repository is looked at by itself."""
        if await self._is_there(covered):
            turn = await self.turns.claim(f"look {covered.id}", self.limits.sweep)
            if turn is not None:
                await self.look(covered)

    async def _sweep_if_due(self, hook: AnyHook) -> None:
        followed = hook.repository
        if followed and not await self._is_there(followed):
            return
        reached = await self.turns.claim(hook.work, self.limits.sweep)
        if reached is None or (followed and await self.look(followed)):
            return
        now = self.clock()
        if await self._notice(hook) is HookState.MISSING:
            return
        since = begin(EPOCH + reached * MICROSECOND, now)
        left = await self._sweep(hook, since)
        await self.turns.reach(hook.work, ((left or now) - EPOCH) // MICROSECOND)

    async def _is_there(self, followed: Repository) -> bool:
        """Whether it isn't gone, or is back: now and then it is looked for."""
        known = await self.at_github.get(repository.stream_of(followed))
        if known.gone is None:
            return True
        every = self.limits.sweep * RARELY
        turn = await self.turns.claim(f"gone {followed.id}", every)
        return turn is not None and await self.look(followed) is None

    async def _notice(self, hook: AnyHook) -> HookState:
        """See what became of the webhook itself; say so when that is something new."""
        state = await self.github.hook(hook)
        before = await self.hooks.get(hooks.STREAM)
        await self.hooks.change(
            hooks.STREAM,
            partial(hooks.notice, hook=hook, state=state, now=self.clock()),
            Cause(correlation_id=str(hooks.STREAM)),
        )
        if state is not before.state_of(hook.webhook_id):
            told = log.info if state is HookState.OK else log.error
            told("hook_changed", hook=hook.name, state=state.value)
        return state

    async def _sweep(self, hook: AnyHook, since: datetime) -> datetime | None:
        """Take in what failed since then; from when on something is left, if so."""
        left: datetime | None = None
        fetched = failures = 0
        for attempt in lost(await self.github.attempts(hook, since)):
            if not self._matters(hook, attempt):
                continue
            receipt = await self.deliveries.get(delivery.stream_of(attempt.guid))
            if receipt.swept:
                continue
            if fetched == MOST_FETCHED or failures == MOST_FAILURES:
                return left or attempt.at
            fetched += 1
            if not await self._fetch(hook, attempt):
                # It must not keep the others back.
                left, failures = left or attempt.at, failures + 1
        return left

    def _matters(self, hook: AnyHook, attempt: Attempt) -> bool:
        """The App's webhook also tells of repositories that nobody follows."""
        if hook.repository or attempt.repository_id is None:
            return True
        return attempt.repository_id in self.followed

    async def _fetch(self, hook: AnyHook, attempt: Attempt) -> bool:
        """Take it in; whether there is nothing left to do about it."""
        try:
            webhook = await self.github.delivery(hook, attempt)
        except NoAnswerError as error:
            log.warning("delivery_not_fetched", guid=attempt.guid, reason=str(error))
            deliveries_swept.labels(attempt.event, "unavailable").inc()
            return False
        outcome = "forgotten"
        if webhook:
            outcome = await self._take_in(hook, webhook)
        deliveries_swept.labels(attempt.event, outcome).inc()
        log.info(
            "delivery_swept",
            guid=attempt.guid,
            github_event=attempt.event,
            outcome=outcome,
        )
        return True

    async def _take_in(self, hook: AnyHook, webhook: Webhook) -> str:
        outcome = "taken_in"
        try:
            await self.hear(webhook)
        except MalformedWebhook as error:
            log.warning("delivery_unreadable", guid=webhook.delivery, reason=str(error))
            outcome = "unreadable"
        receipt = DeliverySwept(
            event=webhook.event,
            repository_id=hook.repository.id if hook.repository else None,
            digest=hashlib.sha256(webhook.body).hexdigest(),
        )
        await self.deliveries.change(
            delivery.stream_of(webhook.delivery),
            lambda known: delivery.receive(known, receipt),
            Cause(correlation_id=webhook.delivery),
        )
        return outcome


def _show(known: Hooks) -> None:
    tally = Tally(known.state_of(hook.webhook_id) for hook in known.all)
    for state in HookState:
        hooks_at_github.labels(state.value).set(tally[state])
