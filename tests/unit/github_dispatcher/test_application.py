"""What happens at GitHub, and what is said, for what the dispatcher is told."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from github_dispatcher.application import HANDLERS, Dispatcher
from github_dispatcher.domain.answers import RATE_LIMITED, NotNow, Refusal, Unclear
from github_dispatcher.domain.wording import OUT_OF_REACH, REPOSITORY_GONE
from shared.contracts import (
    DISPATCHER,
    DispatchAttempted,
    Event,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    Message,
    RefVerified,
    RemoteStatusPosted,
    RemoteStatusRefused,
    Repository,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryDeactivated,
    taken_by,
)
from shared.messaging import Retry
from shared.store import Recorded, Store
from shared.testing import T0, FakeClock, said

from .examples import (
    FINAL,
    ID,
    REPOSITORY,
    SOON,
    FakeGitHub,
    activation,
    at_github,
    cancel,
    deactivation,
    order,
    seconds,
    seen,
    wish,
)

E = TypeVar("E", bound=Event)


class World:
    """One dispatcher, its clock and its GitHub."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = Store.open(DISPATCHER, "memory://", clock=self.clock)
        self.github = FakeGitHub(self.clock)
        self.dispatcher = Dispatcher(self.store, self.github)

    async def tell(self, *facts: Event) -> None:
        for fact in facts:
            await self.deliver(said(fact, time=self.clock()))

    async def deliver(self, message: Message[Event]) -> None:
        await HANDLERS[type(message.data)](self.dispatcher, message)

    async def later(self, message: Message[Event]) -> timedelta:
        with pytest.raises(Retry) as retry:
            await self.deliver(message)
        return retry.value.after

    async def heard(self, kind: type[E]) -> list[E]:
        log = await self.store.log(0)
        facts = [entry.message.data for entry in log]
        return [fact for fact in facts if isinstance(fact, kind)]


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.store.close()


def test_it_takes_what_the_table_of_the_bus_says() -> None:
    assert HANDLERS.keys() == taken_by(DISPATCHER)


async def test_a_verified_ref_is_created_with_one_call(world: World) -> None:
    await world.tell(order(), seen())
    (created,) = await world.heard(GitHubDeploymentCreated)
    assert (created.github_deployment_id, created.repository) == (42, REPOSITORY)
    assert world.github.calls == ["create at octo/shop"]


async def test_the_order_and_its_attempt_are_one_commit_before_it_is_sent(
    world: World,
) -> None:
    commits, append = list[list[str]](), world.store.append

    async def counting(rows: Sequence[Recorded]) -> None:
        if not world.github.calls:
            commits.append([type(row.message.data).__name__ for row in rows])
        await append(rows)

    world.store.append = counting  # type: ignore[method-assign]
    await world.tell(order())
    assert commits == [["RefVerified", "AttemptStarted"]]


async def test_an_order_is_recorded_though_github_does_not_say_where(
    world: World,
) -> None:
    world.github.away = True
    world.clock.advance(seconds(61))
    await world.later(said(order()))
    assert len(await world.heard(RefVerified)) == 1


async def test_a_copy_changes_nothing(world: World) -> None:
    message = said(order())
    await world.deliver(message)
    await world.deliver(message)
    assert world.github.calls == ["create at octo/shop"]


async def test_who_asks_is_told_again(world: World) -> None:
    message = said(order())
    await world.deliver(message)
    await world.deliver(replace(message, asked=True))
    (again,) = world.store.repeats()
    assert isinstance(again.data, GitHubDeploymentCreated)
    assert not again.asked


async def test_an_old_name_is_looked_up_before_the_write(world: World) -> None:
    world.clock.advance(seconds(61))
    world.github.name = "octo/market"
    await world.tell(order())
    assert world.github.calls == ["locate", "create at octo/market"]


async def test_a_redirect_makes_it_read_the_name_again(world: World) -> None:
    world.github.answers = [NotNow("redirected", "It has another name now.")]
    message = said(order())
    assert await world.later(message) == seconds(1)
    world.clock.advance(seconds(5))
    world.github.name = "octo/market"
    await world.deliver(message)
    assert world.github.calls[-2:] == ["locate", "create at octo/market"]


