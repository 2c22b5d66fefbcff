"""Whether a repository is there: in every order, and not after one look."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial, reduce

import orjson
import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from shared.contracts import (
    DeploymentSynced,
    Message,
    RepositoryActivated,
    RepositoryGone,
    RepositoryNameTaken,
    RepositoryRenamed,
)
from shared.messaging import Retry
from shared.store import Store
from shared.testing import T0, FakeClock, said, until
from status_sync.application import Heard, StatusSync
from status_sync.domain.repository import (
    AtGitHub,
    RepositoryFact,
    RepositoryFound,
    RepositoryMissed,
    evolve,
    found,
    lost,
    missed,
    stream_of,
)
from status_sync.ports import Lack, NoAnswerError
from status_sync.webhooks import Webhook

from .conftest import FakeGitHub, a_webhook, facts
from .examples import DEPLOYMENT, QUESTION, REPOSITORY

STREAM = stream_of(REPOSITORY)
RENAMED = REPOSITORY.model_copy(update={"full_name": "octo/market"})
PATIENCE = timedelta(minutes=30)
LATER = T0 + PATIENCE
GONE = RepositoryGone(repository=REPOSITORY, reason="out_of_reach", seen_at=LATER)
DELETED = RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=T0)
MISSED = RepositoryMissed(repository=REPOSITORY, seen_at=T0)


def given(*facts: RepositoryFact) -> AtGitHub:
    return reduce(evolve, map(said, facts), AtGitHub())


miss = partial(missed, repository=REPOSITORY, patience=PATIENCE)
find = partial(found, expected=REPOSITORY, there=REPOSITORY)


def test_one_absence_is_only_noted() -> None:
    assert miss(given(), now=T0) == [MISSED]
    assert miss(given(MISSED), now=LATER - timedelta(seconds=1)) == []


def test_an_absence_that_lasts_is_a_loss() -> None:
    assert miss(given(MISSED), now=LATER) == [GONE]
    assert miss(given(MISSED, GONE), now=LATER) == []


def test_an_absence_begins_with_the_first_look() -> None:
    again = RepositoryMissed(repository=REPOSITORY, seen_at=LATER)
    assert given(MISSED, again).missing_since == T0


def test_what_was_found_in_the_same_moment_is_there() -> None:
    there = RepositoryFound(repository=REPOSITORY, seen_at=T0)
    assert given(MISSED, there).missing_since is None
    assert given(DELETED, there).gone is None


def test_one_that_was_there_in_between_is_missed_anew() -> None:
    between = RepositoryFound(repository=REPOSITORY, seen_at=T0 + timedelta(minutes=1))
    (fact,) = miss(given(MISSED, between), now=LATER)
    assert fact == RepositoryMissed(repository=REPOSITORY, seen_at=LATER)


def test_one_that_comes_back_is_there_again() -> None:
    back = RepositoryFound(repository=REPOSITORY, seen_at=LATER + PATIENCE)
    assert find(given(MISSED, GONE), now=back.seen_at) == [back]
    assert given(MISSED, GONE, back).gone is None


def test_one_that_was_restored_is_there_again() -> None:
    (back,) = find(given(DELETED), now=LATER)
    assert isinstance(back, RepositoryFound)
    assert find(given(DELETED, back), now=LATER) == []


def test_of_several_words_the_last_counts() -> None:
    later = DELETED.model_copy(update={"seen_at": LATER})
    assert given(DELETED, later).gone == later
    assert given(later, DELETED).gone == later


def test_while_it_is_there_nothing_is_said() -> None:
    assert find(given(), now=T0) == []


def test_githubs_own_word_counts_at_once() -> None:
    assert lost(given(), REPOSITORY, "deleted", T0) == [DELETED]
    assert lost(given(DELETED), REPOSITORY, "deleted", LATER) == []
    assert lost(given(DELETED), REPOSITORY, "out_of_reach", LATER) == []


def test_githubs_own_word_is_said_also_after_our_conclusion() -> None:
    (fact,) = lost(given(MISSED, GONE), REPOSITORY, "deleted", LATER)
    assert isinstance(fact, RepositoryGone)
    assert fact.reason == "deleted"


def test_another_name_is_said_once() -> None:
    (renamed,) = found(given(), REPOSITORY, RENAMED, T0)
    assert renamed == RepositoryRenamed(
        repository=RENAMED, previous_name="octo/shop", seen_at=T0
    )
    assert found(given(renamed), REPOSITORY, RENAMED, LATER) == []
    (back,) = found(given(renamed), REPOSITORY, REPOSITORY, LATER)
    assert isinstance(back, RepositoryRenamed)
    assert back.previous_name == "octo/market"


FACTS: list[Message[RepositoryFact]] = [
    said(fact)
    for minute in range(3)
    for at in [T0 + timedelta(minutes=minute)]
    for fact in (
        RepositoryMissed(repository=REPOSITORY, seen_at=at),
        RepositoryFound(
            repository=REPOSITORY, seen_at=at + timedelta(seconds=minute * 20)
        ),
        RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=at),
        RepositoryRenamed(
            repository=RENAMED, previous_name=f"octo/{minute}", seen_at=at
        ),
    )
]


@given_any(
    st.lists(st.sampled_from(FACTS), max_size=6).flatmap(
        lambda again: st.permutations([*FACTS, *again])
    )
)
def test_evolve_gives_one_state_for_every_order_and_duplication(
    messages: list[Message[RepositoryFact]],
) -> None:
    assert reduce(evolve, messages, AtGitHub()) == reduce(evolve, FACTS, AtGitHub())


# What the service does with it.


async def running(sync: StatusSync, done: Callable[[], bool | Awaitable[bool]]) -> None:
    """Let it look until that is done."""
    looking = asyncio.create_task(sync.look_when_touched())
    await until(done)
    looking.cancel()
    await asyncio.wait([looking])


def touched(action: str, name: str = "octo/shop") -> Webhook:
    told = {"id": REPOSITORY.id, "full_name": name}
    return a_webhook("repository", orjson.dumps({"action": action, "repository": told}))


async def test_a_question_about_a_repository_that_is_gone_is_answered(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    github.found, github.name = Lack.ABSENT, None
    question = said(QUESTION)
    with pytest.raises(Retry, match="counts as gone"):
        await sync.take(question)
    clock.advance(PATIENCE)
    await sync.take(question)
    gone, synced = (await facts(store))[-2:]
    assert gone == GONE
    assert isinstance(synced, DeploymentSynced)
    assert (synced.sync_id, synced.newest_github_status_id) == (QUESTION.sync_id, None)
    assert await facts(store, STREAM) == [MISSED, GONE]


async def test_a_question_about_a_missing_repository_comes_again_when_it_counts(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    github.found, github.name = Lack.ABSENT, None
    waits = []
    for _ in range(3):
        with pytest.raises(Retry) as retry:
            await sync.take(said(QUESTION))
        waits.append(retry.value.after)
        clock.advance(timedelta(minutes=14))
    assert waits == [timedelta(minutes=m) for m in (30, 16, 3)]


async def deleted(sync: StatusSync, store: Store, github: FakeGitHub) -> None:
    github.found, github.name = Lack.ABSENT, None
    assert await sync.hear(touched("deleted")) is Heard.NOTICED

    async def said_so() -> bool:
        return bool(await facts(store, STREAM))

    await running(sync, said_so)


async def test_the_next_question_about_it_is_answered_at_once(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await deleted(sync, store, github)
    await sync.take(said(QUESTION))
    *_, gone, synced = await facts(store)
    assert isinstance(gone, RepositoryGone)
    assert isinstance(synced, DeploymentSynced)
    assert synced.repository_gone


async def test_who_asks_again_hears_of_the_loss_again(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await deleted(sync, store, github)
    github.found = Lack.FORBIDDEN
    await sync.take(said(QUESTION, id="q"))
    await sync.take(said(QUESTION, id="q", asked=True))
    kinds = [type(again.data) for again in store.repeats()]
    assert kinds == [RepositoryGone, DeploymentSynced]


async def test_a_token_that_is_refused_makes_nothing_gone(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    github.away = NoAnswerError("Bad credentials", timedelta(minutes=10))
    for _ in range(5):
        with pytest.raises(Retry, match="Bad credentials"):
            await sync.take(said(QUESTION))
        clock.advance(PATIENCE)
    assert await facts(store, STREAM) == []


async def test_a_repository_that_was_renamed_is_asked_for_all_the_same(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.found, github.name = Lack.ABSENT, "octo/market"
    await sync.take(said(QUESTION))
    (renamed,) = await facts(store, STREAM)
    assert isinstance(renamed, RepositoryRenamed)
    assert renamed.repository == RENAMED


async def test_github_says_once_that_it_was_deleted(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    await deleted(sync, store, github)
    await sync.look(REPOSITORY, word="deleted")
    assert await facts(store, STREAM) == [DELETED]


async def test_an_old_word_that_comes_late_or_again_makes_nothing_gone(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    # It was restored, or the body is that of another event, sent again as this one.
    assert await sync.hear(touched("deleted")) is Heard.NOTICED
    await running(sync, lambda: github.located == 1)
    assert await facts(store, STREAM) == []


@pytest.mark.parametrize("action", ["renamed", "transferred", "archived", "new one"])
async def test_whatever_else_happens_to_it_github_itself_is_asked(
    sync: StatusSync, store: Store, github: FakeGitHub, action: str
) -> None:
    assert await sync.hear(touched(action, "octo/guess")) is Heard.NOTICED
    assert await facts(store, STREAM) == []
    github.name = "octo/market"

    async def said_so() -> bool:
        return bool(await facts(store, STREAM))

    await running(sync, said_so)
    (renamed,) = await facts(store, STREAM)
    assert isinstance(renamed, RepositoryRenamed)
    assert renamed.repository == RENAMED


async def test_the_hook_that_is_deleted_makes_us_look(
    sync: StatusSync, github: FakeGitHub
) -> None:
    told = {"id": REPOSITORY.id, "full_name": "octo/shop"}
    body = orjson.dumps({"action": "deleted", "hook_id": 5, "repository": told})
    assert await sync.hear(a_webhook("meta", body)) is Heard.NOTICED
    await running(sync, lambda: github.located == 1)


async def test_an_old_name_in_a_question_is_no_rename(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    hook = RepositoryActivated(command_id=DEPLOYMENT, repository=RENAMED, webhook_id=50)
    await sync.take_hook(said(hook))
    github.found, github.name = Lack.ABSENT, "octo/market"
    await sync.take(said(QUESTION))
    assert await facts(store, STREAM) == []


async def test_a_hint_that_its_name_is_anothers_is_looked_into_at_once(
    sync: StatusSync, github: FakeGitHub
) -> None:
    github.name = "octo/store"
    looking = asyncio.create_task(sync.look_when_touched())
    await sync.hear_of_name(RepositoryNameTaken(repository=REPOSITORY))

    async def renamed() -> bool:
        known = (await sync.at_github.get(stream_of(REPOSITORY))).renamed
        return known is not None and known.repository.full_name == "octo/store"

    await until(renamed)
    looking.cancel()
    await asyncio.wait([looking])
