"""What GitHub has told lately: when it is asked, and what is given meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_gateway.github.askers import OURS, Asker, Askers
from api_gateway.github.cache import EXACT, KEPT, LASTING, LISTED, PAUSE, Cache, Pace
from api_gateway.ports import Known
from shared.contracts import Person
from shared.github import (
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnauthorized,
    GitHubUnavailable,
    questions,
)
from shared.github.questions import Question, Told
from shared.testing import FakeClock

T = TypeVar("T")
ONE, TWO = questions.branch(7, "one"), questions.branch(7, "two")
TAGS = questions.tags("o", "r", 7, None)
SECOND = timedelta(seconds=1)
FRESH = EXACT.fresh
STALE = FRESH + SECOND


@dataclass
class FakeClient:
    """Tells the value that stands there, or raises the error; counts what is asked."""

    value: str = "a"
    error: GitHubError | None = None
    size: int = 10
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    #: Set: it answers at once.
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def ask(
        self, question: Question[Any], etag: str | None = None
    ) -> Told[Any] | None:
        self.asked.append((question.key, etag))
        await self.open.wait()
        if self.error:
            raise self.error
        if etag == self.value:
            return None
        return Told(self.value, self.value, self.size)


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    github: FakeClient = field(default_factory=FakeClient)
    max_bytes: int = 1000

    def __post_init__(self) -> None:
        self.cache = Cache(self.clock, self.max_bytes)

    def asker(self, identity: str = OURS) -> Asker:
        return Asker(cast("GitHubClient", self.github), identity)

    async def get(
        self,
        question: Question[Any] = ONE,
        identity: str = OURS,
        pace: Pace = EXACT,
    ) -> Known[Any]:
        return await self.cache.get(self.asker(identity), question, pace)

    async def settle(self) -> None:
        """Let what is asked behind people's backs come to its end."""
        for _ in range(10):
            await asyncio.sleep(0)

    @property
    def asked(self) -> int:
        return len(self.github.asked)


async def test_a_fresh_answer_is_given_at_once() -> None:
    world = World()
    assert await world.get() == Known("a")
    world.clock.advance(FRESH)
    assert await world.get() == Known("a", FRESH)
    assert world.asked == 1


async def test_an_older_one_is_confirmed_and_is_as_new() -> None:
    world = World()
    await world.get()
    world.clock.advance(STALE)
    assert await world.get() == Known("a")
    assert await world.get() == Known("a")
    assert world.github.asked == [(ONE.key, None), (ONE.key, "a")]


async def test_what_has_changed_takes_its_place() -> None:
    world = World()
    await world.get()
    world.github.value = "b"
    world.clock.advance(STALE)
    assert await world.get() == Known("b")


async def test_who_asks_for_what_lasts_asks_less_often() -> None:
    world = World()
    await world.get(pace=LASTING)
    world.clock.advance(STALE)
    assert await world.get(pace=LASTING) == Known("a", STALE)
    assert world.asked == 1


@pytest.mark.parametrize("pace", [LISTED, LASTING])
async def test_nobody_waits_for_news_of_what_is_listed_or_lasts(pace: Pace) -> None:
    world = World()
    await world.get(pace=pace)
    world.github.value = "b"
    world.clock.advance(pace.fresh + pace.behind)
    world.github.open.clear()
    old = Known("a", pace.fresh + pace.behind)
    assert [await world.get(pace=pace) for _ in range(3)] == [old] * 3
    await world.settle()
    world.github.open.set()
    await world.settle()
    assert await world.get(pace=pace) == Known("b")
    assert world.asked == 2
    # What is older is not shown before GitHub was asked.
    world.github.value = "c"
    world.clock.advance(pace.fresh + pace.behind + SECOND)
    assert await world.get(pace=pace) == Known("c")


async def test_what_is_gone_is_gone_for_the_next_who_looks_at_a_list() -> None:
    world = World()
    await world.get(pace=LISTED)
    world.github.error = GitHubNotFound("no")
    world.clock.advance(STALE)
    assert await world.get(pace=LISTED) == Known("a", STALE)
    await world.settle()
    with pytest.raises(GitHubNotFound):
        await world.get(pace=LISTED)


async def test_several_who_ask_at_once_cause_one_request() -> None:
    world = World()
    world.github.open.clear()
    asking = [asyncio.create_task(world.get()) for _ in range(50)]
    await world.settle()
    world.github.open.set()
    assert await asyncio.gather(*asking) == [Known("a")] * 50
    assert world.asked == 1


async def test_whoever_leaves_takes_nothing_from_the_others() -> None:
    world = World()
    world.github.open.clear()
    first, second = (asyncio.create_task(world.get()) for _ in range(2))
    await world.settle()
    first.cancel()
    await asyncio.wait([first])
    world.github.open.set()
    assert await second == Known("a")
    assert world.asked == 1


async def test_another_identity_is_told_nothing_of_it() -> None:
    world = World()
    await world.get(identity="ann")
    world.github.error = GitHubNotFound()
    with pytest.raises(GitHubNotFound):
        await world.get(identity="bob")
    assert world.github.asked == [(ONE.key, None)] * 2
    assert await world.get(identity="ann") == Known("a")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (GitHubUnavailable("down"), "github_unavailable"),
        (lambda now: GitHubRateLimited(now + timedelta(hours=1)), "rate_limited"),
    ],
)
async def test_while_there_is_no_news_the_old_is_given_with_its_age(
    error: GitHubError | Callable[[datetime], GitHubError], why: str
) -> None:
    world = World()
    await world.get()
    world.clock.advance(STALE)
    world.github.error = (
        error if isinstance(error, GitHubError) else error(world.clock())
    )
    told = await world.get()
    assert (told.value, told.age, told.stale) == ("a", STALE, why)


