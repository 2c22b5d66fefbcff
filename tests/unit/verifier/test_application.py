"""What is committed and asked, with GitHub and the other services standing by."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import (
    VERIFIER,
    EnvironmentLocked,
    Event,
    RefRejected,
    RefVerified,
    taken_by,
)
from shared.messaging import Retry
from shared.store import Store
from shared.store.recording import Recorded
from shared.testing import T0, FakeClock, said
from verifier.application import HANDLERS, Verifier
from verifier.domain.environment import environment_id
from verifier.domain.found import Found
from verifier.ports import NoAnswerError

from .examples import (
    FIRST,
    HEAD,
    REPOSITORY,
    SECOND,
    FakeGitHub,
    canceled,
    release,
    request,
    status,
)
from .locking import BEN, lock, unlock

HOLDS = timedelta(minutes=15)
STAGING = environment_id(REPOSITORY, "staging")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Iterator[Store]:
    opened = Store.open(VERIFIER, "memory://", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def verifier(store: Store, github: FakeGitHub) -> Verifier:
    return Verifier(store, github, HOLDS)


async def take(verifier: Verifier, event: Event, *, asked: bool = False) -> None:
    await HANDLERS[type(event)](verifier, said(event, asked=asked))


async def facts(store: Store, stream: UUID = FIRST) -> list[str]:
    return [type(row.message.data).__name__ for row in await store.read(stream)]


async def verdict(store: Store, id_: UUID = FIRST) -> RefVerified | RefRejected | None:
    said_ = (row.message.data for row in await store.read(id_))
    return next((f for f in said_ if isinstance(f, RefVerified | RefRejected)), None)


def test_it_takes_what_the_table_of_the_bus_says() -> None:
    assert set(HANDLERS) == taken_by(VERIFIER)


async def test_a_request_is_verified_with_one_question(
    verifier: Verifier, store: Store, github: FakeGitHub
) -> None:
    await take(verifier, request())
    assert await facts(store) == ["DeployRequested", "RefResolved", "RefVerified"]
    assert (github.looks, github.questions) == (1, 0)


async def test_a_request_what_github_says_and_what_follows_are_one_commit(
    verifier: Verifier, store: Store
) -> None:
    commits, append = list[int](), store.append

    async def counted(rows: Sequence[Recorded]) -> None:
        commits.append(len(rows))
        await append(rows)

    store.append = counted  # type: ignore[method-assign]
    await take(verifier, request())
    assert commits == [4], "the request, the answer, the verdict and the place"


async def test_an_end_that_comes_while_github_is_asked_frees_the_place(
    verifier: Verifier, store: Store, github: FakeGitHub
) -> None:
    look = github.look

    async def meanwhile(*args: Any, **named: Any) -> Found | None:
        await take(verifier, release())
        return await look(*args, **named)

    github.look = meanwhile  # type: ignore[method-assign]
    await take(verifier, request(FIRST, environment="staging"))
    github.look = look  # type: ignore[method-assign]
    await take(verifier, request(SECOND, environment="staging"))
    assert (await facts(store))[:2] == ["SlotReleaseRequested", "DeployRequested"]
    assert isinstance(await verdict(store, SECOND), RefVerified)


async def test_of_two_replicas_that_get_a_request_one_records_it(
    verifier: Verifier, store: Store, github: FakeGitHub
) -> None:
    message, look, other = said(request()), github.look, Verifier(store, github, HOLDS)

    async def meanwhile(*args: Any, **named: Any) -> Found | None:
        github.look = look  # type: ignore[method-assign]
        await other.take(message)
        return await look(*args, **named)

    github.look = meanwhile  # type: ignore[method-assign]
    await verifier.take(message)
    assert await facts(store) == ["DeployRequested", "RefResolved", "RefVerified"]


async def test_two_for_one_place(verifier: Verifier, store: Store) -> None:
    await take(verifier, request(FIRST, environment="staging"))
    await take(verifier, request(SECOND, environment="Staging"))
    await take(verifier, request(SECOND, environment="staging"))
    assert isinstance(await verdict(store, FIRST), RefVerified)
    assert await facts(store, STAGING) == ["SlotGranted"]


async def test_the_second_is_refused_by_name(verifier: Verifier, store: Store) -> None:
    await take(verifier, request(FIRST, environment="staging"))
    await take(verifier, request(SECOND, environment="staging"))
    rejected = await verdict(store, SECOND)
    assert isinstance(rejected, RefRejected)
    assert rejected.code == "deployment_serialization"
    assert rejected.holder
    assert rejected.holder.deployment_id == str(FIRST)
    assert await facts(store, STAGING) == ["SlotGranted", "SlotRefused"]


async def test_the_place_is_freed_once_and_given_again(
    verifier: Verifier, store: Store
) -> None:
    await take(verifier, request(FIRST, environment="staging"))
    await take(verifier, canceled(FIRST, created=4001))
    await take(verifier, status(FIRST, "in_progress"))
    await take(verifier, status(FIRST, "error", ours=True))
    assert await facts(store, STAGING) == ["SlotGranted"]
    await take(verifier, status(FIRST, "failure"))
    await take(verifier, release(FIRST))
    await take(verifier, request(SECOND, environment="staging"))
    assert await facts(store, STAGING) == [
        "SlotGranted",
        "SlotEnded",
        "CommitFinished",
        "SlotGranted",
    ]


async def test_an_end_that_comes_first_prevents_the_grant(
    verifier: Verifier, store: Store, github: FakeGitHub
) -> None:
    await take(verifier, canceled(FIRST))
    await take(verifier, request(FIRST, environment="staging"))
    assert await verdict(store) is None
    assert await facts(store, STAGING) == []
    assert github.looks == 0


async def test_statuses_that_free_nothing_are_not_kept(
    verifier: Verifier, store: Store
) -> None:
    await take(verifier, status(state="in_progress"))
    await take(verifier, status(state="error", ours=True))
    assert await facts(store) == []


async def test_who_asks_is_answered_again(verifier: Verifier, store: Store) -> None:
    await take(verifier, request())
    first = await verdict(store)
    await take(verifier, request(), asked=True)
    (again,) = store.repeats()
    assert again.data == first
    assert again.asked, "the question travels on to the dispatcher"


async def test_a_rejection_is_said_again_and_asks_nobody(
    verifier: Verifier, store: Store, github: FakeGitHub
) -> None:
    github.answer = None
    await take(verifier, request())
    await take(verifier, request(), asked=True)
    (again,) = store.repeats()
    assert isinstance(again.data, RefRejected)
    assert not again.asked


async def test_too_late_is_no_question_and_no_verdict(
    verifier: Verifier, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    clock.advance(timedelta(minutes=15))
    await take(verifier, request())
    assert await facts(store) == ["DeployRequested"]
    assert github.looks == 0


@pytest.mark.parametrize(
    ("waited", "retry_after", "again_in"),
    [
        (0, None, 1),
        (12, None, 6),
        (600, None, 60),
        (0, 240, 240),
        (0, -5, 1),
    ],
)
async def test_without_an_answer_it_comes_again(
    verifier: Verifier,
    store: Store,
    github: FakeGitHub,
    clock: FakeClock,
    waited: int,
    retry_after: int | None,
    again_in: int,
) -> None:
    clock.advance(timedelta(seconds=waited))
    named = None if retry_after is None else clock() + timedelta(seconds=retry_after)
    github.trouble = NoAnswerError("down", named)
    with pytest.raises(Retry, match="down") as retry:
        await take(verifier, request())
    assert retry.value.after == timedelta(seconds=again_in)
    assert await facts(store) == ["DeployRequested"]
    github.trouble = None
    await take(verifier, request())
    assert isinstance(await verdict(store), RefVerified)


async def test_a_lock_is_answered_and_again_when_asked(
    verifier: Verifier, store: Store
) -> None:
    await verifier.take_command(mine := said(lock()))
    await take(verifier, lock(BEN, FIRST, minute=1))
    assert await facts(store, STAGING) == [
        "LockRequested",
        "EnvironmentLocked",
        "LockRequested",
        "LockRefused",
    ]
    assert store.repeats() == []
    await verifier.take_command(replace(mine, asked=True))
    (again,) = store.repeats()
    assert isinstance(again.data, EnvironmentLocked)
    assert len(await facts(store, STAGING)) == 4
    await take(verifier, unlock())
    assert (await facts(store, STAGING))[-1] == "EnvironmentUnlocked"


async def test_what_follows_carries_its_cause(verifier: Verifier, store: Store) -> None:
    message = said(request())
    await verifier.take(message)
    *_, last = await store.read(FIRST)
    assert last.message.causation_id == message.id
    assert last.message.correlation_id == message.correlation_id
    assert isinstance(last.message.data, RefVerified)
    assert last.message.data.config.commit == HEAD
    assert last.message.data.not_after == T0 + HOLDS