async def test_a_repository_that_is_gone_is_refused(world: World) -> None:
    world.clock.advance(seconds(61))
    world.github.gone = True
    await world.tell(order())
    (refused,) = await world.heard(GitHubDeploymentRefused)
    assert refused.code == "repository_gone"


async def test_githubs_no_is_final(world: World) -> None:
    world.github.answers = [Refusal("invalid", "GitHub says no.")]
    await world.tell(order(), cancel())
    (refused,) = await world.heard(GitHubDeploymentRefused)
    assert (refused.code, refused.message) == ("invalid", "GitHub says no.")
    assert not await world.heard(GitHubDeploymentCanceled)


async def test_a_rate_limit_is_waited_out(world: World) -> None:
    reset = T0 + timedelta(minutes=20)
    world.github.answers = [NotNow(RATE_LIMITED, "Wait.", reset)]
    message = said(order())
    assert await world.later(message) == timedelta(minutes=10)
    (attempted,) = await world.heard(DispatchAttempted)
    assert (attempted.outcome, attempted.retry_at) == ("rate_limited", reset)
    world.clock.now = reset
    await world.deliver(message)
    assert await world.heard(GitHubDeploymentCreated)


async def test_no_attempt_starts_without_a_write_for_it(world: World) -> None:
    world.github.full_until = T0 + seconds(2)
    message = said(order())
    assert await world.later(message) == seconds(1)
    assert len(await world.store.read(ID)) == 1
    world.clock.advance(seconds(2))
    await world.deliver(message)
    assert world.github.reserved == 0
    assert await world.heard(GitHubDeploymentCreated)


async def test_a_write_that_is_not_needed_is_given_back(world: World) -> None:
    async def canceled_meanwhile(*_: object) -> object:
        other = Dispatcher(world.store, FakeGitHub(world.clock))
        await other.take(said(cancel()))
        return REPOSITORY

    world.github.locate = canceled_meanwhile  # type: ignore[method-assign,assignment]
    await world.tell(order())
    assert world.github.reserved == 0
    assert world.github.calls == []


async def test_while_github_is_away_a_stale_verdict_is_refused(world: World) -> None:
    world.clock.advance(timedelta(minutes=16))
    world.github.away = True
    await world.tell(order())
    (refused,) = await world.heard(GitHubDeploymentRefused)
    assert refused.code == "stale"


@pytest.mark.parametrize("passed", [seconds(21), timedelta(hours=1)])
async def test_what_a_restored_log_does_not_know_is_found_at_github(
    world: World, passed: timedelta
) -> None:
    there, message = world.github.make(), said(order(), time=world.clock())
    world.clock.advance(passed)
    await world.tell(seen())
    await world.deliver(message)
    (created,) = await world.heard(GitHubDeploymentCreated)
    assert created.github_deployment_id == there.id
    assert world.github.calls == ["find"]
    # It can be canceled like any other.
    await world.tell(cancel())
    assert world.github.errors == {there.id: ID}


async def test_a_cancel_keeps_nobody_from_looking_first(world: World) -> None:
    there, message = world.github.make(), said(order(), time=world.clock())
    world.clock.advance(seconds(21))
    world.github.away = True
    assert await world.later(message) == seconds(10)
    world.github.away = False
    await world.tell(cancel())
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert (canceled.created, world.github.errors) == (True, {there.id: ID})


async def test_a_late_order_that_nobody_has_carried_out_is_carried_out_once(
    world: World,
) -> None:
    message = said(order(), time=world.clock())
    world.clock.advance(seconds(21))
    for _ in range(2):
        await world.deliver(message)
    assert world.github.calls == ["find", "create at octo/shop"]


async def test_a_lost_answer_is_looked_up_after_the_window(world: World) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    message = said(order())
    assert await world.later(message) == seconds(10)
    (attempted,) = await world.heard(DispatchAttempted)
    assert attempted.outcome == "ambiguous"
    world.clock.advance(seconds(30))
    await world.deliver(message)
    assert [d.github_deployment_id for d in await world.heard(GitHubDeploymentCreated)]
    assert world.github.calls == ["create at octo/shop", "find"]


async def test_a_lost_answer_is_settled_by_a_webhook_at_once(world: World) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    await world.later(said(order()))
    await world.tell(seen())
    assert await world.heard(GitHubDeploymentCreated)
    assert world.github.calls == ["create at octo/shop", "read 42"]


