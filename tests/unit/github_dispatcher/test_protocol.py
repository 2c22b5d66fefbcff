"""Two workers, any order, crashes anywhere, and a GitHub that loses answers.

The oracle is law 5: one deployment at GitHub, unless GitHub finishes a POST after the
attempt's window; then the one too many is set to `error`. Whatever happens, it ends.

A story is a list of steps that Hypothesis draws: deliver a message to a worker, let
GitHub do something with a POST that is on its way, kill a worker, let time pass. After
it everything is delivered until nothing waits any more.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from github_dispatcher.application import HANDLERS, Dispatcher
from github_dispatcher.domain.answers import (
    Answer,
    GitHubDeployment,
    Limits,
    NotNow,
    Unclear,
)
from github_dispatcher.domain.wording import REPOSITORY_GONE
from shared.contracts import (
    DISPATCHER,
    Event,
    Fact,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    Message,
    RefVerified,
    Repository,
)
from shared.messaging import Retry
from shared.store import Recorded, Store
from shared.testing import FakeClock, said

from .examples import ID, LIMITS, SHA, FakeGitHub, cancel, order, seconds, seen

F = TypeVar("F", bound=Fact)
#: By name, so that GitHub may have another commit than the verified one.
ORDER = order(config=order().config.model_copy(update={"ref_at_github": "name"}))
CREATE, LOSE, DROP, DENY, LATE = "create", "lose", "drop", "deny", "late"


class Crash(ConnectionError):
    """The worker dies."""


@dataclass
class Post:
    """One on its way to GitHub."""

    worker: int
    begun: datetime
    answer: "asyncio.Future[Answer]"


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
        post = Post(self.world.acting, self.clock(), asyncio.Future())
        self.world.posts.append(post)
        self.world.posting.set()
        return await post.answer


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
    deliveries: list[Delivery] = field(default_factory=list)
    running: dict[int, tuple[asyncio.Task[None], Delivery]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.posting = asyncio.Event()
        self.store = Store.open(DISPATCHER, "memory://", clock=self.clock)
        self._append = self.store.append
        self.store.append = self._commit  # type: ignore[method-assign]
        self.github = SlowGitHub(self)
        self.workers = [self._worker(), self._worker()]

    def _worker(self) -> Dispatcher:
        return Dispatcher(self.store, self.github, self.limits)

    async def _commit(self, rows: Sequence[Recorded]) -> None:
        self.commits += 1
        if self.commits in self.crash_before:
            raise Crash
        await self._append(rows)
        if self.commits in self.crash_after:
            raise Crash
        for row in rows:
            fact = row.message.data
            ends = isinstance(fact, GitHubDeploymentRefused | GitHubDeploymentCanceled)
            self.over = self.over or ends

    # -- what may happen

    def send(self, event: Event) -> None:
        self.deliveries.append(Delivery(said(event, time=self.clock()), self.clock()))

    async def deliver(self, worker: int, which: int) -> None:
        due = [d for d in self.deliveries if d.due <= self.clock()]
        if worker in self.running or not due:
            return
        delivery = due[which % len(due)]
        self.deliveries.remove(delivery)
        self.acting = worker
        self.posting.clear()
        handle = HANDLERS[type(delivery.message.data)]
        task = asyncio.ensure_future(handle(self.workers[worker], delivery.message))
        self.running[worker] = (task, delivery)
        posting = asyncio.create_task(self.posting.wait())
        await asyncio.wait({task, posting}, return_when=asyncio.FIRST_COMPLETED)
        posting.cancel()
        await self._finish(worker)

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
            await self._answer(post, REPOSITORY_GONE)
            return
        made = self.make() if what in {CREATE, LOSE} else None
        if made and webhook:
            self.send(seen(made.id))
        if made and what == CREATE:
            await self._answer(post, made)
        elif what == DENY:
            await self._answer(post, NotNow("unreachable", "No."))
        else:
            await self._answer(post, Unclear("no answer"))

    def make(self) -> GitHubDeployment:
        """As GitHub does: where a name was sent, with the commit it means now."""
        return self.github.make(sha="d" * 40 if self.moved else SHA)

    async def _answer(self, post: Post, answer: Answer) -> None:
        if post.worker not in self.running or post.answer.done():
            return
        self.posting.clear()
        self.acting = post.worker
        task, _ = self.running[post.worker]
        post.answer.set_result(answer)
        posting = asyncio.create_task(self.posting.wait())
        await asyncio.wait({task, posting}, return_when=asyncio.FIRST_COMPLETED)
        posting.cancel()
        await self._finish(post.worker)

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
        post, made = self.unfinished.pop(0), self.make()
        if webhook or self.clock() > post.begun + seconds(self.limits.late_look_s):
            self.send(seen(made.id))

    async def wait(self, time: timedelta) -> None:
        """No POST takes longer than its timeout."""
        while self.posts and self.posts[0].begun + seconds(10) < self.clock() + time:
            await self.github_does(DROP)
        self.clock.advance(time)

    # -- and then it ends

    async def settle(self) -> None:
        self.crash_before = self.crash_after = frozenset()
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

    async def said(self, kind: type[F]) -> list[F]:
        rows = await self.store.read(ID)
        return [r.message.data for r in rows if isinstance(r.message.data, kind)]


Step = tuple[str, int, int]


def often(times: int, what: str, one: int = 0, two: int = 0) -> list[Step]:
    return times * [(what, one, two)]


#: The interesting stories are those in which POSTs and messages cross.
STEPS: list[Step] = [
    *(s for w in (0, 1) for m in (0, 1, 2) for s in often(5, "deliver", w, m)),
    *(s for what in (CREATE, LOSE, DENY) for s in often(2, what)),
    *(s for what in (DROP, LATE) for s in often(4, what)),
    *often(1, LOSE, 1),
    *often(1, "crash", 0),
    *often(1, "crash", 1),
    *often(3, "finish late"),
    *often(1, "finish late", 1),
    *(s for time in (1, 9, 25, 31, 31, 31, 300, 700) for s in often(2, "wait", time)),
    *often(1, "cancel"),
    *often(1, "again"),
    *often(1, "tooling"),
    *often(1, "gone"),
    *often(2, "moved"),
]
STORIES = st.lists(st.sampled_from(STEPS), min_size=10, max_size=30)
COMMITS = st.frozensets(st.integers(1, 12), max_size=2)


async def play(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> World:
    world = World(crash_before=before, crash_after=after)
    world.send(ORDER)
    world.send(ORDER)
    for step in steps:
        await take(world, step)
    await world.settle()
    return world


async def take(world: World, step: Step) -> None:  # noqa: C901 - a table, one row each
    match step:
        case ("deliver", worker, which):
            await world.deliver(worker, which)
        case ("crash", worker, _):
            await world.crash(worker)
        case ("finish late", webhook, _):
            world.finish_late(webhook=bool(webhook))
        case ("wait", time, _):
            await world.wait(seconds(time))
        case ("cancel", _, _):
            world.send(cancel())
        case ("again", _, _):
            world.send(ORDER)
        case ("gone", _, _):
            world.github.gone = True
        case ("moved", _, _):
            world.moved = True
        case ("tooling", _, _):
            world.github.finished |= set(world.github.deployments)
        case (what, webhook, _):
            await world.github_does(what, webhook=bool(webhook))


async def check(world: World) -> None:
    created = await world.said(GitHubDeploymentCreated)
    refused = await world.said(GitHubDeploymentRefused)
    canceled = await world.said(GitHubDeploymentCanceled)
    github = world.github
    assert len(created) <= 1
    assert len(refused) <= 1
    assert len(canceled) <= 1
    assert created or refused or canceled, "it ends"
    assert not (refused and (created or canceled))
    recorded = {d.github_deployment_id for d in created}
    assert {d.github_deployment_id for d in canceled} <= recorded | {None}
    assert not created or not canceled or canceled[0].created
    stopped = set(github.errors)
    extra = set(github.deployments) - recorded
    assert extra <= stopped or github.gone, "what is one too many is set to error"
    assert not extra or world.late or github.gone, "never two, unless GitHub is late"
    if canceled:
        assert recorded <= stopped | github.finished or github.gone
        final = canceled[0].final_github_status_id
        assert not final or recorded <= github.finished
    else:
        assert not recorded & stopped
        assert all(d.sha == ORDER.sha for d in created), "another commit is stopped"


def run(
    steps: list[Step],
    before: frozenset[int] = frozenset(),
    after: frozenset[int] = frozenset(),
) -> None:
    async def story() -> None:
        world = await play(steps, before, after)
        await check(world)
        world.store.close()

    asyncio.run(story())


@settings(max_examples=300, deadline=None)
@given(STORIES, COMMITS, COMMITS)
def test_whatever_happens_there_is_one_and_it_ends(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> None:
    run(steps, before, after)
