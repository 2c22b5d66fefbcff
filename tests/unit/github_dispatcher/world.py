"""Two workers of one database, a GitHub that loses answers, and crashes anywhere."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from github_dispatcher.application import HANDLERS, Dispatcher
from github_dispatcher.domain.answers import (
    Answer,
    GitHubDeployment,
    Limits,
    NotNow,
    StatusAnswer,
    Unclear,
)
from github_dispatcher.domain.wording import REPOSITORY_GONE
from shared.contracts import (
    DISPATCHER,
    Event,
    Fact,
    GitHubDeploymentCanceled,
    GitHubDeploymentRefused,
    Message,
    RefVerified,
    RemoteStatusRequested,
    Repository,
)
from shared.messaging import Retry
from shared.store import Recorded, Store
from shared.testing import FakeClock, said

from .examples import ID, LIMITS, SHA, FakeGitHub, seconds, seen

F = TypeVar("F", bound=Fact)
R = TypeVar("R")
CREATE, LOSE, DROP, DENY, LATE = "create", "lose", "drop", "deny", "late"
POST_TIMEOUT = seconds(LIMITS.post_s)
#: No story takes nearly as many commits.
SPINNING = 200


class Crash(ConnectionError):
    """The worker dies."""


@dataclass
class Post:
    """One on its way to GitHub."""

    worker: int
    begun: datetime
    #: What GitHub does with it.
    make: Callable[[], Any]
    answer: "asyncio.Future[Any]" = field(default_factory=asyncio.Future)


@dataclass
class Delivery:
    message: Message[Event]
    due: datetime


class SlowGitHub(FakeGitHub):
    """A POST waits until the story says what becomes of it."""

    def __init__(self, world: "World") -> None:
        super().__init__(world.clock)
        self.world = world

    async def create(
        self, order: RefVerified, repository: Repository, begin_by: datetime
    ) -> Answer:
        if self.clock() > begin_by:
            return NotNow("unreachable", "too late to begin")
        assert not self.world.over, "a POST after canceled or refused was said"
        answer: Answer = await self.world.post(self.world.make)
        return answer

    async def post_status(
        self, wish: RemoteStatusRequested, repository: Repository, begin_by: datetime
    ) -> StatusAnswer:
        if self.clock() > begin_by:
            return NotNow("unreachable", "too late to begin")
        answer: StatusAnswer = await self.world.post(lambda: self.make_status(wish))
        return answer


@dataclass
class World:
    """Two workers of one database, GitHub, and the messages on their way."""

    limits: Limits = LIMITS
    #: Which commits fail: before they are made, and after.
    crash_before: frozenset[int] = frozenset()
    crash_after: frozenset[int] = frozenset()
    clock: FakeClock = field(default_factory=FakeClock)
    posts: list[Post] = field(default_factory=list)
    #: POSTs without an answer that GitHub will finish some time.
    unfinished: list[Post] = field(default_factory=list)
    late: bool = False
    #: The branch means another commit by now.
    moved: bool = False
    over: bool = False
    acting: int = 0
    commits: int = 0
    #: The next commit waits, and what came before it may be out of date by then.
    hold: bool = False
    held: list[tuple[int, "asyncio.Future[None]"]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    running: dict[int, tuple[asyncio.Task[None], Delivery]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.parked = asyncio.Event()
        self.store = Store.open(DISPATCHER, "memory://", clock=self.clock)
        self._append = self.store.append
        self.store.append = self._commit  # type: ignore[method-assign]
        self.github = SlowGitHub(self)
        self.workers = [self._worker(), self._worker()]

    def _worker(self) -> Dispatcher:
        return Dispatcher(self.store, self.github, self.limits)

    async def _commit(self, rows: Sequence[Recorded]) -> None:
        if self.hold:
            self.hold = False
            await self._wait_to_go_on()
        self.commits += 1
        assert self.commits < SPINNING, "the same is done again and again"
        if self.commits in self.crash_before:
            raise Crash
        await self._append(rows)
        if self.commits in self.crash_after:
            raise Crash
        for row in rows:
            fact = row.message.data
            ends = isinstance(fact, GitHubDeploymentRefused | GitHubDeploymentCanceled)
            self.over = self.over or ends

    async def _wait_to_go_on(self) -> None:
        going: asyncio.Future[None] = asyncio.Future()
        self.held.append((self.acting, going))
        self.parked.set()
        await going

    # -- what may happen

    def send(self, event: Event, revision: int = 1) -> None:
        message = said(event, time=self.clock(), revision=revision)
        self.deliveries.append(Delivery(message, self.clock()))

    async def post(self, make: Callable[[], Any]) -> Any:
        """A worker's POST, until it is told what becomes of it."""
        post = Post(self.acting, self.clock(), make)
        self.posts.append(post)
        self.parked.set()
        return await post.answer

    async def deliver(self, worker: int, which: int) -> None:
        due = [d for d in self.deliveries if d.due <= self.clock()]
        if worker in self.running or not due:
            return
        delivery = due[which % len(due)]
        self.deliveries.remove(delivery)
        self.acting = worker
        self.parked.clear()
        handle = HANDLERS[type(delivery.message.data)]
        task = asyncio.ensure_future(handle(self.workers[worker], delivery.message))
        self.running[worker] = (task, delivery)
        await self._work(worker)

    async def _resume(
        self, worker: int, waited_for: "asyncio.Future[R]", is_: R
    ) -> None:
        """Give a worker what it waits for, unless it has died."""
        if worker not in self.running or waited_for.done():
            return
        self.acting = worker
        self.parked.clear()
        waited_for.set_result(is_)
        await self._work(worker)

    async def _work(self, worker: int) -> None:
        """Until it is through, or has to wait for the world."""
        task, _ = self.running[worker]
        parked = asyncio.create_task(self.parked.wait())
        await asyncio.wait({task, parked}, return_when=asyncio.FIRST_COMPLETED)
        parked.cancel()
        await self._finish(worker)

    async def go_on(self) -> None:
        """The first commit that was held is made."""
        if self.held:
            worker, going = self.held.pop(0)
            await self._resume(worker, going, None)

    async def _finish(self, worker: int) -> None:
        """Ack, bring it again later, or, after a crash, again at once."""
        task, delivery = self.running[worker]
        if not task.done():
            return
        del self.running[worker]
        match task.exception():
            case None:
                return
            case Retry(after=after):
                delivery.due = self.clock() + after
            case Crash():
                self.workers[worker] = self._worker()
            case unexpected:
                raise unexpected
        self.deliveries.append(delivery)

    async def github_does(self, what: str, *, webhook: bool = False) -> None:
        if not self.posts:
            return
        post = self.posts.pop(0)
        if what == LATE:
            self.unfinished.append(post)
            self.late = True
        if self.github.gone:
            await self._resume(post.worker, post.answer, REPOSITORY_GONE)
            return
        made = post.make() if what in {CREATE, LOSE} else None
        if isinstance(made, GitHubDeployment) and webhook:
            self.send(seen(made.id))
        if made and what == CREATE:
            await self._resume(post.worker, post.answer, made)
        elif what == DENY:
            await self._resume(post.worker, post.answer, NotNow("unreachable", "No."))
        else:
            await self._resume(post.worker, post.answer, Unclear("no answer"))

    def make(self) -> GitHubDeployment:
        """As GitHub does: where a name was sent, with the commit it means now."""
        return self.github.make(sha="d" * 40 if self.moved else SHA)

    async def crash(self, worker: int) -> None:
        if worker not in self.running:
            return
        task, delivery = self.running.pop(worker)
        task.cancel()
        await asyncio.wait({task})
        for post in self.posts:
            if post.worker == worker:
                post.answer.cancel()
        self.workers[worker] = self._worker()
        self.deliveries.append(delivery)

    def finish_late(self, *, webhook: bool = False) -> None:
        """The webhook may be lost, but not if GitHub is later than the last look."""
        if not self.unfinished:
            return
        post = self.unfinished.pop(0)
        made = post.make()
        if not isinstance(made, GitHubDeployment):
            return
        if webhook or self.clock() > post.begun + seconds(self.limits.late_look_s):
            self.send(seen(made.id))

    async def wait(self, time: timedelta) -> None:
        """No POST takes longer than its timeout, nor does it time out before that."""
        until = self.clock() + time
        while self.posts and self.posts[0].begun + POST_TIMEOUT < until:
            self.clock.now = max(self.clock(), self.posts[0].begun + POST_TIMEOUT)
            await self.github_does(DROP)
        self.clock.now = until

    # -- and then it ends

    async def settle(self) -> None:
        self.crash_before = self.crash_after = frozenset()
        self.hold = False
        while self.held:
            await self.go_on()
        while self.unfinished:
            self.finish_late()
        for _ in range(400):
            while self.posts:
                await self.github_does(CREATE)
            if not (self.deliveries or self.running):
                return
            ready = [d for d in self.deliveries if d.due <= self.clock()]
            if not ready:
                due = min(d.due for d in self.deliveries)
                await self.wait(due - self.clock())
            await self.deliver(0, 0)
        raise AssertionError("something is stuck")

    async def said(self, kind: type[F], stream: UUID = ID) -> list[F]:
        rows = await self.store.read(stream)
        return [r.message.data for r in rows if isinstance(r.message.data, kind)]