async def test_what_is_absent_is_created_again(world: World) -> None:
    world.github.answers = [Unclear("timeout")]
    message = said(order())
    await world.later(message)
    world.clock.advance(seconds(30))
    await world.later(message)
    assert len(world.github.deployments) == 1
    assert await world.heard(GitHubDeploymentCreated)
    world.clock.advance(seconds(600))
    await world.deliver(message)
    assert world.github.calls[-1] == "find"


async def test_what_github_finishes_late_is_set_to_error(world: World) -> None:
    world.github.answers = [Unclear("timeout")]
    message = said(order())
    await world.later(message)
    world.clock.advance(seconds(30))
    await world.later(message)
    late = world.github.make()
    world.clock.advance(seconds(600))
    await world.deliver(message)
    assert world.github.errors == {late.id: ID}
    (_, shown) = await world.heard(DispatchAttempted)
    assert shown.outcome == "extra_stopped"


async def test_the_webhook_of_an_extra_stops_it_at_once(world: World) -> None:
    await world.tell(order())
    twin = world.github.make()
    await world.tell(seen(twin.id))
    assert world.github.errors == {twin.id: ID}


async def test_a_forged_webhook_stops_nothing(world: World) -> None:
    await world.tell(order())
    foreign = world.github.make(marker=None)
    await world.tell(seen(foreign.id), seen(foreign.id))
    assert world.github.errors == {}
    assert world.github.calls.count(f"read {foreign.id}") == 1


async def test_a_webhook_ahead_of_githubs_api_is_checked_again(world: World) -> None:
    await world.tell(order())
    ahead = said(seen(77))
    assert await world.later(ahead) == seconds(60)
    world.github.deployments[77] = at_github(77)
    await world.deliver(ahead)
    assert world.github.errors == {77: ID}


async def test_one_that_never_shows_is_dismissed(world: World) -> None:
    await world.tell(order())
    message = said(seen(77))
    await world.later(message)
    world.clock.advance(seconds(60))
    await world.deliver(message)
    assert world.github.errors == {}


async def test_a_cancel_with_nothing_sent_binds(world: World) -> None:
    await world.tell(cancel(), order())
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert not canceled.created
    assert (canceled.code, world.github.calls) == ("canceled", [])


async def test_a_cancel_stops_what_was_created(world: World) -> None:
    await world.tell(order(), cancel())
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.github_deployment_id == 42
    assert world.github.errors == {42: ID}


async def test_a_cancel_spares_what_the_tooling_has_finished(world: World) -> None:
    await world.tell(order())
    world.github.finished.add(42)
    await world.tell(cancel())
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.final_github_status_id == FINAL
    assert canceled.github_deployment_id == 42
    assert world.github.errors == {}


async def test_a_cancel_waits_for_an_open_attempt(world: World) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    await world.later(said(order()))
    message = said(cancel())
    assert await world.later(message) == seconds(10)
    world.clock.advance(seconds(30))
    world.github.away = True
    assert await world.later(message) == seconds(10)
    world.github.away = False
    await world.deliver(message)
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.github_deployment_id == 42
    assert world.github.errors == {42: ID}


async def test_a_cancel_during_the_post_is_carried_out_behind_it(world: World) -> None:
    posting, answer = asyncio.Event(), asyncio.Event()
    create = world.github.create

    async def slowly(*args: object) -> object:
        posting.set()
        await answer.wait()
        return await create(*args)  # type: ignore[arg-type]

    world.github.create = slowly  # type: ignore[method-assign,assignment]
    sending = asyncio.create_task(world.tell(order()))
    await posting.wait()
    canceling = asyncio.create_task(world.tell(cancel()))
    answer.set()
    await asyncio.gather(sending, canceling)
    assert world.github.errors == {42: ID}
    assert await world.heard(GitHubDeploymentCanceled)


#: What the gateway says when it was told that the repository is gone.
LOST = cancel(by="repository", who=None)


