"""How Gitploy asks and how it writes: the two manners of speaking to GitHub.

A read follows redirects, is conditional where that saves quota, and
raises. A write goes out once, out of a budget, follows nothing, and returns its
outcome. Both repeat a call once that was refused for a token that has ended, or that
sees the repository no more: such a call surely did nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from .answers import R, check, read_page
from .auth import Auth
from .classify import Headers
from .errors import GitHubError, GitHubUnavailable
from .etags import EtagCache
from .failures import before_write
from .limits import RateLimited, WriteBudget
from .outcomes import Ambiguous, Failure, Unreachable
from .wire import Answer, Call, Credential, NoAnswer, NotSent, Wire

Outcome = TypeVar("Outcome")
Send = Callable[[Call, Credential], Awaitable[Answer]]
Classify = Callable[[int, Headers, bytes, datetime], Outcome]


@dataclass(frozen=True)
class Reads:
    wire: Wire
    auth: Auth
    cache: EtagCache = field(default_factory=EtagCache)

    async def answer(self, call: Call) -> Answer:
        """GitHub's successful answer; everything else raises."""
        answer = await self._answered(call, self._send)
        check(answer)
        return answer

    async def changed(self, call: Call, etag: str | None) -> Answer | None:
        """GitHub's answer; none if it is still the one with this ETag."""

        async def send(call: Call, credential: Credential) -> Answer:
            return await self.wire.send(call, credential, etag)

        answer = await self._answered(call, send)
        if etag and answer.status == 304:
            return None
        check(answer)
        return answer

    async def pages(self, kind: type[R], call: Call) -> AsyncIterator[R]:
        """All items, page by page as they are wanted."""
        following: Call | None = call
        while following:
            answer = await self.answer(following)
            for item in read_page(kind, answer):
                yield item
            following = replace(call, at=answer.next) if answer.next else None

    async def _answered(self, call: Call, send: Send) -> Answer:
        try:
            return await with_credential(self.auth, self.wire, call, send)
        except (NotSent, NoAnswer) as error:
            raise GitHubUnavailable(str(error)) from error

    async def _send(self, call: Call, credential: Credential) -> Answer:
        if call.method != "GET":
            return await self.wire.send(call, credential)
        key = (credential.identity, str(self.wire.url(call)))
        answer = await self.wire.send(call, credential, self.cache.etag(key))
        return self.cache.resolve(key, answer)


@dataclass(frozen=True)
class Writes:
    wire: Wire
    auth: Auth
    budget: WriteBudget

    async def outcome(
        self, call: Call, classify: Classify[Outcome]
    ) -> Outcome | Failure:
        """Write once, unless the budget or the token forbid it."""
        if limited := self.budget.take():
            return limited
        try:
            answer = await with_credential(self.auth, self.wire, call, self.wire.send)
        except GitHubError as error:
            return before_write(error)
        except NotSent as error:
            return Unreachable(str(error))
        except NoAnswer as error:
            return Ambiguous(str(error))
        outcome = classify(answer.status, answer.headers, answer.body, answer.at)
        if isinstance(outcome, RateLimited):
            self.budget.pause(outcome.retry_at)
        return outcome


async def with_credential(
    auth: Auth,
    wire: Wire,
    call: Call,
    send: Send,
) -> Answer:
    credential = await auth.credential(call.repo, wire)
    answer = await send(call, credential)
    if answer.status == 401 and auth.refused(credential):
        return await send(call, await auth.credential(call.repo, wire))
    if answer.status == 404 and call.repo and await auth.moved(call.repo, wire):
        return await send(call, await auth.credential(call.repo, wire))
    return answer
