"""Whose turn it is, over both databases."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.contracts import STATUS_SYNC
from shared.store import Store
from shared.testing import FakeClock
from status_sync.read_model import TurnsTable

EVERY = timedelta(minutes=5)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/"
    found: str = request.getfixturevalue("database_url")
    return found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(url: str, clock: FakeClock) -> Iterator[Store]:
    opened = Store.open(STATUS_SYNC, url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
async def turns(store: Store) -> TurnsTable:
    made = TurnsTable(store)
    await made.prepare()
    await made.prepare()
    return made


async def test_of_several_replicas_one_gets_the_turn(turns: TurnsTable) -> None:
    claims = await asyncio.gather(*(turns.claim("a", EVERY) for _ in range(8)))
    assert sorted(claims, key=str) == [0] + [None] * 7


async def test_the_next_turn_is_there_in_time_and_not_before(
    turns: TurnsTable, clock: FakeClock
) -> None:
    assert await turns.claim("a", EVERY) == 0
    clock.advance(EVERY - timedelta(microseconds=1))
    assert await turns.claim("a", EVERY) is None
    clock.advance(timedelta(microseconds=1))
    assert await turns.claim("a", EVERY) == 0


async def test_a_turn_goes_on_where_the_last_one_ended(
    turns: TurnsTable, clock: FakeClock
) -> None:
    await turns.claim("a", EVERY)
    await turns.reach("a", 2**60)
    clock.advance(EVERY)
    assert await turns.claim("a", EVERY) == 2**60


async def test_one_work_does_not_wait_for_another(turns: TurnsTable) -> None:
    await turns.claim("a", EVERY)
    await turns.reach("a", 7)
    assert await turns.claim("b", EVERY) == 0


async def test_a_replica_that_starts_does_not_wait_for_its_turn(
    turns: TurnsTable, store: Store
) -> None:
    await turns.claim("hook 1", EVERY)
    await turns.reach("hook 1", 7)
    started = TurnsTable(store)
    await started.prepare()
    assert await started.claim("hook 1", EVERY) == 7
