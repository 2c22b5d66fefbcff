"""The rows are the same, however the messages came and however they were made."""

import asyncio
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from api_gateway.application import Gateway
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.facts import DEPLOYMENT_FACTS
from api_gateway.domain.hold import HOLD_FACTS, HoldAskedAgain, hold_of
from api_gateway.domain.lock import LOCK_FACTS, LockAskedAgain
from api_gateway.domain.remote_status import (
    REMOTE_STATUS_FACTS,
    RemoteStatusAskedAgain,
)
from api_gateway.domain.repository import stream_of
from api_gateway.read_model import Feed, Follower, Projection, Queries, rebuild
from api_gateway.read_model.tables import POSITIONS, REPOSITORIES, TABLES
from shared.contracts import (
    GATEWAY,
    DeploymentEvent,
    Message,
    RepositoryActivated,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
)
from shared.store import Logged, Store
from shared.testing import T0, FakeClock, said, until

from .examples import (
    ANN,
    BOB,
    CARL,
    REPO,
    TICK,
    attempted,
    cancel,
    canceled,
    confirmation_refused,
    confirmed,
    created,
    gone,
    moved,
    pending,
    pushed,
    queued,
    refused,
    rejected,
    released,
    requested,
    review_requested,
    reviewer_asked,
    status,
    submitted,
    synced,
    verified,
)
from .lock_examples import CHANGE, LOCK, SOON, asked, change, locked, unlock, unlocked
from .lock_examples import refused as lock_refused
from .test_foreign import seen as foreign_seen
from .test_foreign import told as foreign_told
from .test_hold import RESUME, ROLLBACK, held, resumed, wanted
from .test_remote_status import POST
from .test_remote_status import posted as status_posted
from .test_remote_status import wanted as post_wanted

LIMITS = Limits()
ONE, TWO = UUID(int=1), UUID(int=2)
FIRST = [
    requested(ONE, 1),
    verified(ONE),
    attempted(1),
    created(ONE),
    cancel(ONE),
    canceled(created=True, deployment_id=ONE),
    released(),
    refused(),
    gone(),
    status(1, "queued", 1),
    status(2, "in_progress", 2, log_url="https://log"),
    status(3, "success", 3),
    status(4, "failure", 3),
    status(5, "error", 4, ours=True),
    synced(UUID(int=8), 3),
    pushed(),
    pending(),
    review_requested(),
    reviewer_asked(BOB),
    reviewer_asked(CARL),
    submitted(BOB),
    submitted(BOB, "rejected", "no"),
    submitted(CARL),
    confirmed(),
    confirmation_refused(),
    queued(),
    moved(1),
]
SECOND = [requested(TWO, 2), verified(TWO), created(TWO), rejected(TWO)]
COMMANDS = [
    RepositoryActivationRequested(command_id=ONE, repository=REPO, requested_by=ANN),
    RepositoryActivated(command_id=ONE, repository=REPO, webhook_id=1),
    RepositoryDeactivationRequested(command_id=TWO, repository=REPO, requested_by=ANN),
    RepositoryDeactivated(command_id=TWO, repository=REPO),
]
LOCKING = [
    asked(expires_at=SOON),
    locked(expires_at=SOON),
    change(),
    locked(reason="Longer", command_id=CHANGE),
    LockAskedAgain(command_id=CHANGE, at=T0),
    unlock(),
    unlocked(),
    lock_refused(CHANGE),
]
HOLDING = [held(), wanted(), HoldAskedAgain(command_id=RESUME, at=T0), resumed(RESUME)]
FOREIGN = [
    foreign_seen(),
    foreign_told(6, "in_progress"),
    foreign_told(7, "success", 1),
]
POSTING = [
    post_wanted(),
    RemoteStatusAskedAgain(command_id=POST, at=T0),
    status_posted(),
]
ALL: list[Message[Any]] = [
    said(event, time=T0 + n * TICK, id=f"m{n}", revision=n + 1)
    for n, event in enumerate(
        [*FIRST, *SECOND, *COMMANDS, *LOCKING, *HOLDING, *POSTING, *FOREIGN]
    )
]
#: The same status, told twice by messages of their own.
AGAIN = said(status(2, "in_progress", 2), time=T0, id="again")
Shown = list[list[dict[str, Any]]]


class World:
    def __init__(self) -> None:
        self.store = Store.open(GATEWAY, "memory://", clock=FakeClock())
        self.gateway = Gateway(self.store, LIMITS, AsyncMock())
        self.queries = Queries(self.store, "https://github.com")
        self.replicas = [self.replica()]

    def replica(self) -> Follower:
        return Follower(
            self.store,
            Projection(self.store, LIMITS),
            Feed(self.store, self.queries),
        )

    async def take(self, message: Message[Any]) -> None:
        event = message.data
        if type(event) in LOCK_FACTS:
            await self.gateway.locks.take(LOCK, message)
        elif type(event) in REMOTE_STATUS_FACTS:
            await self.gateway.remote_statuses.take(POST, message)
        elif type(event) in HOLD_FACTS:
            await self.gateway.holds.take(hold_of(ROLLBACK), message)
        elif isinstance(event, DeploymentEvent):
            await self.gateway.deployments.take(event.deployment_id, message)
        elif type(event) in DEPLOYMENT_FACTS:
            await self.gateway.deployments.take(ONE, message)
        else:
            await self.gateway.repositories.take(stream_of(REPO.id), message)

    async def rows(self) -> Shown:
        def read() -> Shown:
            with self.store.views.reader.connect() as c:
                return [
                    [
                        dict(row)
                        for row in c.execute(select(t).order_by("id")).mappings()
                    ]
                    for t in TABLES
                ]

        return await self.store.run(read)