async def test_nobody_waits_twice_for_a_github_that_is_away() -> None:
    world = World()
    await world.get()
    world.github.error = GitHubUnavailable("down")
    world.clock.advance(STALE)
    await world.get()
    world.github.open.clear()
    # It is left alone for a while, and then tried again without anybody waiting.
    assert (await world.get()).stale == "github_unavailable"
    await world.settle()
    assert world.asked == 2
    world.clock.advance(PAUSE)
    assert (await world.get()).stale == "github_unavailable"
    await world.settle()
    assert world.asked == 3
    world.github.error = None
    world.github.open.set()
    await world.settle()
    assert await world.get() == Known("a")
    assert world.asked == 3


async def test_who_knows_nothing_is_told_that_github_is_away() -> None:
    world = World()
    world.github.error = GitHubUnavailable("down")
    for _ in range(2):
        with pytest.raises(GitHubUnavailable):
            await world.get()
    assert world.asked == 2


async def test_github_is_left_alone_when_it_wants_to_be() -> None:
    world = World()
    until = world.clock() + timedelta(minutes=10)
    world.github.error = GitHubRateLimited(until)
    for question in (ONE, TWO):
        with pytest.raises(GitHubRateLimited) as raised:
            await world.get(question)
        assert raised.value.retry_at == until
    assert world.asked == 1
    # Another token, and another budget, have limits of their own.
    world.github.error = None
    assert await world.get(identity="ann") == Known("a")
    assert await world.get(TAGS) == Known("a")
    world.clock.advance(timedelta(minutes=10))
    assert await world.get() == Known("a")


async def test_a_token_that_has_ended_shows_nothing_any_more() -> None:
    world = World()
    await world.get(ONE, "ann")
    await world.get(TWO, "ann")
    await world.get(TWO, "bob")
    world.clock.advance(STALE)
    world.github.error = GitHubUnauthorized()
    with pytest.raises(GitHubUnauthorized):
        await world.get(ONE, "ann")
    world.github.error = GitHubUnavailable("down")
    with pytest.raises(GitHubUnavailable):
        await world.get(TWO, "ann")
    assert (await world.get(TWO, "bob")).value == "a"


@pytest.mark.parametrize("error", [GitHubNotFound(), GitHubForbidden("no")])
async def test_what_is_gone_is_gone_at_once(error: GitHubError) -> None:
    world = World()
    await world.get()
    world.clock.advance(STALE)
    world.github.error = error
    with pytest.raises(type(error)):
        await world.get()
    world.github.error = GitHubUnavailable("down")
    with pytest.raises(GitHubUnavailable):
        await world.get()


async def test_what_was_gone_behind_a_persons_back_is_asked_for_anew() -> None:
    world = World()
    await world.get()
    world.github.error = GitHubUnavailable("down")
    world.clock.advance(STALE)
    await world.get()
    world.clock.advance(PAUSE)
    world.github.error = GitHubNotFound()
    assert (await world.get()).stale == "github_unavailable"
    await world.settle()
    with pytest.raises(GitHubNotFound):
        await world.get()


async def test_nothing_is_kept_for_ever() -> None:
    world = World()
    await world.get()
    world.clock.advance(KEPT + SECOND)
    world.github.error = GitHubUnavailable("down")
    with pytest.raises(GitHubUnavailable):
        await world.get()


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 60), st.booleans()), max_size=40
    )
)
async def test_it_holds_no_more_than_it_may(asked: list[tuple[int, int, bool]]) -> None:
    world = World(max_bytes=100)
    for name, size, passes in asked:
        world.github.size = size
        await world.get(questions.branch(7, str(name)))
        if passes:
            world.clock.advance(STALE)
            world.github.value += "x"
        sizes = [kept.size for kept in world.cache._kept.values()]
        assert sum(sizes) == world.cache._size <= 100


async def test_what_was_used_longest_ago_makes_room() -> None:
    world = World(max_bytes=20)
    await world.get(ONE)
    await world.get(TWO)
    await world.get(ONE)
    await world.get(questions.branch(7, "three"))
    before = world.asked
    await world.get(ONE)
    assert world.asked == before
    await world.get(TWO)
    assert world.asked == before + 1


async def test_at_the_end_nothing_is_asked_any_more() -> None:
    world = World()
    world.github.open.clear()
    asking = asyncio.create_task(world.get())
    await world.settle()
    await world.cache.close()
    await asyncio.wait([asking])
    assert asking.cancelled()


async def test_a_person_is_known_by_a_digest_and_gitploy_by_its_name() -> None:
    tokens = {1: "gho_secret", 2: "gho_other"}
    connected: list[str] = []

    async def in_name_of(who: Person, ask: Callable[[str | None], Awaitable[T]]) -> T:
        return await ask(tokens.get(who.id))

    async def itself(asker: Asker) -> Asker:
        return asker

    def connect(token: str) -> GitHubClient:
        connected.append(token)
        return cast("GitHubClient", FakeClient())

    own = cast("GitHubClient", FakeClient())
    askers = Askers(own, connect, in_name_of)
    ann, bob, carl = [
        await askers.ask(Person(id=n, login=f"p{n}"), itself) for n in (1, 2, 3)
    ]
    assert connected == list(tokens.values())
    assert carl.client is own
    assert (ann.own, carl.own) == (False, True)
    assert len({ann.identity, bob.identity, carl.identity}) == 3
    assert "secret" not in ann.identity
