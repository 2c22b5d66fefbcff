"""The live events lose nothing and repeat nothing, however slow a client is."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from api_gateway.read_model import EventId, Feed, Queries, Update
from api_gateway.read_model import feed as feeding
from api_gateway.read_model.queries import Changed
from api_gateway.routes import listening as looking
from api_gateway.routes.admission import Admission
from api_gateway.routes.auth import GITPLOY, USER, User
from api_gateway.routes.connection import Connection
from api_gateway.routes.listening import Listening
from shared.contracts import Person
from shared.store import Logged, Store
from shared.testing import T0, said, until

from .examples import requested, synced

ANN, BOB = (User(Person(id=i, login=f"p{i}"), False, trusted=False) for i in (1, 2))
SEEN, HIDDEN = requested(UUID(int=1), 1), synced(UUID(int=8), 3)


@dataclass
class FakeStore:
    """A log that takes a while to be read."""

    entries: list[Logged] = field(default_factory=list)

    async def log(
        self,
        after: int,
        limit: int = 500,
        *,
        until: int | None = None,
        kinds: Collection[str] = (),
    ) -> list[Logged]:
        await asyncio.sleep(0)
        found = [
            e
            for e in self.entries
            if after < e.position <= (until or len(self.entries))
            and (not kinds or e.message.data.kind() in kinds)
        ]
        return found[:limit]

    async def last_position(self) -> int:
        return len(self.entries)

    def commit(self, seen: Sequence[bool]) -> None:
        for each in seen:
            at = len(self.entries) + 1
            message = said(SEEN if each else HIDDEN, id=f"m{at}")
            self.entries.append(Logged(at, UUID(int=at), cast("Any", message)))


class FakeQueries:
    async def changed(self, streams: Collection[UUID], *_: Any) -> Changed:
        await asyncio.sleep(0)
        repo = {"edges": {"repo": {"id": 7}}}
        return Changed(dict.fromkeys(streams, repo), {}, {}, {})


@dataclass
class FakeAdmission:
    """Counts what it is asked."""

    users: Mapping[str, User] = field(default_factory=lambda: {"s": GITPLOY})
    generation: int = 0
    looked_up: list[set[str]] = field(default_factory=list)
    asked: list[set[int]] = field(default_factory=list)
    then: Callable[[], None] = lambda: None

    async def readable_now(self, _: web.Request) -> None:
        await asyncio.sleep(0)

    async def listening(self, secrets: Collection[str]) -> Mapping[str, User]:
        self.looked_up.append(set(secrets))
        await asyncio.sleep(0)
        self.then()
        return {s: self.users[s] for s in secrets if s in self.users}

    async def readers(
        self, repo_ids: Collection[int], _: Collection[User]
    ) -> Mapping[int, Collection[int]]:
        self.asked.append(set(repo_ids))
        await asyncio.sleep(0)
        return {repo_id: {ANN.person.id} for repo_id in repo_ids}

    may_read = Admission.may_read
    _free = Admission._free
    _github = True


@dataclass
class FakeTransport:
    """Takes what it is given while it is not stuck."""

    sent: list[bytes] = field(default_factory=list)
    waiting: int = 0
    most: int = 0
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, frames: bytes) -> None:
        self.sent.append(frames)
        self.waiting += len(frames)
        self.most = max(self.most, self.waiting)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def is_closing(self) -> bool:
        return False

    async def drain(self) -> None:
        while self.waiting > MANY:
            self.freed.clear()
            await self.freed.wait()

    def take(self) -> None:
        self.waiting = 0
        self.freed.set()

    @property
    def positions(self) -> list[int]:
        """Of the events."""
        lines = b"".join(self.sent).splitlines()
        ids = (line[4:] for line in lines if line.startswith(b"id: "))
        return [int(each.partition(b"-")[0]) for each in ids]


#: Two events wait, and a third has a client fall behind.
MANY = 200
#: The bytes of an event, at most.
LONGEST = 100


class Client:
    """One who listens, from a position."""

    def __init__(self, world: "World", start: int) -> None:
        self.transport, self.start = FakeTransport(), start
        request: Any = FakeRequest(self.transport)
        self.connection = Connection(
            request,
            world.feed,
            world.listening,
            cast("Admission", world.admission),
            lambda: T0,
        )
        self.connection.position = start
        writer = cast("AbstractStreamWriter", self.transport)
        self.task = asyncio.create_task(self.connection.run(writer, chunked=False))

    @property
    def is_full(self) -> bool:
        """Whether it has fallen behind."""
        return self.transport.waiting > MANY


class FakeRequest(dict[Any, Any]):
    """What a connection needs of a request."""

    def __init__(self, transport: FakeTransport) -> None:
        super().__init__({USER: GITPLOY})
        self.transport = transport
        self.headers = {"Authorization": "Bearer s"}


class World:
    def __init__(self, *, begun: bool = True) -> None:
        self.store, self.admission = FakeStore(), FakeAdmission()
        self.feed = Feed(cast("Store", self.store), cast("Queries", FakeQueries()))
        self.listening = Listening(cast("Admission", self.admission), lambda: T0)
        self.feed.audience = self.listening
        self.clients: list[Client] = []
        self.begun = False
        if begun:
            self.begin(0)

    def begin(self, position: int) -> None:
        self.begun = True
        self.feed.begin(position)

    async def tell(self, count: int) -> None:
        """The follower goes on by so many entries, and tells some twice."""
        after = max(self.feed.position - 1, 0)
        if entries := (await self.store.log(after, count + 1)):
            await self.feed.tell(entries)

    async def settle(self) -> None:
        """All are told everything."""
        while self.feed.position < len(self.store.entries):
            await self.tell(3)
        for client in self.clients:
            while client.connection.position < len(self.store.entries):
                client.transport.take()
                await asyncio.sleep(0)
            client.connection.end()
            client.transport.take()
            await client.task


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.lists(st.booleans(), min_size=1, max_size=5)),
        st.tuples(st.just("tell"), st.integers(1, 4)),
        st.tuples(st.just("come"), st.integers(0, 8)),
        st.tuples(st.just("take"), st.integers(0, 3)),
        st.tuples(st.just("wait"), st.integers(1, 6)),
        st.tuples(st.just("change"), st.none()),
    ),
    max_size=40,
)


async def play(steps: Sequence[tuple[str, Any]]) -> None:
    world, telling = World(), list[asyncio.Task[None]]()
    for step, value in steps:
        match step:
            case "commit":
                world.store.commit(value)
            case "tell":
                await asyncio.gather(*telling)
                telling = [asyncio.create_task(world.tell(value))]
            case "come":
                # They may come from a replica that is ahead of this one.
                start = max(len(world.store.entries) - value, 0)
                world.clients.append(Client(world, start))
            case "take" if world.clients:
                world.clients[value % len(world.clients)].transport.take()
            case "change":
                world.admission.generation += 1
            case "wait":
                for _ in range(value):
                    await asyncio.sleep(0)
    await asyncio.gather(*telling)
    await world.settle()
    for client in world.clients:
        wanted = [
            e.position
            for e in world.store.entries
            if e.position > client.start and e.message.data.kind() == SEEN.kind()
        ]
        assert client.transport.positions == wanted
    assert not world.listening


@settings(max_examples=300, deadline=None)
@drawn(steps=STEPS)
def test_each_is_told_all_once_and_in_order(steps: Sequence[tuple[str, Any]]) -> None:
    with (
        patch.object(feeding, "PAGE", 2),
        patch("api_gateway.routes.connection.BEHIND_BYTES", MANY),
    ):
        asyncio.run(play(steps))


async def test_who_comes_before_the_log_is_followed_misses_nothing() -> None:
    world = World(begun=False)
    world.store.commit([True] * 4)
    client = Client(world, 0)
    client.task.cancel()
    for last in (EventId(2), None):
        beginning = asyncio.create_task(client.connection.begin(last))
        await asyncio.wait([beginning], timeout=0.05)
        assert beginning.done() is world.begun
        world.begin(4)
        await beginning
        assert client.connection.position == (2 if last else 4)


async def test_who_takes_nothing_has_little_waiting_and_misses_nothing() -> None:
    world = World()
    with patch("api_gateway.routes.connection.BEHIND_BYTES", MANY):
        client = Client(world, 0)
        world.clients.append(client)
        for _ in range(30):
            await until(lambda: bool(world.listening) or client.is_full)
            world.store.commit([True])
            await world.tell(1)
        assert client.is_full
        assert client.transport.most <= MANY + LONGEST
        await world.settle()
    assert client.transport.positions == list(range(1, 31))


@dataclass(eq=False)
class Heard:
    """Somebody who has arrived."""

    secret: str
    position: int = 0
    frames: list[bytes] = field(default_factory=list)
    ended: bool = False

    def hear(self, frames: bytes, at: EventId) -> None:
        self.frames.append(frames)
        self.position = at.position

    def end(self) -> None:
        self.ended = True


def update(position: int, repo_id: int = 7) -> Update:
    document = {"n": position, "edges": {"repo": {"id": repo_id}}}
    return Update(EventId(position, "aa"), "lock", document)


@contextmanager
def room(*secrets: str) -> Iterator[tuple[Listening, FakeAdmission, list[Heard]]]:
    admission = FakeAdmission({"s": GITPLOY, "ann": ANN, "bob": BOB})
    listening = Listening(cast("Admission", admission), lambda: T0)
    all_ = [Heard(secret) for secret in secrets]
    for one in all_:
        listening.arrive(one)
    yield listening, admission, all_


async def tell(listening: Listening, *updates: Update) -> None:
    await listening.expect(updates)
    listening.hear(updates, updates[-1].id)


async def test_all_who_listen_are_looked_up_once_and_told_the_same_bytes() -> None:
    with room("ann", "ann", "bob", "s") as (
        listening,
        admission,
        (one, two, bob, all_),
    ):
        await tell(listening, update(1))
        await tell(listening, update(2))
        assert (admission.looked_up, admission.asked) == ([{"ann", "bob", "s"}], [{7}])
        assert one.frames[0] is two.frames[0] is all_.frames[0]
        assert [b"" in each.frames for each in (one, bob)] == [False, True]
        await tell(listening, update(3, repo_id=8))
        assert admission.asked == [{7}, {8}]
        assert b"".join(bob.frames) == b""


async def test_a_change_has_everybody_looked_up_again() -> None:
    with room("ann") as (listening, admission, [ann]):
        await tell(listening, update(1))
        admission.users = {}
        await tell(listening, update(2))
        assert not ann.ended
        admission.generation += 1
        await tell(listening, update(3))
        assert ann.ended
        assert len(ann.frames) == 2


async def test_a_change_while_they_are_looked_up_counts() -> None:
    with room("ann") as (listening, admission, [ann]):

        def change() -> None:
            admission.generation += 1
            admission.then = lambda: None
            admission.users = {}

        admission.then = change
        await tell(listening, update(1))
        assert ann.ended
        assert not ann.frames


async def test_who_comes_while_the_others_are_looked_up_is_looked_up_too() -> None:
    with room("ann") as (listening, admission, _):
        bob, ann = Heard("bob"), Heard("ann")

        def come() -> None:
            admission.then = lambda: None
            listening.arrive(bob)
            listening.arrive(ann)

        admission.then = come
        await tell(listening, update(1))
        assert bob.frames == [b""]
        assert ann.frames == [update(1).frame]


async def test_what_another_replica_learned_counts_after_a_while() -> None:
    with room("ann") as (listening, admission, [ann]):
        await tell(listening, update(1))
        admission.users = {}
        with patch.object(looking, "LOOK_EVERY_S", 0):
            await tell(listening, update(2))
        assert ann.ended


async def test_who_is_ahead_is_told_what_is_new() -> None:
    with room("s") as (listening, _, [ahead]):
        ahead.position = 2
        await tell(listening, update(1), update(2), update(3))
        assert ahead.frames == [update(3).frame]