async def live(messages: list[Message[Any]], follow_after: set[int]) -> World:
    """Take the messages, following now and then; at the end to the end."""
    world = World()
    [follower] = world.replicas
    position = await Projection(world.store, LIMITS).prepare()
    for n, message in enumerate(messages):
        await world.take(message)
        if n in follow_after:
            while await follower.step(position):
                position = await world.store.last_position()
    while await follower.step(position):
        position = await world.store.last_position()
    return world


async def check(messages: list[Message[Any]], follow_after: set[int]) -> None:
    world = await live(messages, follow_after)
    rows = await world.rows()
    await rebuild(world.store, LIMITS)
    assert await world.rows() == rows
    other = await live(sorted(messages, key=lambda m: m.id), set())
    assert without_ids(await other.rows()) == without_ids(rows)
    world.store.close()
    other.store.close()


def without_ids(rows: Shown) -> list[list[str]]:
    """The order of arrival decides the ids, and nothing else."""
    return [
        sorted(
            str({k: v for k, v in row.items() if k != "id" or t is REPOSITORIES})
            for row in table
        )
        for t, table in zip(TABLES, rows, strict=True)
    ]


@settings(max_examples=30, deadline=None)
@drawn(st.data())
def test_every_order_gives_the_same_rows_as_a_rebuild(data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(ALL), unique_by=lambda m: m.id))
    order = data.draw(st.permutations([*chosen, *chosen[:4]]))
    follow_after = data.draw(st.sets(st.integers(0, len(order))))
    asyncio.run(check(list(order), follow_after))


async def test_the_same_status_told_twice_is_one_row() -> None:
    world = await live([*ALL[:12], AGAIN], {11})
    assert len((await world.rows())[1]) == 3
    world.store.close()


async def test_an_id_is_the_position_of_the_fact_that_made_it() -> None:
    world = await live(ALL, set())
    tables = await world.rows()
    deployments, statuses, reviews, _, locks, holds, posts, acts = tables
    assert [row["id"] for row in deployments] == [1, 28, 51]
    assert [row["id"] for row in statuses] == [10, 11, 12, 13, 14, 52, 53]
    assert [(row["id"], row["user_id"]) for row in reviews] == [(19, 43), (20, 44)]
    assert [row["id"] for row in locks] == [36]
    assert [row["id"] for row in holds] == [44]
    assert [row["id"] for row in posts] == [48]
    assert [(row["id"], row["action"]) for row in acts] == [
        *((1, "deploy"), (5, "cancel"), (21, "review"), (22, "review"), (23, "review")),
        *((24, "confirm"), (28, "deploy"), (32, "activate"), (34, "deactivate")),
        *((36, "lock"), (38, "lock_change"), (41, "unlock"), (45, "resume")),
        (48, "status"),
    ]
    world.store.close()


async def test_a_replica_that_comes_second_changes_nothing_and_tells_its_own() -> None:
    world = World()
    first, second = world.replicas[0], world.replica()
    await Projection(world.store, LIMITS).prepare()
    for message in ALL:
        await world.take(message)
    await first.step(0)
    rows = await world.rows()
    with second.watching(ONE) as changes:
        await second.step(0)
        await asyncio.wait_for(changes.next(), 1)
    assert await world.rows() == rows
    world.store.close()


async def empty(world: World) -> None:
    """What an older version's rebuild leaves that was killed half-way."""

    def work() -> None:
        with world.store.views.engine.begin() as c:
            for table in TABLES:
                c.execute(delete(table))
            c.execute(update(POSITIONS).values(position=0))

    await world.store.run(work)


async def test_a_replica_with_nothing_to_do_fills_rows_that_were_lost() -> None:
    world = await live(ALL, set())
    rows = await world.rows()
    following = asyncio.create_task(world.replicas[0].run())
    await until(lambda: world.replicas[0].feed.position == len(ALL))
    await empty(world)

    async def filled() -> bool:
        return await world.rows() == rows

    await until(filled)
    following.cancel()
    await asyncio.wait([following])
    world.store.close()


async def test_a_replica_goes_back_when_rows_were_lost() -> None:
    world = await live(ALL, set())
    rows = await world.rows()
    projection = Projection(world.store, LIMITS)
    await empty(world)
    entries = await world.store.log(20)
    assert await projection.apply(20, entries) == 0
    assert await projection.apply(0, await world.store.log(0)) == len(ALL)
    assert await world.rows() == rows
    world.store.close()


async def test_a_rebuild_that_a_replica_overtakes_misses_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await live(ALL[:3], set())
    other, log = Projection(world.store, LIMITS), Store.log
    news = [said(status(1, "success", 1)), said(synced(ONE, None))]

    async def overtaken(self: Store, after: int, limit: int = 500) -> list[Logged]:
        entries = await log(self, after, limit)
        if not entries and news:
            await world.take(news.pop())
            await other.apply(after, await log(self, after))
        return entries

    monkeypatch.setattr(Store, "log", overtaken)
    assert await rebuild(world.store, LIMITS) == 5
    assert [row["phase"] for row in (await world.rows())[0]] == ["success"]
    assert await other.position() == 5
    world.store.close()


async def test_a_rebuild_that_fails_leaves_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = await live(ALL, set())
    rows = await world.rows()
    with monkeypatch.context() as broken:
        broken.setattr("api_gateway.read_model.rebuilding.move", 1 / 1)
        with pytest.raises(TypeError):
            await rebuild(world.store, LIMITS)
    assert await world.rows() == rows
    await rebuild(world.store, LIMITS)
    assert await world.rows() == rows
    world.store.close()
