"""What GitHub has told lately, so that nobody waits for it twice.

A fresh answer is given at once. An older one is asked for again, on the condition that
it has changed, which costs nothing of GitHub's rate limit if it has not. Of some
questions (`Pace`) what is not much older is given at once all the same, with its age,
and asked for behind the backs of those who look: never of a single name, which people
are about to deploy. While GitHub is away or wants to be left alone, what is known is
given with its age; the first who sees that waits for it, and those after him do not:
GitHub is tried again behind their backs. Several who ask for the same at once cause one
request.

Answers belong to the identity that got them: two people may see different things.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from api_gateway.ports import Known, Stale
from shared.github import (
    Clock,
    GitHubError,
    GitHubRateLimited,
    GitHubUnauthorized,
    GitHubUnavailable,
)
from shared.github.questions import Question

from .askers import Asker

T = TypeVar("T")
Key = tuple[str, str]


@dataclass(frozen=True)
class Pace:
    """How soon an answer is asked for again."""

    #: It is given for so long without asking.
    fresh: timedelta
    #: And for so much longer while it is asked for.
    behind: timedelta = timedelta(0)


#: As long as a person may not notice.
EXACT: Final = Pace(timedelta(seconds=5))
#: What somebody picks from is read before it is looked for what is new.
LISTED: Final = Pace(EXACT.fresh, timedelta(minutes=1))
#: What is asked for by a commit's id hardly ever changes.
LASTING: Final = Pace(timedelta(minutes=5), timedelta(hours=1))
#: As long as known permissions hold while GitHub is away.
KEPT: Final = timedelta(hours=4)
#: How soon GitHub is tried again after it gave no answer.
PAUSE: Final = timedelta(seconds=5)
MAX_BYTES: Final = 32 * 1024 * 1024


@dataclass
class _Kept:
    value: Any
    etag: str | None
    size: int
    #: When GitHub said it, or confirmed it.
    at: datetime
    #: Why GitHub did not confirm it when it was asked last.
    stale: Stale | None = None
    #: Before this it is of no use to ask again.
    again_at: datetime | None = None


class Cache:
    def __init__(self, clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._size = 0
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._asking: dict[Key, asyncio.Task[_Kept]] = {}
        #: Until when GitHub wants to be left alone, by identity and budget.
        self._limited: dict[Key, datetime] = {}

    async def get(
        self, asker: Asker, question: Question[T], pace: Pace = EXACT
    ) -> Known[T]:
        """What GitHub answers, or has answered.

        Raises:
            GitHubError: There is no answer, and none is known.
        """
        key = (asker.identity, question.key)
        kept = self._recent(key)
        if kept is None:
            return self._known(await self._ask(key, asker, question, None))
        age = self._clock() - kept.at
        if age <= pace.fresh:
            return self._known(kept)
        if kept.stale is None and age > pace.fresh + pace.behind:
            kept = await self._renewed(key, asker, question, kept)
        elif kept.again_at is None or kept.again_at <= self._clock():
            self._start(key, asker, question, kept)
        return self._known(kept)

    async def close(self) -> None:
        """Ask nothing more."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def _renewed(
        self, key: Key, asker: Asker, question: Question[T], kept: _Kept
    ) -> _Kept:
        try:
            return await self._ask(key, asker, question, kept)
        except (GitHubUnavailable, GitHubRateLimited):
            return kept

    async def _ask(
        self, key: Key, asker: Asker, question: Question[Any], kept: _Kept | None
    ) -> _Kept:
        # Whoever leaves must not take the answer along from the others.
        return await asyncio.shield(self._start(key, asker, question, kept))

    def _start(
        self, key: Key, asker: Asker, question: Question[Any], kept: _Kept | None
    ) -> "asyncio.Task[_Kept]":
        """Ask, unless somebody is just asking the same."""
        if key not in self._asking:
            task = asyncio.create_task(self._answer(key, asker, question, kept))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._end(key, done))
        return self._asking[key]

    def _end(self, key: Key, done: "asyncio.Task[_Kept]") -> None:
        del self._asking[key]
        if not done.cancelled():
            # Maybe nobody waits for it any more.
            done.exception()

    async def _answer(
        self, key: Key, asker: Asker, question: Question[Any], kept: _Kept | None
    ) -> _Kept:
        budget = (asker.identity, question.points)
        try:
            self._check_limit(budget)
            told = await asker.client.ask(question, kept.etag if kept else None)
        except GitHubError as error:
            self._fail(key, budget, kept, error)
            raise
        now = self._clock()
        if told is None:
            # GitHub confirms only what we have named.
            answer = replace(cast("_Kept", kept), at=now, stale=None, again_at=None)
        else:
            answer = _Kept(told.value, told.etag, told.size, now)
        self._keep(key, answer)
        return answer

    def _check_limit(self, budget: Key) -> None:
        until = self._limited.get(budget)
        if until and until > self._clock():
            raise GitHubRateLimited(until)

    def _fail(
        self, key: Key, budget: Key, kept: _Kept | None, error: GitHubError
    ) -> None:
        match error:
            case GitHubRateLimited():
                now = self._clock()
                limited = self._limited.items()
                self._limited = {b: until for b, until in limited if until > now}
                self._limited[budget] = error.retry_at
                if kept:
                    kept.stale, kept.again_at = "rate_limited", error.retry_at
            case GitHubUnavailable():
                if kept:
                    kept.stale = "github_unavailable"
                    kept.again_at = error.retry_at or self._clock() + PAUSE
            case GitHubUnauthorized():
                # Nothing that this token was told may be shown any more.
                for known in [k for k in self._kept if k[0] == key[0]]:
                    self._forget(known)
            case _:
                self._forget(key)

    def _known(self, kept: _Kept) -> Known[Any]:
        age = max(self._clock() - kept.at, timedelta(0))
        return Known(kept.value, age, kept.stale)

    def _recent(self, key: Key) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock() - kept.at > KEPT:
            self._forget(key)
            return None
        self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Key, kept: _Kept) -> None:
        self._forget(key)
        self._kept[key] = kept
        self._size += kept.size
        while self._size > self._max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        self._size -= kept.size if kept else 0