async def test_a_cancel_in_a_repository_that_is_gone_is_answered(world: World) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    await world.later(said(order()))
    world.github.gone = True
    world.clock.advance(seconds(30))
    message = said(cancel(), time=world.clock())
    assert await world.later(message) == timedelta(minutes=1)
    assert not await world.heard(GitHubDeploymentCanceled)
    message = said(LOST, time=world.clock())
    assert await world.later(message) == timedelta(minutes=10)
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.code == "canceled"
    assert REPOSITORY_GONE.message in canceled.message
    # Should the repository come back, what it holds is found and stopped.
    world.github.gone = False
    world.clock.advance(seconds(600))
    await world.deliver(message)
    assert world.github.errors == {42: ID}


async def test_what_was_created_in_a_repository_that_is_gone_is_canceled(
    world: World,
) -> None:
    await world.tell(order())
    world.github.gone = True
    assert await world.later(said(cancel())) == timedelta(minutes=1)
    await world.tell(LOST)
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.github_deployment_id == 42
    assert OUT_OF_REACH.happened in canceled.message


async def test_a_repository_that_is_hidden_for_a_moment_hides_no_cancel_and_no_second(
    world: World,
) -> None:
    await world.tell(order())
    second = world.github.make()
    world.github.gone = True
    message = said(cancel())
    await world.later(message)
    sighting = said(seen(second.id), time=world.clock())
    await world.later(sighting)
    world.clock.advance(seconds(60))
    await world.later(sighting)
    assert world.github.errors == {}
    world.github.gone = False
    await world.deliver(sighting)
    await world.deliver(message)
    assert world.github.errors == {42: ID, second.id: ID}


async def test_a_cancel_is_answered_where_github_lets_us_in_no_more(
    world: World,
) -> None:
    await world.tell(order())
    world.github.forbids = True
    assert await world.later(said(cancel())) == SOON
    assert not await world.heard(GitHubDeploymentCanceled)
    await world.tell(cancel(by="repository", who=None))
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.github_deployment_id == 42
    assert OUT_OF_REACH.happened in canceled.message


async def test_an_open_attempt_is_settled_where_github_lets_us_in_no_more(
    world: World,
) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    await world.later(said(order()))
    world.github.forbids = True
    world.clock.advance(seconds(30))
    message = said(cancel(by="repository", who=None), time=world.clock())
    assert await world.later(message) == timedelta(minutes=10)
    assert len(await world.heard(GitHubDeploymentCanceled)) == 1
    world.clock.advance(seconds(600))
    await world.deliver(message)


async def test_a_sighting_keeps_no_cancel_back_where_github_lets_us_in_no_more(
    world: World,
) -> None:
    await world.tell(order())
    world.github.forbids = True
    await world.later(said(seen(43), time=world.clock()))
    world.clock.advance(seconds(60))
    await world.tell(cancel(by="repository", who=None))
    assert len(await world.heard(GitHubDeploymentCanceled)) == 1


async def test_a_limit_that_keeps_it_from_asking_moves_the_end_of_the_verdict(
    world: World,
) -> None:
    world.clock.advance(seconds(61))
    world.github.limited_until = T0 + seconds(1200)
    message = said(order())
    assert await world.later(message) == timedelta(minutes=10)
    world.clock.now = T0 + seconds(1200)
    await world.deliver(message)
    assert len(await world.heard(GitHubDeploymentCreated)) == 1


async def test_what_github_writes_in_another_case_is_found_all_the_same(
    world: World,
) -> None:
    world.github.answers = [Unclear("502")]
    message = said(order())
    await world.later(message)
    made = world.github.make(environment="PRODUCTION")
    world.clock.advance(seconds(30))
    await world.deliver(message)
    (created,) = await world.heard(GitHubDeploymentCreated)
    assert created.github_deployment_id == made.id
    assert list(world.github.deployments) == [made.id]


async def test_an_attempt_is_settled_when_its_repository_is_seen_again(
    world: World,
) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    message = said(order())
    await world.later(message)
    world.github.gone = True
    world.clock.advance(seconds(30))
    assert await world.later(message) == timedelta(minutes=1)
    world.github.gone = False
    await world.deliver(message)
    assert len(await world.heard(GitHubDeploymentCreated)) == 1
    assert not await world.heard(GitHubDeploymentRefused)


async def test_a_ref_that_is_sent_by_name_is_stopped_if_it_has_moved(
    world: World,
) -> None:
    named = order(config=order().config.model_copy(update={"ref_at_github": "name"}))
    world.github.answers = [Unclear("502")]
    message = said(named)
    await world.later(message)
    world.github.make(sha="d" * 40)
    world.clock.advance(seconds(30))
    await world.deliver(message)
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert canceled.code == "sha_mismatch"
    assert world.github.errors == {42: ID}


