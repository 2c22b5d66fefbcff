"""The store on real databases: as in memory, with replicas, and as an outbox."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts import Cause, Event
from shared.store import (
    Action,
    Actions,
    DatabaseUnavailableError,
    DatabaseUrlError,
    Outbox,
    Said,
    Store,
    WantedActions,
)
from shared.testing import T0, FakeClock, said, until
from shared.testing.streams import (
    CAUSE,
    ID,
    Counted,
    Noted,
    StreamsConformance,
    counters,
    follow,
    one_more,
)


class TestSqlite(StreamsConformance):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Store]:
        with closing(Store.open("verifier", f"sqlite:///{tmp_path}/")) as store:
            yield store


class TestPostgres(StreamsConformance):
    @pytest.fixture
    def store(self, database_url: str) -> Iterator[Store]:
        with closing(Store.open("verifier", database_url)) as store:
            yield store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/"
    return str(request.getfixturevalue("database_url"))


async def test_two_processes_decide_in_turn(database_url: str) -> None:
    with (
        closing(Store.open("verifier", database_url)) as one,
        closing(Store.open("verifier", database_url)) as two,
    ):
        replicas = [counters(one), counters(two)] * 10
        await asyncio.gather(*(r.change(ID, one_more, CAUSE) for r in replicas))
        assert (await counters(one).get(ID)).total == 5
        assert len(await two.read(ID)) == 5


async def test_replicas_may_make_the_tables_at_once(database_url: str) -> None:
    opening = (asyncio.to_thread(Store.open, "verifier", database_url) for _ in "12345")
    stores = await asyncio.gather(*opening)
    for store in stores:
        with closing(store):
            await store.ready()


async def test_what_is_committed_is_there_after_a_restart(url: str) -> None:
    with closing(Store.open("verifier", url)) as store:
        message = said(Noted(text="kept"))
        await counters(store).take(ID, message)
    with closing(Store.open("verifier", url)) as store:
        (row,) = await store.log(0)
        assert row.message == message
        assert await store.last_position() == row.position


async def test_what_is_being_read_at_the_end_is_read_to_its_end(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open("verifier", url)
    begun, go = threading.Event(), threading.Event()
    order: list[str] = []
    close = store._events.close

    def read() -> None:
        begun.set()
        assert go.wait(60)
        store._recorder.max_notification_id()
        order.append("read")

    def closed() -> None:
        order.append("closed")
        close()

    monkeypatch.setattr(store._events, "close", closed)
    reading = asyncio.create_task(store.run(read))
    await until(begun.is_set)
    asyncio.get_running_loop().call_later(0.1, go.set)
    await asyncio.to_thread(store.close)
    await reading
    assert order == ["read", "closed"]


async def test_services_in_one_database_keep_apart(url: str) -> None:
    with (
        closing(Store.open("verifier", url)) as one,
        closing(Store.open("status-sync", url)) as two,
    ):
        await counters(one).take(ID, said(Noted(text="mine")))
        assert await two.log(0) == []


async def test_one_that_loses_its_race_takes_no_other_with_it(url: str) -> None:
    with closing(Store.open("verifier", url)) as store:
        behind = counters(store)
        await behind.get(ID)
        await counters(store).take(ID, said(Noted(text="first")))
        others = [uuid4() for _ in range(20)]
        await asyncio.gather(
            behind.take(ID, said(Noted(text="second"))),
            *(counters(store).take(o, said(Noted(text="x"))) for o in others),
        )
        assert (await counters(store).get(ID)).notes == ("first", "second")
        assert all([len(await store.read(other)) == 1 for other in others])


async def test_the_log_has_what_each_replica_committed(database_url: str) -> None:
    told = [said(Noted(text=text)) for text in "abcdefgh"]
    with (
        closing(Store.open("verifier", database_url)) as one,
        closing(Store.open("verifier", database_url)) as two,
    ):
        for message, replica in zip(told, [one, one, two, one] * 2, strict=True):
            await counters(replica).take(uuid4(), message)
        for replica in (one, two):
            assert [message for _, message in await follow(replica, 0)] == told


async def test_a_place_that_was_lost_to_another_leaves_a_gap_and_no_doubt(
    database_url: str,
) -> None:
    with (
        closing(Store.open("verifier", database_url)) as one,
        closing(Store.open("verifier", database_url)) as two,
    ):
        behind = counters(one)
        await behind.take(ID, said(Noted(text="a")))
        await counters(two).take(ID, said(Noted(text="b")))
        await behind.take(ID, said(Noted(text="c")))
        followed = await follow(one, 0)
        assert followed == await follow(two, 0)
        assert [m.data for _, m in followed] == [Noted(text=t) for t in "abc"]


async def test_what_was_committed_here_is_not_read_back(url: str) -> None:
    with closing(Store.open("verifier", url)) as store:
        outbox = Outbox(store)
        await outbox.prepare()
        await counters(store).change(ID, one_more, CAUSE)
        (row,) = await store.read(ID)
        windows = list[Sequence[Said]]()

        async def publish(window: Sequence[Said]) -> int:
            windows.append(window)
            return len(window)

        assert await outbox.next_window(publish) == 1
        ((published,),) = windows
        assert (published.position, published.message) == (1, row.message)
        assert published.message is (await store.log(0))[0].message


def sent(window: Sequence[Said]) -> list[int]:
    return [m.message.data.step for m in window if isinstance(m.message.data, Counted)]


async def count_to_five(store: Store) -> None:
    for _ in range(5):
        await counters(store).take(ID, said(Noted(text="taken")))
        await counters(store).change(ID, one_more, Cause(correlation_id="c"))


async def test_the_outbox_sends_what_was_said_and_only_that(url: str) -> None:
    with closing(Store.open("verifier", url)) as store:
        outbox, windows = Outbox(store), list[list[int]]()
        await outbox.prepare()
        await count_to_five(store)

        async def publish(window: Sequence[Said]) -> int:
            windows.append(sent(window))
            return len(window)

        while await outbox.next_window(publish):
            pass
        assert windows == [[1, 1, 1, 1, 1]]
        assert await outbox.position() == await store.last_position()


async def test_the_position_moves_only_over_what_was_confirmed(url: str) -> None:
    with closing(Store.open("verifier", url)) as store:
        outbox, windows = Outbox(store), list[list[int]]()
        await outbox.prepare()
        await count_to_five(store)

        async def two_of_it(window: Sequence[Said]) -> int:
            windows.append(sent(window))
            return min(2, len(window))

        for _ in range(3):
            await outbox.next_window(two_of_it)
        assert [len(window) for window in windows] == [5, 3, 1]


async def test_only_one_replica_publishes_at_a_time(database_url: str) -> None:
    with (
        closing(Store.open("verifier", database_url)) as one,
        closing(Store.open("verifier", database_url)) as two,
    ):
        await Outbox(one).prepare()
        await Outbox(two).prepare()
        await count_to_five(one)
        other: list[int | None] = []

        async def publish(window: Sequence[Said]) -> int:
            other.append(await Outbox(two).next_window(publish))
            return len(window)

        await Outbox(one).next_window(publish)
        assert other == [None]


async def test_the_relay_can_go_back_to_a_time(url: str) -> None:
    clock = FakeClock()
    with closing(Store.open("verifier", url, clock=clock)) as store:
        outbox = Outbox(store)
        await outbox.prepare()
        for hours in range(5):
            await counters(store).change(ID, one_more, CAUSE)
            if hours == 2:
                middle = clock()
            clock.advance(timedelta(hours=1))

        async def publish(window: Sequence[Said]) -> int:
            return len(window)

        await outbox.next_window(publish)
        await outbox.rewind(middle)
        seen: list[Event] = []

        async def look(window: Sequence[Said]) -> int:
            seen.extend(each.message.data for each in window)
            return len(window)

        await outbox.next_window(look)
        assert len(seen) == 3


async def test_who_goes_back_while_a_window_is_published_is_not_passed_over(
    url: str,
) -> None:
    with closing(Store.open("verifier", url)) as store:
        outbox, other = Outbox(store), Outbox(store)
        await outbox.prepare()
        await count_to_five(store)
        windows: list[int] = []

        async def publish(window: Sequence[Said]) -> int:
            windows.append(len(window))
            if len(windows) == 2:
                await other.rewind(datetime.min.replace(tzinfo=UTC))
            return len(window)

        await outbox.next_window(publish)
        await counters(store).change(uuid4(), one_more, CAUSE)
        await outbox.next_window(publish)
        await outbox.next_window(publish)
        assert windows == [5, 1, 6]


async def test_going_back_never_passes_over_what_waits(url: str) -> None:
    clock = FakeClock()
    with closing(Store.open("verifier", url, clock=clock)) as store:
        outbox = Outbox(store)
        await outbox.prepare()
        await counters(store).change(ID, one_more, CAUSE)
        clock.advance(timedelta(hours=2))
        assert await outbox.rewind(clock() - timedelta(hours=1)) == 0
        assert await outbox.position() == 0


async def test_what_an_operator_does_is_kept_with_who_and_why(url: str) -> None:
    done = Action(T0, "ann@desk", "rewind", "verifier", "The broker was restored.")
    with closing(Store.open("verifier", url)) as store:
        outbox = Outbox(store)
        await outbox.prepare()
        await outbox.rewind(T0, done)
        later = replace(done, details='{"position": 1}')
        await Actions(store).record(later)
        assert await Actions(store).all() == [done, later]


async def test_what_operators_did_is_found_from_the_newest_on(url: str) -> None:
    done = Action(T0, "ann@desk", "drop", "one", "It is old.")
    others = [
        replace(done, subject="two"),
        replace(done, subject="three", at=T0 + timedelta(hours=1), who="bob@desk"),
        replace(done, subject="before", at=T0 - timedelta(hours=1), action="rewind"),
    ]
    with closing(Store.open("verifier", url)) as store:
        await Outbox(store).prepare()
        actions = Actions(store)
        for each in (done, *others):
            await actions.record(each)

        async def subjects(before: Any = None, limit: int = 9, **wanted: Any) -> Any:
            found = await actions.newest(WantedActions(**wanted), limit, before)
            return [(nth, one.subject) for nth, one in found]

        everything = [(3, "three"), (2, "two"), (1, "one"), (4, "before")]
        assert await subjects() == everything
        assert await subjects(limit=2) == everything[:2]
        assert await subjects((T0, 2)) == everything[2:]
        assert await subjects((T0, 1)) == everything[3:]
        assert await subjects(who="ANN@desk") == everything[1:]
        assert await subjects(action="rewind") == everything[3:]
        assert await subjects(since=T0, until=T0) == everything[1:3]


def test_what_the_library_cannot_pass_on_still_takes_effect(
    database_url: str,
) -> None:
    with pytest.raises(DatabaseUnavailableError, match="SSL"):
        Store.open("verifier", f"{database_url}?sslmode=require")


def test_a_url_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(DatabaseUrlError, match="mysql"):
        Store.open("verifier", "mysql://localhost/x")


def test_a_url_that_cannot_be_understood_is_not_quoted() -> None:
    with pytest.raises(DatabaseUrlError) as refusal:
        Store.open("verifier", "postgresql://u:s3cr/et@h/db")
    assert "s3cr" not in str(refusal.value)