async def test_another_commit_at_github_is_stopped(world: World) -> None:
    world.github.answers = [at_github(sha="d" * 40)]
    await world.tell(order())
    (canceled,) = await world.heard(GitHubDeploymentCanceled)
    assert (canceled.code, canceled.github_deployment_id) == ("sha_mismatch", 42)
    assert world.github.errors == {42: ID}


def locate_together(world: World) -> None:
    """Let both of two replicas come as far as their attempts before one goes on."""
    both = asyncio.Barrier(2)

    async def located_together(
        repository: Repository, known_at: datetime
    ) -> Repository:
        await both.wait()
        return repository

    world.github.locate = located_together  # type: ignore[method-assign]


async def test_of_two_replicas_that_would_begin_at_once_one_sends(
    world: World,
) -> None:
    locate_together(world)
    world.github.answers = [Unclear("502")]
    message = said(order())
    replicas = world.dispatcher, Dispatcher(world.store, world.github)
    results = await asyncio.gather(
        *(replica.take(message) for replica in replicas), return_exceptions=True
    )
    assert world.github.calls == ["create at octo/shop"]
    assert all(isinstance(result, Retry) for result in results)
    assert world.github.reserved == 0


async def test_who_waited_sees_what_another_replica_has_done(world: World) -> None:
    world.github.answers, world.github.secretly = [Unclear("502")], True
    message = said(order())
    await world.later(message)
    other = Dispatcher(world.store, world.github)
    with pytest.raises(Retry):
        await other.take(message)
    await world.tell(seen())
    await other.take(message)
    assert world.github.calls == ["create at octo/shop", "read 42"]


# -- statuses that people want -------------------------------------------------------


async def test_a_status_is_posted_under_the_name_that_the_repository_has_now(
    world: World,
) -> None:
    world.github.name = "octo/market"
    message = said(wish())
    await world.deliver(message)
    await world.deliver(message)
    (posted,) = await world.heard(RemoteStatusPosted)
    assert posted.command_id == wish().command_id
    assert world.github.statuses == {posted.github_status_id: wish()}
    assert world.github.calls == ["locate", "post in_progress at octo/market"]


async def test_who_asks_for_a_status_again_is_told_again(world: World) -> None:
    message = said(wish())
    await world.deliver(message)
    await world.deliver(replace(message, asked=True))
    (again,) = world.store.repeats()
    assert isinstance(again.data, RemoteStatusPosted)


async def test_a_status_whose_answer_was_lost_is_looked_up_before_a_repeat(
    world: World,
) -> None:
    world.github.status_answers, world.github.secretly = [Unclear("502")], True
    message = said(wish())
    assert await world.later(message) == seconds(10)
    world.clock.advance(seconds(30))
    await world.deliver(message)
    assert len(world.github.statuses) == 1
    assert await world.heard(RemoteStatusPosted)


async def test_an_older_status_that_reads_alike_is_not_taken_for_it(
    world: World,
) -> None:
    older = world.github.make_status(wish())
    world.clock.advance(timedelta(minutes=5))
    world.github.status_answers = [Unclear("timeout")]
    message = said(wish(), time=world.clock())
    await world.later(message)
    world.clock.advance(seconds(30))
    await world.deliver(message)
    (posted,) = await world.heard(RemoteStatusPosted)
    assert posted.github_status_id != older.id


async def test_statuses_go_out_in_the_order_in_which_they_were_wanted(
    world: World,
) -> None:
    world.github.status_answers = [NotNow("unreachable", "No.")]
    await world.later(said(wish(1), revision=2))
    last = said(wish(2, state="success"), revision=3)
    assert await world.later(last) == seconds(10)
    world.clock.advance(seconds(10))
    await world.deliver(last)
    assert [w.state for w in world.github.statuses.values()] == [
        "in_progress",
        "success",
    ]
    assert len(await world.heard(RemoteStatusPosted)) == 2


@pytest.mark.parametrize(
    ("answer", "lost", "code"),
    [
        (NotNow("bad_credentials", "No."), False, "stale"),
        (Unclear("timeout"), True, "github_unavailable"),
    ],
)
async def test_a_status_that_is_no_longer_so_is_not_posted(
    world: World, answer: NotNow | Unclear, lost: bool, code: str
) -> None:
    world.github.status_answers = [answer]
    message = said(wish())
    await world.later(message)
    world.clock.advance(timedelta(minutes=15))
    await world.deliver(message)
    (refused,) = await world.heard(RemoteStatusRefused)
    assert refused.code == code
    assert refused.message.endswith("post it again.")
    assert world.github.statuses == {}
    assert ("find status" in world.github.calls) == lost


async def test_githubs_no_to_a_status_is_the_answer(world: World) -> None:
    world.github.status_answers = [Refusal("invalid", "GitHub does not accept it.")]
    await world.tell(wish())
    (refused,) = await world.heard(RemoteStatusRefused)
    assert (refused.code, refused.message) == ("invalid", "GitHub does not accept it.")


async def test_a_status_in_a_repository_that_is_gone_is_refused(world: World) -> None:
    world.github.status_answers = [Unclear("502")]
    lost = said(wish(1))
    await world.later(lost)
    world.github.gone = True
    world.clock.advance(seconds(30))
    await world.deliver(lost)
    await world.tell(wish(2))
    refused = await world.heard(RemoteStatusRefused)
    assert [r.code for r in refused] == ["repository_gone", "repository_gone"]


async def test_no_status_is_begun_without_a_write_for_it(world: World) -> None:
    world.github.full_until = T0 + seconds(2)
    message = said(wish())
    assert await world.later(message) == seconds(1)
    world.clock.advance(seconds(2))
    await world.deliver(message)
    assert world.github.reserved == 0
    assert await world.heard(RemoteStatusPosted)


async def test_of_two_replicas_that_would_post_at_once_one_does(world: World) -> None:
    locate_together(world)
    world.github.status_answers = [Unclear("502")]
    message = said(wish())
    replicas = world.dispatcher, Dispatcher(world.store, world.github)
    await asyncio.gather(
        *(replica.take_status(message) for replica in replicas), return_exceptions=True
    )
    assert world.github.calls == ["post in_progress at octo/shop"]
    assert world.github.reserved == 0


# -- the webhook -------------------------------------------------------------------


async def test_a_repository_is_activated_once_per_command(world: World) -> None:
    message = said(activation())
    await world.deliver(message)
    await world.deliver(message)
    (activated,) = await world.heard(RepositoryActivated)
    assert (activated.webhook_id, activated.command_id) == (5, activation().command_id)
    assert world.github.calls == ["ensure hook"]


async def test_without_the_right_activation_is_refused(world: World) -> None:
    world.github.hook_refusal = Refusal("forbidden", "Give it the right.")
    await world.tell(activation())
    (refused,) = await world.heard(RepositoryActivationRefused)
    assert refused.code == "forbidden"


async def test_while_github_is_away_activation_waits(world: World) -> None:
    world.github.away = True
    message = said(activation())
    assert await world.later(message) == seconds(10)
    world.github.away = False
    await world.deliver(message)
    assert await world.heard(RepositoryActivated)


async def test_a_repository_is_deactivated(world: World) -> None:
    await world.tell(activation(1))
    world.clock.advance(seconds(1))
    await world.tell(deactivation(2))
    assert world.github.hook is None
    assert await world.heard(RepositoryDeactivated)


async def test_an_older_activation_does_not_undo_a_newer_command(world: World) -> None:
    older = said(activation(1), time=T0 + seconds(1), revision=1)
    await world.deliver(said(deactivation(2), time=T0, revision=2))
    await world.deliver(older)
    assert world.github.hook is None
    (refused,) = await world.heard(RepositoryActivationRefused)
    assert refused.code == "superseded"
    assert refused.message == "A newer command has deactivated it."


async def test_after_an_older_deactivation_the_newer_answer_is_last(
    world: World,
) -> None:
    older = said(deactivation(2), time=T0 + seconds(1), revision=1)
    await world.deliver(said(activation(1), time=T0, revision=2))
    await world.deliver(older)
    log = await world.store.log(0)
    assert isinstance(log[-1].message.data, RepositoryActivated)
    assert isinstance(log[-2].message.data, RepositoryDeactivated)
    assert world.github.hook
